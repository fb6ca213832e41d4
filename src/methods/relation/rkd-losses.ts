import type * as tf from '@tensorflow/tfjs-core';
import { detached, flatten, smoothL1, squaredDistances } from '../math.ts';
import type { LossContext, Ops } from '../method.ts';
import { angles } from './angles.ts';

/** Squared distances below this are rounding of the Gram identity. */
const SMALLEST_SQUARE = 1e-12;
/** No mean distance of two samples that differ falls below this. */
const SMALLEST_MEAN = 1e-12;

/**
 * `1/N² · Σᵢⱼ ℓ(ψ_s − ψ_t)`, ψ(i, j) = ‖fᵢ − fⱼ‖ / μ with μ the mean of the positive distances, ℓ the Huber loss.
 * Gradients flow through the student's μ. Source: Park et al. 2019, equations 4 to 6.
 */
export function distanceLoss<S>(ops: Ops, { student, teacher }: LossContext<S>): tf.Scalar {
  const losses = student.maps.map((map, pair) => {
    const s = scaledDistances(ops, flatten(ops, map));
    const t = scaledDistances(ops, flatten(ops, teacher.maps[pair] as tf.Tensor));
    return ops.mean<tf.Scalar>(smoothL1(ops, ops.sub(s, t)));
  });
  return ops.addN(losses);
}

function scaledDistances(ops: Ops, rows: tf.Tensor2D): tf.Tensor2D {
  const [samples] = rows.shape;
  const offDiagonal = ops.sub(1, ops.eye(samples));
  const distances = ops.mul(ops.sqrt(ops.maximum(squaredDistances(ops, rows), SMALLEST_SQUARE)), offDiagonal);
  const positive = detached(ops, [distances], (d) => ops.sum(ops.cast(ops.greater(d, 0), 'float32')));
  const mean = ops.div(ops.sum(distances), ops.maximum(positive, 1));
  // A sample alone has no distances: 0 of them on average, and 0 after scaling.
  return ops.div(distances, ops.maximum(mean, SMALLEST_MEAN));
}

/**
 * `1/N³ · Σᵢⱼₖ ℓ(A_s − A_t)`, A(i, j, k) = ⟨eᵢⱼ, eᵢₖ⟩ with eᵢⱼ = (fⱼ − fᵢ) / ‖fⱼ − fᵢ‖, ℓ the Huber loss.
 * Source: Park et al. 2019, equations 7 and 8.
 */
export function angleLoss<S>(ops: Ops, { student, teacher }: LossContext<S>): tf.Scalar {
  const losses = student.maps.map((map, pair) => {
    const s = angles(ops, flatten(ops, map));
    const t = angles(ops, flatten(ops, teacher.maps[pair] as tf.Tensor));
    return ops.mean<tf.Scalar>(smoothL1(ops, ops.sub(s, t)));
  });
  return ops.addN(losses);
}
