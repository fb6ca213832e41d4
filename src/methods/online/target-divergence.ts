import type * as tf from '@tensorflow/tfjs-core';
import { softenedLog } from '../math.ts';
import type { Ops } from '../method.ts';

/** Added to the target before its logarithm, as in the reference code of ONE and OKDDip. */
const EPSILON = 1e-7;

/** `T² · 1/N · Σₙ Σₖ q (log q − log softmax(z / T))`, q = softmax(target / T) + 10⁻⁷; `z`, `target`: `[batch, classes]`. */
export function targetDivergence(
  ops: Ops,
  target: tf.Tensor2D,
  logits: tf.Tensor2D,
  temperature: tf.Scalar,
): tf.Scalar {
  const q = ops.add(ops.softmax(ops.div(target, temperature)), EPSILON);
  const log = softenedLog(ops, logits, temperature);
  const soft = ops.mean<tf.Scalar>(ops.sum(ops.mul(q, ops.sub(ops.log(q), log)), 1));
  return ops.mul(soft, ops.square(temperature));
}
