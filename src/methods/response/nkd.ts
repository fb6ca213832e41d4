import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { oneHot } from '../math.ts';
import { defineMethod } from '../method.ts';
import { nonTargetLog } from './non-target.ts';
import { temperature } from './temperature.ts';

/**
 * Normalised distillation: a soft cross-entropy on the label, and one on the other classes renormalised among themselves.
 *
 *     p = softmax(z),  p̂ = softmax(z / T) over k ≠ y                       z: [batch, classes]
 *     L = −1/N · Σₙ t_y · log s_y − γ · T² · 1/N · Σₙ Σ_{k≠y} t̂_k · log ŝ_k
 *
 * A cross-entropy, not a divergence: not zero where both agree. Source: Yang et al. 2023, equation 7; the label's part is
 * at temperature 1.
 */
export const nkd = defineMethod({
  name: 'nkd',
  title: 'Normalised knowledge distillation',
  knowledge: 'response',
  summary: 'Soft cross-entropy on the label and on the renormalised other classes (Yang 2023).',
  formula: [
    'p̂ = softmax(z / T) over k ≠ y',
    'L = −1/N · Σₙ t_y · log s_y − γ · T² · 1/N · Σₙ Σ_{k≠y} t̂_k · log ŝ_k',
  ].join('\n'),
  papers: [
    {
      title:
        'From Knowledge Distillation to Self-Knowledge Distillation: A Unified Approach with Normalized Loss and Customized Soft Labels',
      authors: 'Yang, Zeng, Li, Zhang, Yuan, Li',
      where: 'ICCV 2023',
      arxiv: '2303.13005',
    },
  ],
  parameters: object(
    {
      temperature: temperature(
        1,
        'cls_KD, ImageNet (its CIFAR-100 recipe uses 3)',
        'Softens the distributions over the other classes; the label’s part stays at 1.',
      ),
      gamma: number({
        doc: 'Weight γ of the part over the other classes.',
        default: 1.5,
        minimum: 0,
        schedulable: true,
        source: 'cls_KD, ImageNet (its CIFAR-100 recipe uses 3.5)',
      }),
    },
    { doc: 'Settings of the normalised loss.' },
  ),
  defaultWeight: { value: 1, source: 'Yang et al. 2023' },
  hardLabelWeight: { value: 1, source: 'Yang et al. 2023' },
  needs: { logits: true, labels: true },
  fixtures: [
    {
      method: 'nkd',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      labels: 'labels',
      parameters: { temperature: 'temperature', gamma: 'gamma' },
    },
  ],
  loss(ops, { student, teacher, labels, parameters: { temperature, gamma } }) {
    const targets = oneHot(ops, labels, student.logits.shape[1]);
    const ofLabel = (x: tf.Tensor) => ops.sum(ops.mul(x, targets), 1);
    const target = ops.mean(
      ops.mul(ofLabel(ops.softmax(teacher.logits)), ofLabel(ops.logSoftmax(student.logits))),
    );
    const others = (logits: tf.Tensor2D) => nonTargetLog(ops, ops.div(logits, temperature), targets);
    const weights = ops.mul(ops.exp(others(teacher.logits)), ops.sub(1, targets));
    const nonTarget = ops.mean(ops.sum(ops.mul(weights, others(student.logits)), 1));
    const scaled = ops.mul(ops.mul(gamma, ops.square(temperature)), nonTarget);
    return ops.neg(ops.add<tf.Scalar>(target, scaled));
  },
});
