import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { inverse } from '../linear-algebra.ts';
import { divergence, softenedLog, unit } from '../math.ts';
import { defineMethod } from '../method.ts';
import { temperature } from './temperature.ts';

/**
 * Streamlined distillation: soft targets, and a Mahalanobis distance of how samples lie to one another.
 *
 *     instance  = 1/N · Σₙ KL(softmax(t / T) ‖ softmax(s / T))                      s, t: [batch, classes]
 *     D         = ŝŝᵀ − t̂t̂ᵀ,  ŝ, t̂: rows of length 1                               [batch, batch]
 *     direction = 1/N · Σᵢ √(Dᵢᵀ (cov D + λI)⁻¹ Dᵢ),  cov over rows with n − 1
 *     L         = instance + direction
 *
 * Without the factor T². Source: torchdistill's `SKDInstanceLoss` and `SKDDirectionLoss`, a third party's version of the
 * paper (the authors published no code).
 */
export const skdStreamlined = defineMethod({
  name: 'skdStreamlined',
  title: 'Streamlined distillation',
  knowledge: 'response',
  summary: 'Soft targets and the whitened difference of cosine matrices of the batch (Jeong 2026).',
  formula: [
    'instance = 1/N · Σₙ KL(softmax(t / T) ‖ softmax(s / T))',
    'D = cosines of the student’s logits − cosines of the teacher’s',
    'direction = 1/N · Σᵢ √(Dᵢᵀ (cov D + λI)⁻¹ Dᵢ)',
    'L = instance + direction',
  ].join('\n'),
  papers: [
    {
      title: 'Streamlined Knowledge Distillation',
      authors: 'Jeong, Lee, Choi',
      where: 'CVPR 2026',
    },
  ],
  parameters: object(
    {
      temperature: temperature(4, 'torchdistill'),
      damping: number({
        doc: 'λ, added to the diagonal of the covariance before it is inverted.',
        default: 0.1,
        minimum: 1e-3,
        maximum: 1000,
        source: 'torchdistill (tikhonov)',
      }),
    },
    { doc: 'Settings of streamlined distillation.' },
  ),
  defaultWeight: { value: 1, source: 'torchdistill: both parts at weight 1' },
  hardLabelWeight: { value: 1, source: 'torchdistill' },
  needs: { logits: true },
  notes: ['The direction part looks across the batch: a batch of one has none.'],
  fixtures: [
    {
      method: 'skd_streamlined',
      student: { logits: 'logits_student' },
      teacher: { logits: 'logits_teacher' },
      parameters: { temperature: 'temperature', damping: 'tikhonov' },
    },
  ],
  loss(ops, { student, teacher, parameters: { temperature, damping } }) {
    const instance = divergence(
      ops,
      softenedLog(ops, teacher.logits, temperature),
      softenedLog(ops, student.logits, temperature),
    );
    const cosines = (logits: tf.Tensor2D): tf.Tensor2D => {
      const rows = unit(ops, logits, 1);
      return ops.matMul(rows, rows, false, true);
    };
    const difference: tf.Tensor2D = ops.sub(cosines(student.logits), cosines(teacher.logits));
    const [samples] = difference.shape;
    const centred = ops.sub(difference, ops.mean(difference, 0, true));
    const covariance = ops.div(ops.matMul(centred, centred, true, false), Math.max(1, samples - 1));
    const whitening = inverse(ops, ops.add(covariance, ops.mul(damping, ops.eye(samples))));
    const squares = ops.sum(ops.mul(ops.matMul(difference, whitening), difference), 1);
    const direction = ops.mean<tf.Scalar>(ops.sqrt(ops.maximum(squares, 1e-24)));
    return ops.add(instance, direction);
  },
});
