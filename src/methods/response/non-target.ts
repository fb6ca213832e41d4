import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../method.ts';

/** Takes a class out of a softmax: `exp` of it is 0 in float32 after the row's maximum is subtracted. */
const FAR_BELOW = 1e9;

/**
 * Log-probabilities over the classes other than the label: `log softmax` over `{k ≠ y}`; 0 at the label itself.
 * The label is moved out of reach rather than weighted by 0, so that extreme logits stay finite.
 *
 * @param targets `[batch, classes]`, 1 at the label
 */
export function nonTargetLog(ops: Ops, logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  const without = ops.sub(logits, ops.mul(targets, FAR_BELOW));
  return ops.mul(ops.logSoftmax(without), ops.sub(1, targets));
}

/** `log Σ_{k ≠ y} p_k` of log-probabilities: `[batch]`. */
export function nonTargetMass(ops: Ops, logProbabilities: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  return ops.logSumExp(ops.sub(logProbabilities, ops.mul(targets, FAR_BELOW)), 1);
}
