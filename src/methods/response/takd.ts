import { object } from '../../schema/field.ts';
import { defineMethod } from '../method.ts';
import { elementSoftTargets } from './element-divergence.ts';
import { temperature } from './temperature.ts';

/**
 * One hop of a chain of teacher assistants: teacher to assistant, assistant to student.
 *
 *     L = T² · 1/(N·K) · Σₙ Σₖ pᵀ_t (log pᵀ_t − log pᵀ_s),  pᵀ = softmax(z / T)           z: [batch, classes]
 *
 * kd with the mean over classes too, as the authors' code takes it. Source: Mirzadeh et al. 2020, section 3.
 */
export const takd = defineMethod({
  name: 'takd',
  title: 'Teacher-assistant distillation',
  knowledge: 'response',
  summary: 'One hop of a chain from a large teacher over assistants to the student (Mirzadeh 2020).',
  formula: 'L = T² · 1/(N·K) · Σₙ Σₖ pᵀ_teacher (log pᵀ_teacher − log pᵀ_student),  pᵀ = softmax(z / T)',
  papers: [
    {
      title: 'Improved Knowledge Distillation via Teacher Assistant',
      authors: 'Mirzadeh, Farajtabar, Li, Levine, Matsukawa, Ghasemzadeh',
      where: 'AAAI 2020',
      arxiv: '1902.03393',
    },
  ],
  parameters: object(
    { temperature: temperature(5, 'inferred: within the authors’ search, 1 to 20') },
    { doc: 'Settings of a hop.' },
  ),
  defaultWeight: { value: 0.5, source: 'inferred: the middle of the authors’ search, 0.05 to 1' },
  hardLabelWeight: { value: 0.5, source: 'Mirzadeh et al. 2020, equation 3: one minus the term’s weight' },
  needs: { logits: true },
  notes: [
    'A mean over classes too, so the term is as many times smaller than kd as there are classes.',
    'With one hop it is distillation from the teacher; the chain is a matter of phases.',
  ],
  fixtures: [
    {
      method: 'takd',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      labels: 'labels',
      parameters: { temperature: 'temperature' },
      weight: 'lambda',
      hardLabelWeight: (given) => 1 - Number(given['lambda']),
    },
  ],
  loss(ops, { student, teacher, parameters: { temperature } }) {
    return elementSoftTargets(ops, student.logits, teacher.logits, temperature);
  },
});
