import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { crossEntropies, divergence, softenedLog } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';
import { temperature } from './temperature.ts';

/**
 * Spherical distillation: the student's logits take the teacher's spread before they are compared.
 *
 *     s' = s · std(t) / std(s), row by row, std with n − 1                    s, t: [batch, classes]
 *     L  = α · T² · KL(softmax(t / T) ‖ softmax(s' / T)) + (1 − α) · CE(s', y)
 *
 * Gradients flow through the student's spread. Source: Guo et al. 2020, in the form of the authors' code, which also takes
 * the cross-entropy of the rescaled logits.
 */
export const skdSpherical = defineMethod({
  name: 'skdSpherical',
  title: 'Spherical knowledge distillation',
  knowledge: 'response',
  summary: 'Give the student’s logits the teacher’s spread, then match (Guo 2020).',
  formula: [
    's′ = s · std(t) / std(s)',
    'L = α · T² · KL(softmax(t / T) ‖ softmax(s′ / T)) + (1 − α) · CE(s′, y)',
  ].join('\n'),
  papers: [
    {
      title: 'Spherical Knowledge Distillation',
      authors: 'Guo, Chen, Hu, Zhu, He, Cai',
      where: 'arXiv 2020',
      arxiv: '2010.07485',
    },
  ],
  parameters: object(
    {
      temperature: temperature(4, "the authors' code"),
      alpha: number({
        doc: 'Share α of the soft part; the rest goes to the hard labels on the rescaled logits.',
        default: 0.9,
        minimum: 0,
        maximum: 1,
        schedulable: true,
        source: "the authors' code",
      }),
    },
    { doc: 'Settings of spherical distillation.' },
  ),
  defaultWeight: { value: 1, source: 'the authors’ code' },
  hardLabelWeight: { value: 0, source: 'the authors’ code: the term has its own' },
  needs: { logits: true, labels: true },
  fixtures: [
    {
      method: 'skd_spherical',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      labels: 'labels',
      parameters: { temperature: 'temperature', alpha: 'alpha' },
    },
  ],
  loss(ops, { student, teacher, labels, parameters: { temperature, alpha } }) {
    const ratio = ops.div(spread(ops, teacher.logits), spread(ops, student.logits));
    const rescaled: tf.Tensor2D = ops.mul(student.logits, ratio);
    const soft = ops.mul(
      ops.square(temperature),
      divergence(ops, softenedLog(ops, teacher.logits, temperature), softenedLog(ops, rescaled, temperature)),
    );
    const hard = ops.mean(crossEntropies(ops, rescaled, labels));
    return ops.add(ops.mul(alpha, soft), ops.mul(ops.sub(1, alpha), hard));
  },
});

/** Standard deviation of each row with n − 1, kept as `[batch, 1]`; a row of equal logits counts as 10⁻¹². */
function spread(ops: Ops, logits: tf.Tensor2D): tf.Tensor2D {
  const centred = ops.sub(logits, ops.mean(logits, 1, true));
  const variance = ops.div(ops.sum(ops.square(centred), 1, true), Math.max(1, logits.shape[1] - 1));
  return ops.sqrt(ops.maximum(variance, 1e-24));
}
