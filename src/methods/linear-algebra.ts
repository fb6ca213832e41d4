import type * as tf from '@tensorflow/tfjs-core';
import { detached } from './math.ts';
import type { Ops } from './method.ts';

/**
 * Newton's iteration doubles the correct digits with each round; from the first guess on, the error of a matrix with
 * condition number κ needs about 2 log₂ κ rounds to fall below one. This many serve κ up to 10⁴ in float32.
 */
const INVERSION_ROUNDS = 32;

/**
 * Inverse of a symmetric positive definite matrix `[n, n]`, by `X ← X(2I − AX)` from `X = I / ‖A‖₁`. The last round reads A
 * itself, the others a constant: its derivative `−X dA X` is that of the inverse.
 */
export function inverse(ops: Ops, matrix: tf.Tensor2D): tf.Tensor2D {
  const twice = ops.mul(2, ops.eye(matrix.shape[0]));
  const round = (x: tf.Tensor2D, a: tf.Tensor2D): tf.Tensor2D =>
    ops.matMul(x, ops.sub(twice, ops.matMul(a, x)));
  const close = detached(ops, [matrix], (a) => {
    let x: tf.Tensor2D = ops.div(ops.eye(matrix.shape[0]), ops.max(ops.sum(ops.abs(a), 0)));
    for (let i = 0; i < INVERSION_ROUNDS; i++) x = round(x, a as tf.Tensor2D);
    return x;
  });
  return round(close, matrix);
}
