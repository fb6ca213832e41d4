import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { flagOf, numberOf } from '../attributes.ts';
import { axisSize } from '../shape.ts';
import { frontAxis, tensor, type Composition } from './composition.ts';

interface Along {
  readonly axis: number;
  /** True where a place takes what stands after it. */
  readonly fromBehind: boolean;
}

/** Each place takes the number that stands `by` places before (or behind) it, and `fill` where there is none. */
export function shifted(value: Tensor, by: number, { axis, fromBehind }: Along, fill: number): Tensor {
  if (by >= axisSize(value.shape, axis)) return tf.fill(value.shape, fill);
  const begin = value.shape.map((_, at) => (at === axis && fromBehind ? by : 0));
  const size = value.shape.map((extent, at) => (at === axis ? extent - by : extent));
  const paddings = value.shape.map((_, at): [number, number] =>
    at !== axis ? [0, 0] : fromBehind ? [0, by] : [by, 0],
  );
  return tf.pad(tf.slice(value, begin, size), paddings, fill);
}

/** Products along an axis by doubling: after k rounds each place holds the product of the last 2^k. */
export const cumulativeProduct: Composition = (inputs, attributes) => {
  const x = tensor(inputs, 'x');
  const axis = frontAxis(numberOf(attributes, 'axis', 0), x.rank);
  const along = { axis, fromBehind: flagOf(attributes, 'reverse') };
  let result = flagOf(attributes, 'exclusive') ? shifted(x, 1, along, 1) : x;
  for (let reach = 1; reach < axisSize(x.shape, axis); reach *= 2)
    result = tf.mul(result, shifted(result, reach, along, 1));
  return result;
};

/**
 * Gradient of a cumulative product, without dividing, so that zeros are no special case:
 * dx_i = (x_1 · … · x_{i−1}) · S_i with S_i = dy_i + x_{i+1} S_{i+1}, where an exclusive product takes dy_{i+1} for dy_i.
 * The recurrence is solved by doubling, too.
 */
export function cumulativeProductGradient(
  dy: Tensor,
  x: Tensor,
  given: number,
  exclusive: boolean,
  reverse: boolean,
): Tensor {
  const axis = frontAxis(given, x.rank);
  const against = { axis, fromBehind: !reverse };
  let sums = exclusive ? shifted(dy, 1, against, 0) : dy;
  let factors = shifted(x, 1, against, 0);
  for (let reach = 1; reach < axisSize(x.shape, axis); reach *= 2) {
    sums = tf.add(sums, tf.mul(factors, shifted(sums, reach, against, 0)));
    factors = tf.mul(factors, shifted(factors, reach, against, 0));
  }
  return tf.mul(tf.cumprod(x, axis, true, reverse), sums);
}
