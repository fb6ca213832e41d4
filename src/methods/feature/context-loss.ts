import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../method.ts';
import { adaptiveAveragePool } from './adaptive-pooling.ts';

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
  const smaller = Math.min(a.shape[1], a.shape[2]);
  const losses: tf.Scalar[] = [ops.mean<tf.Scalar>(ops.squaredDifference(a, b))];
  let weight = 1;
  let total = 1;
  for (const size of LEVELS.filter((level) => level < smaller)) {
    weight /= 2;
    total += weight;
    const pooled = (x: tf.Tensor4D) => adaptiveAveragePool(ops, x, size, size);
    losses.push(ops.mul(weight, ops.mean<tf.Scalar>(ops.squaredDifference(pooled(a), pooled(b)))));
  }
  return ops.div(ops.addN(losses), total);
}

/** A map as it is; an embedding `[batch, features]` as a map of 1×1. */
export function asMap(ops: Ops, x: tf.Tensor): tf.Tensor4D {
  const [batch = 1, features = 1] = x.shape;
  return x.rank === 4 ? (x as tf.Tensor4D) : ops.reshape(x, [batch, 1, 1, features]);
}
