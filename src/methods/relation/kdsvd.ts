import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { defineMethod, type Method, type Ops } from '../method.ts';
import { alignedVector, principalVector } from './principal-vectors.ts';

/** Of a golden case, up to this many signs are tried out. */
const MOST_SIGNS = 8;

/**
 * Singular vectors: the direction that says most about a layer, and how it goes together with that of the layer before.
 *
 *     X     = F as `[height·width, channels]`, a sample each;  X = U Σ Vᵀ               F: [batch, height, width, channels]
 *     t     = first column of V_teacher, its entries summing to a positive number
 *     s     = the one of the student's first four that is closest to t in angle, with the sign that makes it so
 *     R     = exp(−(v_a⁽ˡ⁾ − v_b⁽ˡ⁻¹⁾)² / 8)                                            [batch, channels, channels before]
 *     L     = Σ_{l ≥ 1} 1/N · Σ (R_s − R_t)²
 *
 * `pairs` lists the layers in order. Channels of teacher and student must be equal, sizes need not. Source: Lee et al. 2018,
 * section 3, with one vector a layer, as the recipes have it; with one vector the weighting by singular values is no weighting.
 */
export const kdsvd = defineMethod({
  name: 'kdsvd',
  title: 'Distillation by singular vectors',
  knowledge: 'relation',
  summary: 'Match how the main directions of consecutive layers go together (Lee 2018).',
  formula: [
    't = first right singular vector of F_teacher, s = the closest of F_student’s first four',
    'R = exp(−(v⁽ˡ⁾ − v⁽ˡ⁻¹⁾)² / 8),  L = Σ_l 1/N · Σ (R_student − R_teacher)²',
  ].join('\n'),
  papers: [
    {
      title: 'Self-supervised Knowledge Distillation Using Singular Value Decomposition',
      authors: 'Lee, Kim, Song',
      where: 'ECCV 2018',
      arxiv: '1807.06819',
    },
  ],
  parameters: object({}, { doc: 'The singular vectors have no settings of their own.' }),
  defaultWeight: { value: 1, source: 'RepDistiller and mdistiller' },
  needs: { pairs: { minimum: 2, maximum: 16, rank: 'map' } },
  mismatch: 'Height and width may differ; channels must be equal.',
  checkPair: ({ teacher, student }) =>
    teacher[2] === student[2]
      ? null
      : {
          message: `kdsvd compares channel by channel, and the teacher layer has ${teacher[2] ?? '?'} channels, the student layer ${student[2] ?? '?'}.`,
          help: 'Choose layers with equal numbers of channels, or a method that adapts them, such as vid.',
        },
  notes: [
    'The sign of a singular vector means nothing, yet the loss depends on the signs of the teacher’s vectors in two consecutive layers. Ours make the entries sum to a positive number, which for layers after a ReLU makes them all positive; the reference takes what its linear algebra returns, so for layers without ReLU the values differ.',
    'The paper clips the gradient of the term to the length of that of the labels; use a small weight instead.',
  ],
  fixtures: [
    {
      method: 'kdsvd',
      student: { maps: 'feats_student' },
      teacher: { maps: 'feats_teacher' },
      alternatives: {
        choice: 'with the signs in which the reference’s linear algebra returned the teacher’s vectors',
        losses: (batch, layers) => signings(batch, layers).map(withSigns),
      },
    },
  ],
  loss: (ops, { student, teacher }) =>
    vectorLoss(ops, student.maps as tf.Tensor4D[], teacher.maps as tf.Tensor4D[]),
});

/** Every way to turn the vectors of all layers but the first, sample by sample; a turn of all layers changes nothing. */
function signings(batch: number, layers: number): readonly (readonly (readonly number[])[])[] {
  const places = batch * (layers - 1);
  if (places > MOST_SIGNS) return [];
  return Array.from({ length: 2 ** places }, (_, bits) =>
    Array.from({ length: layers }, (_, layer) =>
      Array.from({ length: batch }, (_, n) =>
        layer > 0 && (bits >> ((layer - 1) * batch + n)) & 1 ? -1 : 1,
      ),
    ),
  );
}

function withSigns(signs: readonly (readonly number[])[]): Method['loss'] {
  return (ops, { student, teacher }) =>
    vectorLoss(
      ops,
      student.maps as tf.Tensor4D[],
      teacher.maps as tf.Tensor4D[],
      signs.map((turns) => ops.tensor1d([...turns])),
    );
}

/** @param signs `[batch]` for each layer, of −1 and 1: turns the teacher's vectors, and the student's with them */
export function vectorLoss(
  ops: Ops,
  students: readonly tf.Tensor4D[],
  teachers: readonly tf.Tensor4D[],
  signs: readonly tf.Tensor1D[] = [],
): tf.Scalar {
  const targets = teachers.map((map, layer) => {
    const vector = principalVector(ops, map);
    const turn = signs[layer];
    return turn === undefined ? vector : ops.mul<tf.Tensor2D>(vector, ops.expandDims(turn, 1));
  });
  const vectors = students.map((map, layer) => alignedVector(ops, map, targets[layer] as tf.Tensor2D));
  const losses = vectors.slice(1).map((later, l) => {
    const s = kernel(ops, later, vectors[l] as tf.Tensor2D);
    const t = kernel(ops, targets[l + 1] as tf.Tensor2D, targets[l] as tf.Tensor2D);
    return ops.div<tf.Scalar>(ops.sum(ops.squaredDifference(s, t)), s.shape[0]);
  });
  return ops.addN(losses);
}

/** `exp(−(v_a − u_b)² / 8)`, `[batch, a]` and `[batch, b]` to `[batch, a, b]`. */
function kernel(ops: Ops, v: tf.Tensor2D, u: tf.Tensor2D): tf.Tensor {
  return ops.exp(ops.div(ops.squaredDifference(ops.expandDims(v, 2), ops.expandDims(u, 1)), -8));
}
