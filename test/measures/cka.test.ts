import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { centredGram, linearCka } from '../../src/measures/cka.ts';

/** Deterministic numbers that look drawn: fractions of multiples of an irrational number. */
function matrix(rows: number, columns: number, start: number): tf.Tensor2D {
  const values = Array.from({ length: rows * columns }, (_, i) => ((start + i * Math.SQRT2 * 7.3) % 1) - 0.3);
  return tf.tensor2d(values, [rows, columns]);
}

const gram = (x: tf.Tensor) => centredGram(tf, x).dataSync();
const cka = (x: tf.Tensor, y: tf.Tensor) => linearCka(gram(x), gram(y));

/** The other form: ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖) in feature space. */
function ckaInFeatureSpace(x: tf.Tensor2D, y: tf.Tensor2D): number {
  const centred = (z: tf.Tensor2D) => tf.sub<tf.Tensor2D>(z, tf.mean(z, 0, true));
  const norm = (a: tf.Tensor2D, b: tf.Tensor2D) =>
    Math.sqrt(tf.sum(tf.square(tf.matMul(a, b, true))).dataSync()[0] ?? NaN);
  const [xc, yc] = [centred(x), centred(y)];
  return norm(yc, xc) ** 2 / (norm(xc, xc) * norm(yc, yc));
}

/** Turns the plane of the features `first` and `second` by `angle`, leaving the others. */
function rotation(size: number, first: number, second: number, angle: number): tf.Tensor2D {
  const values = tf.eye(size).arraySync();
  const row = (i: number) => values[i] ?? [];
  row(first)[first] = row(second)[second] = Math.cos(angle);
  row(first)[second] = -Math.sin(angle);
  row(second)[first] = Math.sin(angle);
  return tf.tensor2d(values);
}

describe('linear CKA', () => {
  const x = matrix(24, 7, 0.1);
  const y = tf.add<tf.Tensor2D>(matrix(24, 5, 0.77), tf.matMul(x, matrix(7, 5, 0.4)));

  it('equals the form in feature space', () => {
    expect(cka(x, y)).toBeCloseTo(ckaInFeatureSpace(x, y), 5);
    expect(cka(x, y)).toBeGreaterThan(0.05);
    expect(cka(x, y)).toBeLessThan(0.95);
  });

  it('is 1 with itself, symmetric, and does not change by rotation, scale or shift', () => {
    const turned = tf.matMul(tf.matMul(x, rotation(7, 0, 3, 0.7)), rotation(7, 3, 5, -1.9));
    const moved = tf.add(tf.mul(turned, 13), 2);
    expect(cka(x, x)).toBeCloseTo(1, 6);
    expect(cka(x, y)).toBeCloseTo(cka(y, x), 6);
    expect(cka(moved, y)).toBeCloseTo(cka(x, y), 5);
  });

  it('is not blind: scaling one feature alone changes it', () => {
    const stretched = tf.mul(x, tf.tensor1d([9, 1, 1, 1, 1, 1, 1]));
    expect(Math.abs(cka(stretched, y) - cka(x, y))).toBeGreaterThan(0.01);
  });

  it('is 0 where a layer says the same of every sample', () => {
    expect(cka(tf.ones([24, 3]), y)).toBe(0);
  });

  it('reads a map as its flattened features', () => {
    const map = matrix(24, 12, 0.3);
    expect(cka(tf.reshape(map, [24, 2, 3, 2]), y)).toBeCloseTo(cka(map, y), 6);
  });
});
