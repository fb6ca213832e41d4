import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';

/**
 * Gram matrix of a layer's centred features, `[samples, samples]`: K = X_c X_cᵀ with X `[samples, features]`, a map
 * flattened over height, width and channels.
 */
export function centredGram(ops: Ops, features: tf.Tensor): tf.Tensor2D {
  const samples = features.shape[0];
  const x = ops.reshape<tf.Rank.R2>(features, [samples, features.size / samples]);
  const centred = ops.sub<tf.Tensor2D>(x, ops.mean(x, 0, true));
  return ops.matMul(centred, centred, false, true);
}

/**
 * Linear centred kernel alignment of two layers on the same samples, 0..1.
 *
 *     CKA(X, Y) = ‖Y_cᵀ X_c‖²_F / (‖X_cᵀ X_c‖_F ‖Y_cᵀ Y_c‖_F) = ⟨K, L⟩_F / (‖K‖_F ‖L‖_F)
 *
 * The second form, with the Gram matrices K = X_c X_cᵀ and L = Y_c Y_cᵀ, costs samples² where the first costs features².
 * Unchanged by orthogonal maps and by scaling of either side; 0 where a layer says the same of every sample.
 * Source: Kornblith et al. 2019, equation 4 and section 3.
 */
export function linearCka(k: ArrayLike<number>, l: ArrayLike<number>): number {
  const norms = Math.sqrt(dot(k, k)) * Math.sqrt(dot(l, l));
  return norms === 0 ? 0 : dot(k, l) / norms;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}
