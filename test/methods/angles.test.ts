import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { unit } from '../../src/methods/math.ts';
import { angles } from '../../src/methods/relation/angles.ts';
import { drawn, value, values } from './context.ts';

/** By directions, as the paper writes it. */
function directed(rows: tf.Tensor2D): tf.Tensor3D {
  const directions = unit(tf, tf.sub<tf.Tensor3D>(tf.expandDims(rows, 0), tf.expandDims(rows, 1)), 2);
  return tf.matMul(directions, directions, false, true);
}

describe('the angles among samples', () => {
  const rows = tf.add<tf.Tensor2D>(drawn([6, 5], 1), 4);
  const weights = drawn([6, 6, 6], 2);
  const weighted = (at: tf.Tensor) => value(tf.sum(tf.mul(weights, directed(at as tf.Tensor2D))));

  it('are those between directions, and change as they do', () => {
    const wanted = values(directed(rows));
    values(angles(tf, rows)).forEach((one, i) => expect(one).toBeCloseTo(wanted[i] ?? NaN, 5));
    const slopes = values(tf.grad((x) => tf.sum(tf.mul(weights, angles(tf, x as tf.Tensor2D))))(rows));
    const step = 1e-2;
    slopes.forEach((slope, at) => {
      const move = tf.oneHot(tf.tensor1d([at], 'int32'), rows.size, step, 0, 'float32');
      const by = tf.reshape(move, rows.shape);
      const quotient = (weighted(tf.add(rows, by)) - weighted(tf.sub(rows, by))) / (2 * step);
      expect(slope).toBeCloseTo(quotient, 2);
    });
    expect(Math.max(...slopes)).toBeGreaterThan(0.5);
  });

  it('are 0, without a slope, between samples in one place', () => {
    const twice = tf.concat<tf.Tensor2D>([rows, rows]);
    const found = angles(tf, twice);
    const wanted = values(directed(twice));
    values(found).forEach((one, i) => expect(one).toBeCloseTo(wanted[i] ?? NaN, 5));
    const slope = values(tf.grad((x) => tf.sum(angles(tf, x as tf.Tensor2D)))(twice));
    for (const one of slope) expect(Math.abs(one)).toBeLessThan(100);
    expect(values(angles(tf, tf.zeros([3, 4])))).toEqual(new Array(27).fill(0));
  });
});
