import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';

/** Samples that are compared with one another: a batch of the estimate. */
const BATCH = 32;
/** Below, nothing unbiased can be said. */
const FEWEST_SAMPLES = 4;
/** Height and width of a map that is compared, at most. */
const MOST_PLACES = 8;

/** How the samples of a probe are cut into batches. */
export interface ProbeBatches {
  readonly batches: number;
  /** Samples of each. */
  readonly size: number;
}

/**
 * Whole batches of 32 of at most `most` samples; of fewer than 32 samples one batch of all, of fewer than 4 none: unbiased
 * estimates divide by n − 3.
 */
export function probeBatches(available: number, most: number): ProbeBatches {
  const samples = Math.min(available, most);
  if (samples < FEWEST_SAMPLES) return { batches: 0, size: 0 };
  return samples < BATCH
    ? { batches: 1, size: samples }
    : { batches: Math.floor(samples / BATCH), size: BATCH };
}

/**
 * Gram matrices of a layer's centred features, one for each batch, `[batches, size, size]`: K = X_c X_cᵀ with X
 * `[size, features]`. Maps are averaged over square windows to at most 8×8 places first, which bounds the cost of early
 * layers and keeps where something is seen, then flattened over height, width and channels.
 *
 * @param features `[batches · size, height, width, channels]` or `[batches · size, features]`
 */
export function layerGrams(ops: Ops, features: tf.Tensor, { batches, size }: ProbeBatches): tf.Tensor3D {
  const pooled = features.rank === 4 ? pooledMap(ops, features as tf.Tensor4D) : features;
  const x = ops.reshape<tf.Rank.R3>(pooled, [batches, size, pooled.size / (batches * size)]);
  const centred = ops.sub<tf.Tensor3D>(x, ops.mean(x, 1, true));
  return ops.matMul(centred, centred, false, true);
}

function pooledMap(ops: Ops, map: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = map.shape;
  const window = Math.ceil(Math.max(height, width) / MOST_PLACES);
  return window === 1 ? map : ops.avgPool(map, window, window, 'same');
}
