import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { defineMethod } from '../method.ts';

/**
 * Logit regression: the student's logits follow the teacher's.
 *
 *     L = 1/(N·K) · Σₙ Σₖ (z_s − z_t)²              z: [batch, classes]
 *
 * Source: Ba and Caruana 2014, equation 1 (there ½ of the sum over classes); the mean over all elements is the form of
 * the public code.
 */
export const logitsMse = defineMethod({
  name: 'logitsMse',
  title: 'Logit regression',
  knowledge: 'response',
  summary: 'Match raw logits by mean squared error (Ba and Caruana 2014).',
  formula: 'L = 1/(N·K) · Σₙ Σₖ (z_student − z_teacher)²',
  papers: [
    {
      title: 'Do Deep Nets Really Need to be Deep?',
      authors: 'Ba, Caruana',
      where: 'NIPS 2014',
      arxiv: '1312.6184',
    },
  ],
  parameters: object({}, { doc: 'Logit regression has no settings of its own.' }),
  defaultWeight: { value: 1, source: 'inferred: the paper trains on this loss alone' },
  hardLabelWeight: { value: 0, source: 'inferred: the paper trains on this loss alone' },
  needs: { logits: true },
  withoutClasses: () => true,
  fixtures: [
    { method: 'logits_mse', student: { logits: 'logits_student' }, teacher: { logits: 'logits_teacher' } },
  ],
  loss(ops, { student, teacher }) {
    return ops.mean<tf.Scalar>(ops.squaredDifference(student.logits, teacher.logits));
  },
});
