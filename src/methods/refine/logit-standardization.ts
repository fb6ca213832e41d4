import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import type { Ops } from '../method.ts';
import { defineRefiner } from '../refiner.ts';

/** Keeps rows of equal logits finite, as in the authors' code. */
const EPSILON = 1e-7;
/** Keeps the derivative of the root finite at such rows. */
const SMALLEST_VARIANCE = 1e-24;

/**
 * Logit standardisation: the student shall learn how logits relate, not how large they are.
 *
 *     Z(z) = (z − mean_k z) / (10⁻⁷ + std_k z)                    z: [batch, classes]; std with K − 1
 *
 * for both sides; the temperature of the term divides Z. The gradient flows through the student's mean and deviation. The
 * cross-entropy with the labels sees z itself. Source: Sun et al. 2024, section 4, in the form of the authors' code.
 */
export const logitStandardization = defineRefiner({
  name: 'logitStandardization',
  title: 'Logit standardisation',
  summary: 'Centre the logits of both sides and divide them by their deviation (Sun 2024).',
  formula: 'Z(z) = (z − mean_k z) / (10⁻⁷ + std_k z), for the teacher and for the student',
  papers: [
    {
      title: 'Logit Standardization in Knowledge Distillation',
      authors: 'Sun, Ren, Li, Wang, Cao',
      where: 'CVPR 2024',
      arxiv: '2403.01427',
    },
  ],
  parameters: object({}, { doc: 'Standardisation has no settings of its own.' }),
  changes: 'logits',
  notes: [
    'The recipes take a temperature of 2 and a weight of 9 for kd, and weights α and β nine times as large for dkd, with hard labels at 0.1.',
    'A single class has no deviation: two or more are needed.',
  ],
  fixtures: [
    {
      term: 'kd',
      method: 'logit_std_kd',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      parameters: { temperature: 'temperature' },
    },
    {
      term: 'dkd',
      method: 'logit_std_dkd',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      labels: 'labels',
      parameters: { temperature: 'temperature', alpha: 'alpha', beta: 'beta' },
    },
  ],
  refine: (ops, { student, teacher }) => ({
    student: { ...student, logits: standardized(ops, student.logits) },
    teacher: { ...teacher, logits: standardized(ops, teacher.logits) },
  }),
});

function standardized(ops: Ops, logits: tf.Tensor2D): tf.Tensor2D {
  const centred = ops.sub<tf.Tensor2D>(logits, ops.mean(logits, 1, true));
  const variance = ops.div(ops.sum(ops.square(centred), 1, true), logits.shape[1] - 1);
  return ops.div(centred, ops.add(EPSILON, ops.sqrt(ops.maximum(variance, SMALLEST_VARIANCE))));
}
