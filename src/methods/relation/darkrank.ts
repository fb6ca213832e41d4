import type * as tf from '@tensorflow/tfjs-core';
import { integer, number, object } from '../../schema/field.ts';
import { detached, flatten, squaredDistances } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';

/** Squared distances below this are rounding of the Gram identity. */
const SMALLEST_SQUARE = 1e-12;

/**
 * Cross-sample similarities: the student ranks each sample's neighbours as the teacher does.
 *
 *     S(i, j) = −α · ‖fᵢ − fⱼ‖^β                                              f: [batch, features]
 *     π(i)    = the neighbours of i by falling S_teacher, i itself left out, the first `length` of them
 *     L       = −1/N · Σᵢ Σ_k (S_s(i, π_k) − log Σ_{l ≥ k} exp S_s(i, π_l)),  summed over pairs
 *
 * The hard form: the likelihood of the teacher's own ranking. Source: Chen et al. 2018, section 4, in the form of the
 * relational distillation authors' `HardDarkRank`.
 */
export const darkrank = defineMethod({
  name: 'darkrank',
  title: 'DarkRank',
  knowledge: 'relation',
  summary: 'Rank each sample’s neighbours in the batch as the teacher does (Chen 2018).',
  formula: [
    'S(i, j) = −α · ‖fᵢ − fⱼ‖^β,  π(i) = neighbours of i by falling S_teacher',
    'L = −1/N · Σᵢ Σ_k (S_student(i, π_k) − log Σ_{l≥k} exp S_student(i, π_l))',
  ].join('\n'),
  papers: [
    {
      title: 'DarkRank: Accelerating Deep Metric Learning via Cross Sample Similarities Transfer',
      authors: 'Chen, Wang, Zhang',
      where: 'AAAI 2018',
      arxiv: '1707.01220',
    },
  ],
  parameters: object(
    {
      alpha: number({
        doc: 'Factor α of the distances.',
        default: 3,
        exclusiveMinimum: 0,
        maximum: 1000,
        source: 'Chen et al. 2018, section 5; HardDarkRank',
      }),
      beta: number({
        doc: 'Power β of the distances.',
        default: 3,
        minimum: 1,
        maximum: 10,
        source: 'Chen et al. 2018, section 5; HardDarkRank',
      }),
      length: integer({
        doc: 'How many neighbours of each sample are ranked; all, where the batch has fewer.',
        default: 4,
        minimum: 2,
        maximum: 1024,
        source: 'HardDarkRank: permute_len',
      }),
    },
    { doc: 'Settings of the ranking.' },
  ),
  defaultWeight: { value: 2, source: 'the recipe of the relational distillation repository' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'any' } },
  mismatch: 'Shapes may differ: only distances between samples are compared.',
  notes: [
    'The recipe normalises embeddings to length 1 before; name a layer that does, or expect large scores.',
    'A batch needs three samples or more; with fewer there is nothing to rank and the loss is zero.',
  ],
  fixtures: [
    {
      method: 'darkrank',
      student: { maps: 'feat_student' },
      teacher: { maps: 'feat_teacher' },
      parameters: { alpha: 'alpha', beta: 'beta', length: 'permute_len' },
    },
  ],
  loss(ops, { student, teacher, parameters: { alpha, beta, length } }) {
    const scores = (map: tf.Tensor) => similarities(ops, flatten(ops, map), alpha, beta);
    const samples = student.maps[0]?.shape[0] ?? 0;
    if (samples < 2) return ops.scalar(0);
    const losses = student.maps.map((map, pair) => {
      const s = scores(map);
      const ranked = inOrderOf(ops, scores(teacher.maps[pair] as tf.Tensor), s, length);
      return ops.neg(ops.mean<tf.Scalar>(rankLikelihood(ops, ranked)));
    });
    return ops.addN(losses);
  },
});

/** `−α · ‖fᵢ − fⱼ‖^β`, `[batch, batch]`; a sample with itself scores 0, the highest. */
function similarities(ops: Ops, rows: tf.Tensor2D, alpha: number, beta: number): tf.Tensor2D {
  const others = ops.sub(1, ops.eye(rows.shape[0]));
  const squares = ops.maximum(squaredDistances(ops, rows), SMALLEST_SQUARE);
  return ops.mul(ops.mul(-alpha, ops.pow(squares, beta / 2)), others);
}

/** The student's scores in the order of the teacher's, the sample itself left out: `[batch, length]`. Picked by a product. */
function inOrderOf(ops: Ops, teacher: tf.Tensor2D, student: tf.Tensor2D, length: number): tf.Tensor2D {
  const [samples] = teacher.shape;
  const taken = Math.min(length, samples - 1);
  const picks = detached(ops, [teacher], (scores) => {
    const { indices } = ops.topk(scores, taken + 1);
    const order = ops.slice(indices, [0, 1], [samples, taken]);
    return ops.oneHot(order, samples, 1, 0, 'float32') as tf.Tensor3D;
  });
  return ops.reshape(ops.matMul(picks, ops.expandDims(student, 2)), [samples, taken]);
}

/** `Σ_k (s_k − log Σ_{l ≥ k} exp s_l)` of each row, `[batch, length]` to `[batch]`. */
function rankLikelihood(ops: Ops, ranked: tf.Tensor2D): tf.Tensor1D {
  const [samples, length] = ranked.shape;
  const rest = Array.from({ length }, (_, k) =>
    ops.logSumExp(ops.slice(ranked, [0, k], [samples, length - k]), 1),
  );
  return ops.sum(ops.sub(ranked, ops.stack(rest, 1)), 1);
}
