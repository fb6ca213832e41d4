import type * as tf from '@tensorflow/tfjs-core';
import { divergence, softenedLog } from '../math.ts';
import type { Ops } from '../method.ts';

/**
 * `1/(N·K) · Σₙ Σₖ p (log p − log q)` of two `[batch, classes]` tables of log-probabilities: the mean over elements, which
 * PyTorch's `KLDivLoss` takes unless told otherwise. K times smaller than the divergence.
 */
export function elementDivergence(ops: Ops, logP: tf.Tensor2D, logQ: tf.Tensor2D): tf.Scalar {
  return ops.div(divergence(ops, logP, logQ), logP.shape[1]);
}

/** `T² · 1/(N·K) · Σₙ Σₖ pᵀ_t (log pᵀ_t − log pᵀ_s)`, pᵀ = softmax(z / T): soft targets with the mean over elements. */
export function elementSoftTargets(
  ops: Ops,
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  temperature: tf.Scalar,
): tf.Scalar {
  const [t, s] = [softenedLog(ops, teacher, temperature), softenedLog(ops, student, temperature)];
  return ops.mul(ops.square(temperature), elementDivergence(ops, t, s));
}
