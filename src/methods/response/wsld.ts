import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { crossEntropies, softenedLog, detached } from '../math.ts';
import { defineMethod } from '../method.ts';
import { temperature } from './temperature.ts';

/** Keeps the ratio of losses finite where the teacher is certain and right. */
const EPSILON = 1e-7;

/**
 * Weighted soft labels: soft targets count where the teacher does better than the student.
 *
 *     wₙ = 1 − exp(−CE_s / (CE_t + 10⁻⁷)),  a constant          CE: cross-entropy of each sample with its label
 *     L  = T² · 1/N · Σₙ wₙ · H(pᵀ_t, pᵀ_s)                     z: [batch, classes], pᵀ = softmax(z / T)
 *
 * Source: Zhou et al. 2021, equation 12; the reference code's α = 2.25 is the weight of the term.
 */
export const wsld = defineMethod({
  name: 'wsld',
  title: 'Weighted soft label distillation',
  knowledge: 'response',
  summary: 'Weigh each sample’s soft target by how much better the teacher does on it (Zhou 2021).',
  formula: [
    'wₙ = 1 − exp(−CE_student / (CE_teacher + 10⁻⁷))',
    'L = T² · 1/N · Σₙ wₙ · H(pᵀ_teacher, pᵀ_student)',
  ].join('\n'),
  papers: [
    {
      title: 'Rethinking Soft Labels for Knowledge Distillation: A Bias-Variance Tradeoff Perspective',
      authors: 'Zhou, Song, Chen, Zhou, Wang, Yuan, Zhang',
      where: 'ICLR 2021',
      arxiv: '2102.00650',
    },
  ],
  parameters: object(
    {
      temperature: temperature(4, 'Zhou et al. 2021; cls_KD'),
    },
    { doc: 'Settings of the weighted soft labels.' },
  ),
  defaultWeight: { value: 2.25, source: 'Zhou et al. 2021 and cls_KD: alpha' },
  hardLabelWeight: { value: 1, source: 'Zhou et al. 2021 and cls_KD' },
  needs: { logits: true, labels: true },
  fixtures: [
    {
      method: 'wsld',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      labels: 'labels',
      parameters: { temperature: 'temperature' },
      weight: 'alpha',
    },
  ],
  loss(ops, { student, teacher, labels, parameters: { temperature } }) {
    const weights = detached(ops, [student.logits, teacher.logits], (s, t) => {
      const ofTeacher = ops.add(crossEntropies(ops, t as tf.Tensor2D, labels), EPSILON);
      return ops.sub(1, ops.exp(ops.neg(ops.div(crossEntropies(ops, s as tf.Tensor2D, labels), ofTeacher))));
    });
    const targets = ops.exp(softenedLog(ops, teacher.logits, temperature));
    const entropies = ops.neg(ops.sum(ops.mul(targets, softenedLog(ops, student.logits, temperature)), 1));
    return ops.mul(ops.square(temperature), ops.mean<tf.Scalar>(ops.mul(weights, entropies)));
  },
});
