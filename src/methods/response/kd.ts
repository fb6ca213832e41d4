import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { defineMethod } from '../method.ts';
import { temperature } from './temperature.ts';

/**
 * Soft targets: the student learns the teacher's softened class probabilities.
 *
 *     pᵀ = softmax(z / T)                                 z: [batch, classes]
 *     L  = T² · 1/N · Σₙ Σₖ pᵀ_t (log pᵀ_t − log pᵀ_s)    in nats
 *
 * T² keeps the size of the gradient independent of the temperature. Source: Hinton, Vinyals, Dean 2015, section 2;
 * divided by the batch alone, not by batch times classes.
 */
export const kd = defineMethod({
  name: 'kd',
  title: 'Knowledge distillation with soft targets',
  knowledge: 'response',
  summary: "Match the teacher's softened class probabilities (Hinton 2015).",
  formula: [
    'pᵀ = softmax(z / T)',
    'L = T² · 1/N · Σₙ Σₖ pᵀ_teacher · (log pᵀ_teacher − log pᵀ_student)',
  ].join('\n'),
  papers: [
    {
      title: 'Distilling the Knowledge in a Neural Network',
      authors: 'Hinton, Vinyals, Dean',
      where: 'NIPS 2014 Deep Learning Workshop',
      arxiv: '1503.02531',
    },
  ],
  parameters: object(
    {
      temperature: temperature(
        4,
        'RepDistiller and mdistiller, CIFAR-100 recipes',
        'Softens both distributions. Higher values show more of how the teacher ranks the wrong classes.',
      ),
    },
    { doc: 'Settings of the soft-target loss.' },
  ),
  defaultWeight: {
    value: 0.9,
    source: 'RepDistiller and mdistiller, CIFAR-100 recipes (with hard labels at 0.1)',
  },
  needs: { logits: true },
  fixtures: [
    {
      method: 'kd',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      labels: 'labels',
      parameters: { temperature: 'temperature' },
    },
  ],
  loss(ops, { student, teacher, parameters: { temperature } }) {
    const logStudent = ops.logSoftmax(ops.div(student.logits, temperature));
    const logTeacher = ops.logSoftmax(ops.div(teacher.logits, temperature));
    const divergence = ops.sum(ops.mul(ops.exp(logTeacher), ops.sub(logTeacher, logStudent)), -1);
    return ops.mul(ops.square(temperature), ops.mean<tf.Scalar>(divergence));
  },
});
