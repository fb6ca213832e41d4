import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { divergence, oneHot, softenedLog } from '../math.ts';
import { defineMethod } from '../method.ts';
import { nonTargetLog, nonTargetMass } from './non-target.ts';
import { temperature } from './temperature.ts';

/**
 * Decoupled distillation: how sure the teacher is of the label, and how it ranks the other classes, weighted apart.
 *
 *     pᵀ   = softmax(z / T),  b = [pᵀ_y, 1 − pᵀ_y],  p̂ = softmax over k ≠ y       z: [batch, classes]
 *     TCKD = T² · 1/N · Σₙ KL(b_t ‖ b_s)
 *     NCKD = T² · 1/N · Σₙ KL(p̂_t ‖ p̂_s)
 *     L    = α · TCKD + β · NCKD
 *
 * Source: Zhao et al. 2022, equations 4 to 7. The sum over the other classes is taken by log-sum-exp, where the reference
 * code sums probabilities and overflows for large logits.
 */
export const dkd = defineMethod({
  name: 'dkd',
  title: 'Decoupled knowledge distillation',
  knowledge: 'response',
  summary: 'Weigh the teacher’s certainty and its ranking of the other classes apart (Zhao 2022).',
  formula: [
    'pᵀ = softmax(z / T),  b = [pᵀ_y, 1 − pᵀ_y],  p̂ = softmax over k ≠ y',
    'TCKD = T² · 1/N · Σₙ KL(b_teacher ‖ b_student)',
    'NCKD = T² · 1/N · Σₙ KL(p̂_teacher ‖ p̂_student)',
    'L = α · TCKD + β · NCKD',
  ].join('\n'),
  papers: [
    {
      title: 'Decoupled Knowledge Distillation',
      authors: 'Zhao, Cui, Song, Qiu, Liang',
      where: 'CVPR 2022',
      arxiv: '2203.08679',
    },
  ],
  parameters: object(
    {
      temperature: temperature(4, 'mdistiller, CIFAR-100 recipes'),
      alpha: number({
        doc: 'Weight α of the target-class part.',
        default: 1,
        minimum: 0,
        schedulable: true,
        source: 'Zhao et al. 2022, section 4; mdistiller',
      }),
      beta: number({
        doc: 'Weight β of the part over the other classes; larger where the teacher is sure.',
        default: 8,
        minimum: 0,
        schedulable: true,
        source: 'mdistiller: 8 for ResNet-32x4 to ResNet-8x4, 6 for WRN pairs, 2 for ResNet-56 to ResNet-20',
      }),
    },
    { doc: 'Settings of the decoupled loss.' },
  ),
  defaultWeight: { value: 1, source: 'mdistiller, CIFAR-100 recipes' },
  hardLabelWeight: { value: 1, source: 'mdistiller, CIFAR-100 recipes' },
  needs: { logits: true, labels: true },
  notes: [
    'The recipes warm the weight up over 20 epochs: `weight: { linear: { from: 0, to: 1, over: { epochs: 20 } } }`.',
  ],
  fixtures: [
    {
      method: 'dkd',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      labels: 'labels',
      parameters: { temperature: 'temperature', alpha: 'alpha', beta: 'beta' },
    },
  ],
  loss(ops, { student, teacher, labels, parameters: { temperature, alpha, beta } }) {
    const targets = oneHot(ops, labels, student.logits.shape[1]);
    /** Log-probabilities of the label and of all others together: `[batch, 2]`. */
    const binary = (logits: tf.Tensor2D) => {
      const log = softenedLog(ops, logits, temperature);
      return ops.stack([ops.sum(ops.mul(log, targets), 1), nonTargetMass(ops, log, targets)], 1);
    };
    const others = (logits: tf.Tensor2D) => nonTargetLog(ops, ops.div(logits, temperature), targets);
    const tckd = divergence(ops, binary(teacher.logits), binary(student.logits));
    const [t, s] = [others(teacher.logits), others(student.logits)];
    const nckd = ops.mean(ops.sum(ops.mul(ops.mul(ops.exp(t), ops.sub(1, targets)), ops.sub(t, s)), 1));
    const sum = ops.add(ops.mul(alpha, tckd), ops.mul(beta, nckd));
    return ops.mul(ops.square(temperature), sum);
  },
});
