import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../method.ts';
import { poolingMatrix } from './adaptive-pooling.ts';

/** Sizes of the context levels below the full map. */
const LEVELS = [4, 2, 1] as const;

/**
 * Hierarchical context loss: two maps compared at full size and after pooling to 4×4, 2×2 and 1×1.
 *
 *     L = Σ_k w_k · mean (pool_k(a) − pool_k(b))² / Σ_k w_k,  w = 1, ½, ¼, ⅛ over the levels smaller than the map
 *
 * `a`, `b`: `[batch, height, width, channels]`. Source: Chen et al. 2021, section 3.3; the reference code looks at the
 * height alone, here the smaller side decides.
 */
export function contextLoss(ops: Ops, a: tf.Tensor4D, b: tf.Tensor4D): tf.Scalar {
  const [batch, height, width, channels] = a.shape;
  const levels = LEVELS.filter((level) => level < Math.min(height, width));
  const weights = levels.map((_, level) => 2 ** -(level + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 1);
  // Pooling is linear, so that one map of differences is pooled, to all levels by one product.
  const difference = ops.sub<tf.Tensor4D>(a, b);
  const full = ops.mean<tf.Scalar>(ops.square(difference));
  if (levels.length === 0) return full;
  const pooling = levels.flatMap((size, level) => {
    const share = (weights[level] ?? 0) / (batch * size * size * channels);
    return poolingRows([height, width], size).map((row) => row.map((part) => part * Math.sqrt(share)));
  });
  const pixels = height * width;
  const matrix = ops.tensor3d(Float32Array.from(pooling.flat()), [1, pooling.length, pixels]);
  const pooled = ops.matMul(matrix, ops.reshape<tf.Rank.R3>(difference, [batch, pixels, channels]));
  return ops.div(ops.add(full, ops.sum(ops.square(pooled))), total);
}

/** How much each pixel of a map counts in each of `size`×`size` adaptive windows: a list of pixels for each window. */
function poolingRows([height, width]: readonly [number, number], size: number): number[][] {
  const [rows, columns] = [poolingMatrix(height, size), poolingMatrix(width, size)];
  return Array.from({ length: size * size }, (_, window) =>
    Array.from({ length: height * width }, (_pixel, at) => {
      const [y, x] = [Math.floor(at / width), at % width];
      const [down, across] = [Math.floor(window / size), window % size];
      return (rows[y * size + down] ?? 0) * (columns[x * size + across] ?? 0);
    }),
  );
}

/** A map as it is; an embedding `[batch, features]` as a map of 1×1. */
export function asMap(ops: Ops, x: tf.Tensor): tf.Tensor4D {
  const [batch = 1, features = 1] = x.shape;
  return x.rank === 4 ? (x as tf.Tensor4D) : ops.reshape(x, [batch, 1, 1, features]);
}
