import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { defineMethod } from '../method.ts';

/**
 * Discrepancy of logits: the mean absolute difference, which does not fade as the two come close.
 *
 *     L = 1/(N·K) · Σₙ Σₖ |z_s − z_t|                    z: [batch, classes], N: batch, K: classes
 *
 * What the student minimises in data-free adversarial distillation, where a generator maximises it. Source: Fang et al. 2019.
 */
export const logitsL1 = defineMethod({
  name: 'logitsL1',
  title: 'Discrepancy of logits',
  knowledge: 'response',
  summary: 'Match raw logits by mean absolute difference (Fang 2019).',
  formula: 'L = 1/(N·K) · Σₙ Σₖ |z_student − z_teacher|',
  papers: [
    {
      title: 'Data-Free Adversarial Distillation',
      authors: 'Fang, Song, Shen, Wang, Chen, Song',
      where: '2019',
      arxiv: '1912.11006',
    },
  ],
  parameters: object({}, { doc: 'The discrepancy has no settings of its own.' }),
  defaultWeight: { value: 1, source: 'Fang et al. 2019: the student trains on this loss alone' },
  hardLabelWeight: { value: 0, source: 'Fang et al. 2019: the student trains on this loss alone' },
  needs: { logits: true },
  withoutClasses: () => true,
  fixtures: [
    { method: 'dfad', student: { logits: 'logits_student' }, teacher: { logits: 'logits_teacher' } },
  ],
  loss(ops, { student, teacher }) {
    return ops.mean<tf.Scalar>(ops.abs(ops.sub(student.logits, teacher.logits)));
  },
});
