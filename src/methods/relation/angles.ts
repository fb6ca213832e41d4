import type * as tf from '@tensorflow/tfjs-core';
import { detached } from '../math.ts';
import type { Ops } from '../method.ts';

/** Squares of distances below this, where the largest number of a sample is 1, are those of samples in one place. */
const SMALLEST_SQUARE = 1e-12;
const TINY = 1e-30;

/**
 * The cosines of all angles among samples, `A(i, j, k) = ⟨eᵢⱼ, eᵢₖ⟩` with `eᵢⱼ = (fⱼ − fᵢ) / ‖fⱼ − fᵢ‖`, 0 where two of them lie in one
 * place: `[n, features]` to `[n, n, n]`.
 *
 *     A(i, j, k) = (dᵢⱼ² + dᵢₖ² − dⱼₖ²) / (2 dᵢⱼ dᵢₖ)                         the law of cosines
 *
 * so that the distances are all that is read of the features. Angles know neither origin nor scale: both are taken away before.
 */
export function angles(ops: Ops, rows: tf.Tensor2D): tf.Tensor3D {
  const still = (compute: (held: tf.Tensor) => tf.Tensor) => detached(ops, [rows], compute);
  const centred = ops.sub(
    rows,
    still((held) => ops.mean(held, 0, true)),
  );
  const size = still((held) => ops.maximum(ops.max(ops.abs(ops.sub(held, ops.mean(held, 0, true)))), TINY));
  const squares = squaresOf(ops, ops.div<tf.Tensor2D>(centred, size));
  const apart = detached(ops, [squares], (held) => ops.cast(ops.greater(held, SMALLEST_SQUARE), 'float32'));
  const inverse = ops.mul<tf.Tensor2D>(apart, ops.rsqrt(ops.maximum(squares, SMALLEST_SQUARE)));
  return cosines(ops, squares, inverse);
}

/** `‖fⱼ − fᵢ‖²` of all pairs of rows, `[n, n]`, from their differences; `df = 2 (Σⱼ Gᵢⱼ · fᵢ − G f)` with `G = dy + dyᵀ`. */
function squaresOf(ops: Ops, rows: tf.Tensor2D): tf.Tensor2D {
  const held = ops.customGrad((...values) => {
    const [x, save] = values as [tf.Tensor2D, tf.GradSaveFunc];
    save([x]);
    return {
      value: ops.sum(ops.square(ops.sub(ops.expandDims(x, 0), ops.expandDims(x, 1))), 2),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [f] = saved as [tf.Tensor2D];
        const both = ops.add<tf.Tensor2D>(dy, ops.transpose(dy));
        return ops.mul(2, ops.sub(ops.mul(ops.sum(both, 1, true), f), ops.matMul(both, f)));
      },
    };
  });
  return held(rows) as tf.Tensor2D;
}

/**
 * `½ (Dᵢⱼ + Dᵢₖ − Dⱼₖ) rᵢⱼ rᵢₖ` of squares D and inverse distances r, `[n, n]` each; with `P = ½ dy rᵢⱼ rᵢₖ` and `Q = dy A`
 *
 *     dDᵢⱼ = Σ_k P(i, j, k) + Σ_k P(i, k, j) − Σ_k P(k, i, j),   drᵢⱼ = (Σ_k Q(i, j, k) + Σ_k Q(i, k, j)) / rᵢⱼ
 */
function cosines(ops: Ops, squares: tf.Tensor2D, inverse: tf.Tensor2D): tf.Tensor3D {
  const first = (x: tf.Tensor) => ops.expandDims(x, 2);
  const second = (x: tf.Tensor) => ops.expandDims(x, 1);
  const held = ops.customGrad((...values) => {
    const [d, r, save] = values as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    const half = ops.mul(0.5, r);
    const sums = ops.sub(ops.add(first(d), second(d)), ops.expandDims(d, 0));
    const value = ops.mul(ops.mul(sums, first(half)), second(r));
    save([r, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [inverses, found] = saved as [tf.Tensor2D, tf.Tensor3D];
        const p = ops.mul(ops.mul(dy, first(ops.mul(0.5, inverses))), second(inverses));
        const q = ops.mul(dy, found);
        const sides = (x: tf.Tensor) => ops.add(ops.sum(x, 2), ops.sum(x, 1));
        return [ops.sub(sides(p), ops.sum(p, 0)), ops.div(sides(q), ops.maximum(inverses, TINY))];
      },
    };
  });
  return held(squares, inverse) as tf.Tensor3D;
}
