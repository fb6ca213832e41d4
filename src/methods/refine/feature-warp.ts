import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../method.ts';

/** An affine map of places, in pixels from the centre: scalars. */
export interface Affine {
  /** `x' = xx · x + xy · y + x0`, and alike for y. */
  readonly xx: tf.Tensor;
  readonly xy: tf.Tensor;
  readonly x0: tf.Tensor;
  readonly yx: tf.Tensor;
  readonly yy: tf.Tensor;
  readonly y0: tf.Tensor;
}

/**
 * Every place of a map takes the value at another one, bilinear between pixels and 0 outside.
 *
 *     out[p] = Σ_q max(0, 1 − |x'(p) − x_q|) · max(0, 1 − |y'(p) − y_q|) · map[q]
 *
 * One affine map for the whole batch, so the weights are one matrix `[pixels, pixels]` and their gradient reaches the scalars; the
 * identity leaves the map as it is, to the bit. TensorFlow.js' own `image.transform` has no gradient.
 * @param map `[batch, height, width, channels]`
 */
export function warp(ops: Ops, map: tf.Tensor4D, affine: Affine): tf.Tensor4D {
  const [batch, height, width, channels] = map.shape;
  const pixels = height * width;
  const [x, y] = [places(ops, height, width, 'x'), places(ops, height, width, 'y')];
  const at = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => ops.add(ops.add(ops.mul(a, x), ops.mul(b, y)), c);
  const columns = nearness(ops, at(affine.xx, affine.xy, affine.x0), width);
  const rows = nearness(ops, at(affine.yx, affine.yy, affine.y0), height);
  const weights = ops.mul(ops.reshape(rows, [pixels, height, 1]), ops.reshape(columns, [pixels, 1, width]));
  const flat = ops.reshape<tf.Rank.R2>(ops.transpose(map, [1, 2, 0, 3]), [pixels, batch * channels]);
  const moved = ops.matMul(ops.reshape<tf.Rank.R2>(weights, [pixels, pixels]), flat);
  return ops.transpose(ops.reshape(moved, [height, width, batch, channels]), [2, 0, 1, 3]);
}

/** `[height · width]`, pixels from the centre along one axis. */
function places(ops: Ops, height: number, width: number, axis: 'x' | 'y'): tf.Tensor1D {
  const values = Float32Array.from({ length: height * width }, (_, p) =>
    axis === 'x' ? (p % width) - (width - 1) / 2 : Math.floor(p / width) - (height - 1) / 2,
  );
  return ops.tensor1d(values);
}

/** `max(0, 1 − |place − q|)` for every pixel q along an axis: `[places, size]`. */
function nearness(ops: Ops, place: tf.Tensor, size: number): tf.Tensor {
  const pixels = ops.tensor2d(
    Float32Array.from({ length: size }, (_, q) => q - (size - 1) / 2),
    [1, size],
  );
  return hat(ops, ops.sub(ops.reshape(place, [place.size, 1]), pixels));
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

/** The share of every pixel that a square of a side (in shares of the map) around a place covers: `[height, width]`. */
export function covered(
  ops: Ops,
  side: tf.Tensor,
  centre: readonly [y: tf.Tensor, x: tf.Tensor],
  height: number,
  width: number,
): tf.Tensor2D {
  const [rows, columns] = [
    overlap(ops, ops.mul(side, height), ops.mul(centre[0], height), height),
    overlap(ops, ops.mul(side, width), ops.mul(centre[1], width), width),
  ];
  return ops.mul(ops.reshape(rows, [height, 1]), ops.reshape(columns, [1, width]));
}

/** How much of each pixel `[q, q + 1]` lies in an interval of this length around a place. */
function overlap(ops: Ops, length: tf.Tensor, place: tf.Tensor, size: number): tf.Tensor {
  const left = ops.range(0, size, 1, 'float32');
  const half = ops.div(length, 2);
  const end = ops.minimum(ops.add(left, 1), ops.add(place, half));
  return ops.relu(ops.sub(end, ops.maximum(left, ops.sub(place, half))));
}
