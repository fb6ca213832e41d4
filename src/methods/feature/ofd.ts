import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { detached } from '../math.ts';
import { defineMethod, type LossContext, type Ops } from '../method.ts';
import { adaptiveAveragePool } from './adaptive-pooling.ts';
import { batchNorm, batchNormVariables } from './batch-norm.ts';

const PAPERS = [
  {
    title: 'A Comprehensive Overhaul of Feature Distillation',
    authors: 'Heo, Kim, Yun, Park, Kwak, Choi',
    where: 'ICCV 2019',
    arxiv: '1904.01866',
  },
] as const;
const NOTES = [
  'Name layers before their activation: a batch norm, or the sum at the end of a residual block.',
] as const;
/** Below this share of negative values the mean of them is replaced by three deviations below zero. */
const RARE = 1e-3;

/**
 * Overhaul of feature distillation: match what is positive; of what is negative only that it stays below a margin.
 *
 *     m = E[x | x < 0] of a Gaussian with mean b and deviation |γ|, of the teacher's batch norm γ, b; −3|γ| where x < 0 is rare
 *     r = batchNorm(conv1×1(F_s)),  t = max(F_t, m)                        F: [batch, height, width, channels], m: [channels]
 *     d = 0 where r ≤ t ≤ 0, else (r − t)²
 *     L = Σ_l 2^(l−L+1) · 1/N · Σ d                                        deeper layers weigh more
 *
 * A sum over elements, so it grows with the map. Source: Heo et al. 2019b, equations 1 to 4, in the form of mdistiller.
 */
export const ofd = defineMethod({
  name: 'ofd',
  title: 'Overhaul of feature distillation',
  knowledge: 'feature',
  summary: 'Match positive responses, keep negative ones below a margin (Heo 2019).',
  formula: [
    'm = E[x | x < 0] by the teacher’s batch norm,  t = max(F_teacher, m),  r = batchNorm(conv1×1(F_student))',
    'L = Σ_l 2^(l−L+1) · 1/N · Σ d,  d = 0 where r ≤ t ≤ 0, else (r − t)²',
  ].join('\n'),
  papers: PAPERS,
  parameters: object({}, { doc: 'The overhaul has no settings of its own.' }),
  defaultWeight: { value: 0.001, source: 'mdistiller; the authors’ code divides by 1000' },
  needs: { teacherWeights: 'batchNorm', pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch:
    'A trained 1×1 convolution with batch norm brings channels to the teacher’s; the teacher’s map is average-pooled to the student’s size.',
  notes: NOTES,
  variables: ({ pairs }) =>
    pairs.flatMap(({ teacher, student }, pair) => {
      const [inputs, outputs] = [student[2] ?? 1, teacher[2] ?? 1];
      return [
        {
          name: `pair${pair}/kernel`,
          shape: [1, 1, inputs, outputs],
          trainable: true,
          initial: { kind: 'normal', deviation: Math.sqrt(2 / outputs) }, // the reference's: He's, by fan-out
        },
        ...batchNormVariables(`pair${pair}`, outputs),
      ];
    }),
  fixtures: [
    {
      method: 'ofd',
      student: { maps: 'feats_student' },
      teacher: { maps: 'feats_teacher' },
      teacherWeights: (pairs) =>
        eachPair(pairs, (pair) => ({
          [`pair${pair}/scale`]: `teacher_bn_gamma.${pair}`,
          [`pair${pair}/offset`]: `teacher_bn_beta.${pair}`,
        })),
      variables: (pairs) =>
        eachPair(pairs, (pair) => ({
          [`pair${pair}/kernel`]: `ofd.connectors.connectors.${pair}.0.weight`,
          [`pair${pair}/scale`]: `ofd.connectors.connectors.${pair}.1.weight`,
          [`pair${pair}/offset`]: `ofd.connectors.connectors.${pair}.1.bias`,
        })),
    },
  ],
  loss(ops, context) {
    const { student, teacher, variables } = context;
    const losses = student.maps.map((map, layer) => {
      const [batch, height, width] = map.shape as [number, number, number, number];
      const kernel = variables[`pair${layer}/kernel`] as tf.Tensor4D;
      const projected = ops.conv2d(map as tf.Tensor4D, kernel, 1, 'valid');
      const r = batchNorm(ops, context, `pair${layer}`, projected);
      const target = adaptiveAveragePool(ops, teacher.maps[layer] as tf.Tensor4D, height, width);
      const errors = partialSquares(ops, r, target, marginsOf(ops, context, layer));
      return ops.mul<tf.Scalar>(errors, 2 ** (layer - student.maps.length + 1) / batch);
    });
    return ops.addN(losses);
  },
});

/** The overhaul's distance alone, summed over the batch too. Source: the authors' `distillation_loss`. */
export const ofdOfficial = defineMethod({
  name: 'ofdOfficial',
  title: 'Overhaul of feature distillation, distance alone',
  knowledge: 'feature',
  summary: 'The overhaul’s distance between layers of equal shape, summed over the batch (Heo 2019).',
  formula: 'L = Σ_pairs Σ d,  d = 0 where F_student ≤ t ≤ 0, else (F_student − t)²,  t = max(F_teacher, m)',
  papers: PAPERS,
  parameters: object({}, { doc: 'The distance has no settings of its own.' }),
  defaultWeight: { value: 1e-3 / 128, source: 'the authors’ code divides by 1000 and by its batch of 128' },
  needs: { teacherWeights: 'batchNorm', pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch: 'Shapes must be equal.',
  checkPair: ({ teacher, student }) =>
    teacher.join('x') === student.join('x')
      ? null
      : {
          message: `ofdOfficial compares place by place, and the teacher layer is ${teacher.join('x')}, the student layer ${student.join('x')}.`,
          help: 'Choose layers of equal shape, or ofd, which adapts them.',
        },
  notes: [...NOTES, 'The value grows with the batch, as the authors’ function does.'],
  fixtures: [
    {
      method: 'ofd_official',
      student: { maps: 'feat_student' },
      teacher: { maps: 'feat_teacher' },
      teacherWeights: () => ({ 'pair0/scale': 'teacher_bn_gamma', 'pair0/offset': 'teacher_bn_beta' }),
    },
  ],
  loss(ops, context) {
    const losses = context.student.maps.map((map, layer) =>
      partialSquares(ops, map, context.teacher.maps[layer] as tf.Tensor, marginsOf(ops, context, layer)),
    );
    return ops.addN(losses);
  },
});

/** `Σ d`, d = 0 where `r ≤ t ≤ 0` with `t = max(target, margin)`, else `(r − t)²`. */
function partialSquares(ops: Ops, r: tf.Tensor, target: tf.Tensor, margins: tf.Tensor1D): tf.Scalar {
  const t = ops.maximum(target, margins);
  const error = ops.sub(r, t);
  // What is silent has neither r − t nor t above zero.
  const counts = detached(ops, [error, t], (held, bound) => ops.step(ops.maximum(held, bound)));
  return ops.sum(ops.square(ops.mul(error, counts)));
}

/** `E[x | x < 0] = b − |γ| φ(b/|γ|) / Φ(−b/|γ|)`, one a channel of the teacher's layer. */
function marginsOf<S>(ops: Ops, { teacherWeights }: LossContext<S>, layer: number): tf.Tensor1D {
  const scale: tf.Tensor1D = ops.maximum(ops.abs(teacherWeights[`pair${layer}/scale`] as tf.Tensor1D), 1e-12);
  const offset = teacherWeights[`pair${layer}/offset`] as tf.Tensor1D;
  const z = ops.div(offset, scale);
  const density = ops.div(ops.exp(ops.mul(-0.5, ops.square(z))), Math.sqrt(2 * Math.PI));
  const share = ops.mul(0.5, ops.sub(1, ops.erf(ops.div(z, Math.SQRT2))));
  const mean: tf.Tensor1D = ops.sub(offset, ops.div(ops.mul(scale, density), ops.maximum(share, RARE)));
  return ops.where<tf.Tensor1D>(ops.greater(share, RARE), mean, ops.mul(-3, scale));
}

function eachPair(
  pairs: number,
  names: (pair: number) => Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.assign({}, ...Array.from({ length: pairs }, (_, pair) => names(pair))) as Record<
    string,
    string
  >;
}
