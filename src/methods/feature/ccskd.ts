import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { conv, convVariables } from '../conv-layer.ts';
import { meanOverSpace } from '../math.ts';
import { defineMethod } from '../method.ts';
import { angleLoss, distanceLoss } from '../relation/rkd-losses.ts';
import { batchNorm, batchNormVariables } from './batch-norm.ts';

export const CCSKD_PAPERS = [
  {
    title: 'Channel Correlation-Based Selective Knowledge Distillation',
    authors: 'Gou, Xiong, Yu, Zhan, Yi',
    where: 'IEEE Transactions on Cognitive and Developmental Systems, 2022',
  },
] as const;

/**
 * Channel correlation: the mean of each channel is matched sample by sample, and how samples relate in the space of channels.
 *
 *     f = mean over space of the teacher's map,  g = mean over space of ReLU(batchNorm(conv₁ₓ₁ of the student's))    [batch, C_t]
 *     CD = mean (g − f)²
 *     D  = 1/N²  Σᵢⱼ  h(dᵢⱼ(g) / μ(g) − dᵢⱼ(f) / μ(f))                d: distances, μ: mean of the positive ones, h: Huber
 *     A  = 1/N³ Σᵢⱼₖ  h(θᵢⱼₖ(g) − θᵢⱼₖ(f))                            θ: cosines of the angle at i between j and k
 *     L  = Σ over pairs (c · CD + d · D + a · A)
 *
 * D and A are the losses of relational distillation (rkd) on means of channels. Source: Gou et al. 2022, in the form of the
 * authors' code, with c and the others relative to the term's weight.
 */
export const ccskd = defineMethod({
  name: 'ccskd',
  title: 'Channel correlation',
  knowledge: 'feature',
  summary: 'Match channel means, and distances and angles of samples in their space (CCSKD, Gou 2022).',
  formula: [
    'f = mean over space of F_teacher,  g = mean over space of ReLU(batchNorm(conv₁ₓ₁(F_student)))',
    'CD = mean (g − f)²,  D, A: distances and angles between samples of g against those of f (rkd)',
    'L = Σ_pairs (channels · CD + distances · D + angles · A)',
  ].join('\n'),
  papers: CCSKD_PAPERS,
  parameters: object(
    {
      channels: number({
        doc: 'Factor c of the channel means within the term; a schedule lets it fade.',
        default: 1,
        minimum: 0,
        maximum: 1000,
        schedulable: true,
        source: 'the authors’ code: 6 in all, times 0.9 from epoch 60 and once more from epoch 160',
      }),
      distances: number({
        doc: 'Factor d of the distances within the term.',
        default: 1,
        minimum: 0,
        maximum: 1000,
        schedulable: true,
        source: 'the authors’ code: 6 in all',
      }),
      angles: number({
        doc: 'Factor a of the angles within the term.',
        default: 2,
        minimum: 0,
        maximum: 1000,
        schedulable: true,
        source: 'the authors’ code: 12 in all',
      }),
    },
    { doc: 'Shares of the three parts.' },
  ),
  defaultWeight: { value: 6, source: 'the authors’ code' },
  hardLabelWeight: { value: 1, source: 'the authors’ code, from epoch 60 of 200 on' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch:
    'A trained 1×1 convolution with batch norm brings the student’s channels to the teacher’s; space is averaged away.',
  notes: [
    'The recipe pairs the output of every stage and adds selective and kd, see selective.',
    'The released code computes the teacher with the batch’s own statistics; here the teacher stands still.',
    'Angles take memory of batch² times channels.',
  ],
  fixtures: [],
  variables: ({ pairs }) =>
    pairs.flatMap(({ teacher, student }, pair) => [
      ...convVariables(`pair${pair}`, 1, student[2] ?? 1, teacher[2] ?? 1),
      ...batchNormVariables(`pair${pair}`, teacher[2] ?? 1),
    ]),
  loss(ops, context) {
    const { student, teacher, variables, parameters } = context;
    const own = student.maps.map((map, pair) => {
      const projected = conv(ops, variables, `pair${pair}`, map as tf.Tensor4D);
      return meanOverSpace(ops, ops.relu(batchNorm(ops, context, `pair${pair}`, projected)));
    });
    const theirs = teacher.maps.map((map) => meanOverSpace(ops, map));
    const means = own.map((g, pair) =>
      ops.mean<tf.Scalar>(ops.squaredDifference(g, theirs[pair] as tf.Tensor2D)),
    );
    const seen = { ...context, student: { ...student, maps: own }, teacher: { ...teacher, maps: theirs } };
    return ops.addN<tf.Scalar>([
      ops.mul(parameters.channels, ops.addN(means)),
      ops.mul(parameters.distances, distanceLoss(ops, seen)),
      ops.mul(parameters.angles, angleLoss(ops, seen)),
    ]);
  },
});
