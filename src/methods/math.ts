import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from './method.ts';

/** Keeps norms away from zero under a root, where the clamp also makes the gradient at zero 0 instead of NaN. */
const SMALLEST_NORM = 1e-12;

/** `log softmax(z / T)` over the last axis; `z`: `[batch, classes]`. */
export function softenedLog(ops: Ops, logits: tf.Tensor2D, temperature: tf.Scalar | number): tf.Tensor2D {
  return ops.logSoftmax(ops.div(logits, temperature));
}

/** `1/N · Σₙ Σₖ p (log p − log q)` of two `[batch, classes]` tables of log-probabilities, in nats. */
export function divergence(ops: Ops, logP: tf.Tensor, logQ: tf.Tensor): tf.Scalar {
  return ops.mean<tf.Scalar>(ops.sum(ops.mul(ops.exp(logP), ops.sub(logP, logQ)), -1));
}

/** `[batch, classes]`, 1 at the label. */
export function oneHot(ops: Ops, labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  return ops.oneHot(labels, classes, 1, 0, 'float32') as tf.Tensor2D;
}

/** `−log softmax(z)_y` of every sample: `[batch]`, in nats. */
export function crossEntropies(ops: Ops, logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const targets = oneHot(ops, labels, logits.shape[1]);
  return ops.neg(ops.sum(ops.mul(targets, ops.logSoftmax(logits)), -1));
}

/**
 * A value that nothing flows back through. What is computed inside may use operations without a gradient (comparisons).
 */
export function detached<T extends tf.Tensor>(
  ops: Ops,
  inputs: readonly tf.Tensor[],
  compute: (...values: tf.Tensor[]) => T,
): T {
  const held = ops.customGrad((...values) => {
    const tensors = values.slice(0, inputs.length) as tf.Tensor[];
    return { value: compute(...tensors), gradFunc: () => tensors.map((tensor) => ops.zerosLike(tensor)) };
  });
  return held(...inputs);
}

/** Euclidean norm over `axis`, kept as an axis of length one and at least 10⁻¹². */
export function norm(ops: Ops, x: tf.Tensor, axis: number): tf.Tensor {
  return ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis, true), SMALLEST_NORM ** 2));
}

/** `x / max(‖x‖₂, 10⁻¹²)` over `axis`. */
export function unit<T extends tf.Tensor>(ops: Ops, x: T, axis: number): T {
  return ops.div(x, norm(ops, x, axis));
}

/** `xⁿ` for a whole n ≥ 1, of any sign. */
export function power<T extends tf.Tensor>(ops: Ops, x: T, n: number): T {
  let raised = x;
  for (let factor = 1; factor < n; factor++) raised = ops.mul(raised, x);
  return raised;
}

/** `[batch, ...]` to `[batch, features]`. */
export function flatten(ops: Ops, x: tf.Tensor): tf.Tensor2D {
  const [batch = 1] = x.shape;
  return ops.reshape(x, [batch, x.size / batch]);
}

/** The mean over space of a map `[batch, height, width, channels]`; a vector as it is. */
export function meanOverSpace(ops: Ops, x: tf.Tensor): tf.Tensor2D {
  return x.rank === 4 ? ops.mean(x, [1, 2]) : (x as tf.Tensor2D);
}

/**
 * `½d²` where `|d| < 1`, else `|d| − ½`: the Huber loss with δ = 1, element by element. Its slope is `d` kept within −1 and 1, which is
 * what its gradient reads.
 */
export function smoothL1(ops: Ops, difference: tf.Tensor): tf.Tensor {
  const held = ops.customGrad((...values) => {
    const [d, save] = values as [tf.Tensor, tf.GradSaveFunc];
    const inside = ops.clipByValue(d, -1, 1);
    save([inside]);
    return {
      value: ops.mul(inside, ops.sub(d, ops.mul(0.5, inside))),
      gradFunc: (dy: tf.Tensor, [slope = dy]: tf.Tensor[]) => ops.mul(dy, slope),
    };
  });
  return held(difference);
}

/** The largest entry; entries that share it share its gradient, as in PyTorch (TensorFlow.js gives each the whole). */
export function largest(ops: Ops, x: tf.Tensor): tf.Scalar {
  const shares = detached(ops, [x], (held) => {
    const ties = ops.cast(ops.equal(held, ops.max(held)), 'float32');
    return ops.div(ties, ops.sum(ties));
  });
  return ops.sum(ops.mul(x, shares));
}

/** Squared Euclidean distances of all rows, `[n, features]` and `[m, features]` to `[n, m]`, from their products. */
export function squaredDistances(ops: Ops, rows: tf.Tensor2D, others: tf.Tensor2D = rows): tf.Tensor2D {
  const squares = (x: tf.Tensor2D) => ops.sum<tf.Tensor2D>(ops.square(x), 1, true);
  const products = ops.matMul(rows, others, false, true);
  return ops.sub(ops.add(squares(rows), ops.transpose(squares(others))), ops.mul(2, products));
}
