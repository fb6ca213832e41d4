import { object } from '../../schema/field.ts';
import { divergence, softenedLog } from '../math.ts';
import { defineMethod } from '../method.ts';
import { temperature } from '../response/temperature.ts';

/**
 * Snapshot distillation: the network as it was at the end of the last cycle teaches it in this one.
 *
 *     L = 1/N · Σₙ KL(softmax(z_t / T) ‖ softmax(z_s))                 z: [batch, classes]
 *
 * The teacher alone is softened: what it learned is not to be copied as it is. The first cycle has no teacher. Source:
 * Yang et al. 2019, section 3.3; not compared with code, none is public, and weight and temperature are *inferred*.
 */
export const snapshot = defineMethod({
  name: 'snapshot',
  title: 'Snapshot distillation',
  knowledge: 'response',
  summary: 'The network’s own earlier snapshot, softened, teaches it (Yang 2019).',
  formula: 'L = 1/N · Σₙ KL(softmax(z_teacher / T) ‖ softmax(z_student))',
  papers: [
    {
      title: 'Snapshot Distillation: Teacher-Student Optimization in One Generation',
      authors: 'Yang, Xie, Su, Yuille',
      where: 'CVPR 2019',
      arxiv: '1812.00123',
    },
  ],
  parameters: object(
    { temperature: temperature(2, 'inferred: above 1, as section 3.3 asks', 'Softens the teacher alone.') },
    { doc: 'Settings of the snapshot’s answers.' },
  ),
  defaultWeight: { value: 1, source: 'inferred: labels and teacher alike' },
  hardLabelWeight: { value: 1, source: 'inferred: labels and teacher alike' },
  needs: { logits: true },
  notes: [
    'At a temperature above 1 the loss is not 0 where student and teacher agree, and pulls the student to be less sure.',
  ],
  fixtures: [],
  loss(ops, { student, teacher, parameters: { temperature } }) {
    return divergence(ops, softenedLog(ops, teacher.logits, temperature), ops.logSoftmax(student.logits));
  },
});
