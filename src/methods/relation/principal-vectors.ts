import type * as tf from '@tensorflow/tfjs-core';
import { detached } from '../math.ts';
import type { Ops } from '../method.ts';
import { firstSingularVector, singularVector } from './singular-vectors.ts';

/** Vectors of the student among which the one closest to the teacher's is found: one, and three more. */
const CANDIDATES = 4;

/**
 * The first right singular vector of each sample's map as `[height·width, channels]`, a constant, its entries summing to a
 * positive number: `[batch, height, width, channels]` to `[batch, channels]`.
 */
export function principalVector(ops: Ops, map: tf.Tensor4D): tf.Tensor2D {
  const vector = firstSingularVector(ops, matricesOf(ops, map));
  return detached(ops, [vector], (held) => ops.mul(held as tf.Tensor2D, signOf(ops, ops.sum(held, 1, true))));
}

/** The one of the map's first four vectors closest to the target in angle, turned towards it: `[batch, channels]`. */
export function alignedVector(ops: Ops, map: tf.Tensor4D, target: tf.Tensor2D): tf.Tensor2D {
  const cosine = (vector: tf.Tensor2D) => ops.sum<tf.Tensor2D>(ops.mul(vector, target), 1, true);
  const vector = singularVector(ops, matricesOf(ops, map), CANDIDATES, (vectors) => {
    const cosines = ops.abs(ops.concat(vectors.map(cosine), 1));
    return ops.oneHot(ops.argMax(cosines, 1), vectors.length, 1, 0, 'float32') as tf.Tensor2D;
  });
  return ops.mul(
    vector,
    detached(ops, [vector], (held) => signOf(ops, cosine(held as tf.Tensor2D))),
  );
}

function matricesOf(ops: Ops, map: tf.Tensor4D): tf.Tensor3D {
  const [batch, height, width, channels] = map.shape;
  return ops.reshape(map, [batch, height * width, channels]);
}

/** −1 below zero, else 1. */
function signOf(ops: Ops, x: tf.Tensor): tf.Tensor {
  return ops.sub(ops.mul(2, ops.cast(ops.greaterEqual(x, 0), 'float32')), 1);
}
