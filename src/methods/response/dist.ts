import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { norm } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';
import { temperature } from './temperature.ts';

/** Added to the product of norms, as in the reference code. */
const EPSILON = 1e-8;

/**
 * DIST: the student keeps the teacher's correlations, within each sample over classes and within each class over samples.
 *
 *     ρ(u, v) = ⟨u − ū, v − v̄⟩ / (‖u − ū‖ · ‖v − v̄‖ + 10⁻⁸)
 *     L = β · T² · (1 − 1/N · Σₙ ρ(sₙ, tₙ)) + γ · T² · (1 − 1/K · Σₖ ρ(s₍:,ₖ₎, t₍:,ₖ₎))     s, t = softmax(z / T): [batch, classes]
 *
 * Source: Huang et al. 2022, equations 6 to 9. With one sample a column has no variance and the second part is γ·T².
 */
export const dist = defineMethod({
  name: 'dist',
  title: 'DIST: relations between and within classes',
  knowledge: 'response',
  summary: 'Match correlations of the probabilities over classes and over samples (Huang 2022).',
  formula: [
    'ρ(u, v) = ⟨u − ū, v − v̄⟩ / (‖u − ū‖ · ‖v − v̄‖ + 10⁻⁸)',
    'L = β · T² · (1 − mean over samples of ρ(rows)) + γ · T² · (1 − mean over classes of ρ(columns))',
  ].join('\n'),
  papers: [
    {
      title: 'Knowledge Distillation from A Stronger Teacher',
      authors: 'Huang, You, Wang, Qian, Xu',
      where: 'NeurIPS 2022',
      arxiv: '2205.10536',
    },
  ],
  parameters: object(
    {
      temperature: temperature(4, 'Huang et al. 2022, CIFAR-100 (1 on ImageNet)'),
      beta: number({
        doc: 'Weight β of the relations over classes.',
        default: 1,
        minimum: 0,
        schedulable: true,
        source: 'Huang et al. 2022, CIFAR-100',
      }),
      gamma: number({
        doc: 'Weight γ of the relations over samples; wants a batch that is not small.',
        default: 1,
        minimum: 0,
        schedulable: true,
        source: 'Huang et al. 2022, CIFAR-100',
      }),
    },
    { doc: 'Settings of DIST.' },
  ),
  defaultWeight: { value: 2, source: 'Huang et al. 2022, CIFAR-100 and ImageNet' },
  hardLabelWeight: { value: 1, source: 'Huang et al. 2022' },
  needs: { logits: true },
  fixtures: [
    {
      method: 'dist',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      parameters: { temperature: 'tau', beta: 'beta', gamma: 'gamma' },
    },
  ],
  loss(ops, { student, teacher, parameters: { temperature, beta, gamma } }) {
    const s = ops.softmax(ops.div<tf.Tensor2D>(student.logits, temperature));
    const t = ops.softmax(ops.div<tf.Tensor2D>(teacher.logits, temperature));
    const between = ops.sub(1, ops.mean(correlations(ops, s, t, 1)));
    const within = ops.sub(1, ops.mean(correlations(ops, s, t, 0)));
    const sum = ops.add(ops.mul(beta, between), ops.mul(gamma, within));
    return ops.mul(ops.square(temperature), sum);
  },
});

/** Pearson's correlation along an axis. */
function correlations(ops: Ops, a: tf.Tensor2D, b: tf.Tensor2D, axis: number): tf.Tensor {
  const centredA = ops.sub(a, ops.mean(a, axis, true));
  const centredB = ops.sub(b, ops.mean(b, axis, true));
  const norms = ops.mul(norm(ops, centredA, axis), norm(ops, centredB, axis));
  return ops.div(ops.sum(ops.mul(centredA, centredB), axis, true), ops.add(norms, EPSILON));
}
