import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { layerGrams, probeBatches } from '../../src/measures/layer-grams.ts';
import { layerKernels, similarityOf, type Similarity } from '../../src/measures/layer-similarity.ts';
import { SIMILARITY_MEASURES, type SimilarityMeasure } from '../../src/protocol/records.ts';

/** Deterministic numbers that look drawn: fractions of multiples of an irrational number. */
function matrix(rows: number, columns: number, start: number): tf.Tensor2D {
  const values = Array.from({ length: rows * columns }, (_, i) => ((start + i * Math.SQRT2 * 7.3) % 1) - 0.3);
  return tf.tensor2d(values, [rows, columns]);
}

/** Normal numbers from two counters. */
function noise(rows: number, columns: number, start: number): tf.Tensor2D {
  const uniform = (i: number, step: number) => {
    const x = Math.sin(start * 12.9898 + i * step) * 43758.5453;
    return x - Math.floor(x);
  };
  const values = Array.from(
    { length: rows * columns },
    (_, i) => Math.sqrt(-2 * Math.log(1 - uniform(i, 78.233))) * Math.cos(2 * Math.PI * uniform(i, 37.719)),
  );
  return tf.tensor2d(values, [rows, columns]);
}

function compare(measure: SimilarityMeasure, x: tf.Tensor, y: tf.Tensor, size = x.shape[0]): Similarity {
  const batches = { batches: x.shape[0] / size, size };
  const [one, other] = [x, y].map(
    (layer) => layerKernels(layerGrams(tf, layer, batches).dataSync(), size)[measure],
  );
  if (one === undefined || other === undefined) throw new Error('unreachable');
  return similarityOf(one, other);
}

const rowsOf = (x: tf.Tensor2D) => x.arraySync();
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * (b[i] ?? 0), 0);
const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((v, i) => v - (b[i] ?? 0)));

/** The kernel of each measure, from the features themselves. */
function kernelOf(measure: SimilarityMeasure, x: tf.Tensor2D): number[][] {
  const rows = rowsOf(x);
  if (measure === 'linearCka') return rows.map((a) => rows.map((b) => dot(a, b)));
  const distances = rows.map((a) => rows.map((b) => distance(a, b)));
  if (measure === 'distanceCorrelation') return distances;
  const above = distances.flatMap((row, i) => row.filter((_, j) => j > i)).sort((a, b) => a - b);
  const half = above.length >> 1;
  const [low = 0, high = 0] =
    above.length % 2 === 1 ? [above[half], above[half]] : [above[half - 1], above[half]];
  const variance = (low ** 2 + high ** 2) / 2;
  return distances.map((row) => row.map((d) => Math.exp(-(d ** 2) / (2 * variance))));
}

/**
 * The second formula, of Song et al. 2012: 1/(n(n−3)) · [tr(K̃L̃) + 1ᵀK̃1 · 1ᵀL̃1 / ((n−1)(n−2)) − 2/(n−2) · 1ᵀK̃L̃1], where K̃
 * and L̃ are the kernels with their diagonals set to 0.
 */
function hsicBySong(k: number[][], l: number[][]): number {
  const n = k.length;
  const [a, b] = [k, l].map((one) => one.map((row, i) => row.map((v, j) => (i === j ? 0 : v))));
  if (a === undefined || b === undefined) throw new Error('unreachable');
  const sumOf = (one: number[][]) => one.flat().reduce((sum, v) => sum + v, 0);
  const product = a.map((row) => row.map((_, j) => row.reduce((sum, v, m) => sum + v * (b[m]?.[j] ?? 0), 0)));
  const trace = product.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  const terms = trace + (sumOf(a) * sumOf(b)) / ((n - 1) * (n - 2)) - (2 / (n - 2)) * sumOf(product);
  return terms / (n * (n - 3));
}

function similarityBySong(measure: SimilarityMeasure, x: tf.Tensor2D, y: tf.Tensor2D): number {
  const [k, l] = [kernelOf(measure, x), kernelOf(measure, y)];
  return hsicBySong(k, l) / Math.sqrt(hsicBySong(k, k) * hsicBySong(l, l));
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

describe.each(SIMILARITY_MEASURES)('%s of two layers', (measure) => {
  const x = matrix(24, 7, 0.1);
  const y = tf.add<tf.Tensor2D>(matrix(24, 5, 0.77), tf.matMul(x, matrix(7, 5, 0.4)));

  it('equals the estimate of Song et al. on kernels of the features themselves', () => {
    const { value } = compare(measure, x, y);
    expect(value).toBeCloseTo(similarityBySong(measure, x, y), 5);
    expect(value).toBeGreaterThan(0.05);
    expect(value).toBeLessThan(0.95);
  });

  it('is 1 with itself, symmetric, and does not change by rotation, scale or shift', () => {
    const turned = tf.matMul(tf.matMul(x, rotation(7, 0, 3, 0.7)), rotation(7, 3, 5, -1.9));
    const moved = tf.add<tf.Tensor2D>(tf.mul(turned, 13), 2);
    expect(compare(measure, x, x).value).toBeCloseTo(1, 6);
    expect(compare(measure, x, y).value).toBeCloseTo(compare(measure, y, x).value, 6);
    expect(compare(measure, moved, y).value).toBeCloseTo(compare(measure, x, y).value, 4);
  });

  it('is not blind: scaling one feature alone changes it', () => {
    const stretched = tf.mul(x, tf.tensor1d([9, 1, 1, 1, 1, 1, 1]));
    const change = compare(measure, stretched, y).value - compare(measure, x, y).value;
    expect(Math.abs(change)).toBeGreaterThan(0.01);
  });

  it('is 0 where a layer says the same of every sample', () => {
    expect(compare(measure, tf.ones([24, 3]), y).value).toBe(0);
  });

  it('is without bias: about 0 for unrelated layers of many features in small batches', () => {
    // The estimate with bias would be above 0.9 here: 8 samples, 400 features.
    const { value, error } = compare(measure, noise(320, 400, 1), noise(320, 400, 2), 8);
    expect(Math.abs(value)).toBeLessThan(0.1);
    expect(Math.abs(value)).toBeLessThan(4 * (error ?? 0));
  });

  it('tells the standard error over batches, which is 0 where all batches agree', () => {
    const two = tf.concat([x, x]);
    const other = tf.concat([y, y]);
    const { value, error } = compare(measure, two, other, 24);
    expect(value).toBeCloseTo(compare(measure, x, y).value, 6);
    expect(error).toBeCloseTo(0, 6);
    expect(compare(measure, x, y).error).toBeNull();
    expect(
      compare(
        measure,
        tf.concat([
          x,
          tf.pad(y, [
            [0, 0],
            [0, 2],
          ]),
        ]),
        two,
        24,
      ).error,
    ).toBeGreaterThan(0.01);
  });
});

describe('the standard error', () => {
  it('is the spread of the estimate over independent probes, within a third', () => {
    // 60 probes of 8 batches of 16: what they estimate spreads as each of them says.
    const found = Array.from({ length: 60 }, (_, probe) => {
      const common = noise(128, 6, 1000 + probe);
      const [x, y] = [noise(128, 6, 2000 + probe), noise(128, 6, 3000 + probe)].map((own) =>
        tf.add<tf.Tensor2D>(common, own),
      );
      return compare('linearCka', x as tf.Tensor2D, y as tf.Tensor2D, 16);
    });
    const values = found.map(({ value }) => value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = Math.sqrt(
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
    );
    const told = Math.sqrt(found.reduce((sum, { error }) => sum + (error ?? 0) ** 2, 0) / found.length);
    expect(told / spread).toBeGreaterThan(2 / 3);
    expect(told / spread).toBeLessThan(4 / 3);
  });
});

describe('the Gram matrices of a layer', () => {
  const whole = { batches: 1, size: 6 };
  const grams = (map: tf.Tensor) => Array.from(layerGrams(tf, map, whole).dataSync());

  it('read a map as its flattened features', () => {
    const map = matrix(6, 12, 0.3);
    grams(tf.reshape(map, [6, 2, 3, 2])).forEach((value, at) => {
      expect(value).toBeCloseTo(grams(map)[at] ?? NaN, 6);
    });
  });

  it('of a large map are those of its means over windows, 8×8 at most', () => {
    const small = tf.reshape(matrix(6, 8 * 7 * 2, 0.3), [6, 8, 7, 2]);
    // Every value of the small map fills a window of 3×3.
    const rows = tf.reshape(tf.tile(tf.reshape(small, [6, 8, 1, 7, 2]), [1, 1, 3, 1, 1]), [6, 24, 7, 2]);
    const large = tf.reshape(tf.tile(tf.reshape(rows, [6, 24, 7, 1, 2]), [1, 1, 1, 3, 1]), [6, 24, 21, 2]);
    grams(large).forEach((value, at) => {
      expect(value).toBeCloseTo(grams(small)[at] ?? NaN, 4);
    });
  });

  it('are those of each batch alone', () => {
    const map = matrix(12, 5, 0.2);
    const both = layerGrams(tf, map, { batches: 2, size: 6 });
    expect(both.shape).toEqual([2, 6, 6]);
    const second = Array.from(tf.slice(both, [1, 0, 0], [1, 6, 6]).dataSync());
    second.forEach((value, at) => {
      expect(value).toBeCloseTo(grams(tf.slice(map, [6, 0], [6, 5]))[at] ?? NaN, 6);
    });
  });
});

it('a probe has whole batches, one smaller batch of few samples, and none of fewer than four', () => {
  expect(probeBatches(1000, 128)).toEqual({ batches: 4, size: 32 });
  expect(probeBatches(100, 128)).toEqual({ batches: 3, size: 32 });
  expect(probeBatches(20, 128)).toEqual({ batches: 1, size: 20 });
  expect(probeBatches(3, 128)).toEqual({ batches: 0, size: 0 });
});
