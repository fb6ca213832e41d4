import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../method.ts';

/** Affine maps of places, in pixels from the centre: `[maps]` each. */
export interface Affine {
  /** `x' = xx · x + xy · y + x0 · width`, and alike for y with the height. */
  readonly xx: tf.Tensor1D;
  readonly xy: tf.Tensor1D;
  readonly x0: tf.Tensor1D;
  readonly yx: tf.Tensor1D;
  readonly yy: tf.Tensor1D;
  readonly y0: tf.Tensor1D;
}

/**
 * Every place of a map takes the value at another one, bilinear between pixels and 0 outside.
 *
 *     out[p] = Σ_q G[p, q] · map[q],   G[p, q] = max(0, 1 − |x'(p) − x_q|) · max(0, 1 − |y'(p) − y_q|)
 *
 * The weights are a matrix, so warps in a row are one by their product, and their gradient reaches the numbers of the affine map;
 * the identity leaves a map as it is, to the bit. TensorFlow.js' own `image.transform` has no gradient.
 * @returns G of each affine map, `[maps, pixels, pixels]`
 */
export function warps(ops: Ops, affine: Affine, height: number, width: number): tf.Tensor3D {
  const pixels = height * width;
  const along = (size: number, ...parts: readonly tf.Tensor1D[]) =>
    ops.matMul<tf.Tensor2D>(ops.stack([...parts], 1), places(ops, height, width, size));
  const columns = nearness(ops, along(width, affine.xx, affine.xy, affine.x0), width);
  const rows = nearness(ops, along(height, affine.yx, affine.yy, affine.y0), height);
  const weights = ops.mul(
    ops.reshape(rows, [-1, pixels, height, 1]),
    ops.reshape(columns, [-1, pixels, 1, width]),
  );
  return ops.reshape(weights, [-1, pixels, pixels]);
}

/** `[3, height · width]`: pixels from the centre to the right, and down, and one number of pixels everywhere. */
function places(ops: Ops, height: number, width: number, size: number): tf.Tensor2D {
  const pixels = Array.from({ length: height * width }, (_, p) => p);
  return ops.tensor2d([
    pixels.map((p) => (p % width) - (width - 1) / 2),
    pixels.map((p) => Math.floor(p / width) - (height - 1) / 2),
    pixels.map(() => size),
  ]);
}

/** `max(0, 1 − |place − q|)` for every pixel q along an axis: `[maps, places, size]`. */
function nearness(ops: Ops, place: tf.Tensor2D, size: number): tf.Tensor {
  const pixels = ops.tensor1d(Float32Array.from({ length: size }, (_, q) => q - (size - 1) / 2));
  return hat(ops, ops.sub(ops.expandDims(place, 2), pixels));
}

/**
 * `max(0, 1 − |d|)`, whose slope at its corners is the mean of both sides: at the pixels themselves, where every search begins, it makes
 * the central difference of the map, and not nothing.
 */
function hat(ops: Ops, distance: tf.Tensor): tf.Tensor {
  const held = ops.customGrad((...values) => {
    const [d, save] = values as [tf.Tensor, tf.GradSaveFunc];
    save([d]);
    return {
      value: ops.relu(ops.sub(1, ops.abs(d))),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [at = dy] = saved;
        const size = ops.abs(at);
        const within = [ops.less(size, 1), ops.lessEqual(size, 1)].map((one) => ops.cast(one, 'float32'));
        return ops.mul(dy, ops.mul(ops.sign(at), ops.mul(-0.5, ops.addN(within))));
      },
    };
  });
  return held(distance);
}

/**
 * The share of every pixel that a square around a place covers: `[squares, height, width]`.
 * @param sides in shares of the map: `[squares]`
 */
export function covered(
  ops: Ops,
  sides: tf.Tensor,
  centre: readonly [y: tf.Tensor, x: tf.Tensor],
  height: number,
  width: number,
): tf.Tensor3D {
  const each = ops.reshape(sides, [-1, 1]);
  const [rows, columns] = [
    overlap(ops, ops.mul(each, height), ops.mul(centre[0], height), height),
    overlap(ops, ops.mul(each, width), ops.mul(centre[1], width), width),
  ];
  return ops.mul(ops.expandDims(rows, 2), ops.expandDims(columns, 1));
}

/** How much of each pixel `[q, q + 1]` lies in intervals of these lengths `[squares, 1]` around a place: `[squares, size]`. */
function overlap(ops: Ops, length: tf.Tensor, place: tf.Tensor, size: number): tf.Tensor {
  const left = ops.range(0, size, 1, 'float32');
  const half = ops.div(length, 2);
  const end = ops.minimum(ops.add(left, 1), ops.add(place, half));
  return ops.relu(ops.sub(end, ops.maximum(left, ops.sub(place, half))));
}
