import { beforeAll, describe, expect, test } from 'vitest';
import { expectSame, tf, useCpu } from './support.ts';
import { batchNormInference, batchNormTraining } from '../../src/models/batch-norm.ts';

beforeAll(useCpu);

function normalValues(count: number, mean: number, std: number): Float32Array {
  let state = 12345;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  return Float32Array.from(
    { length: count },
    () => mean + std * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

/** The same normalisation by plain operations, differentiated by tfjs. */
function plain(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): tf.Tensor {
  const { mean, variance } = tf.moments(x, x.shape.map((_, axis) => axis).slice(0, -1));
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), scale), offset);
}

describe('batch normalisation in training', () => {
  test.each([[[6, 5]], [[4, 3, 3, 5]], [[2, 3, 5]]])(
    'has the values and gradients of the plain formula at shape %j',
    (shape) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const x = tf.tensor(normalValues(count, 0.3, 2), shape);
      const weights = tf.tensor(normalValues(count, 0, 1), shape);
      const scale = tf.tensor1d([1, 0.5, -2, 0.1, 3]);
      const offset = tf.tensor1d([0, 1, 2, -1, 0.5]);
      const loss = (f: (...a: tf.Tensor[]) => tf.Tensor) => (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) =>
        tf.sum(tf.mul(f(a, b, c), weights));
      const ours = tf.grads(loss((a, b, c) => batchNormTraining(tf, a, b, c, 1e-3).output))([
        x,
        scale,
        offset,
      ]);
      const theirs = tf.grads(loss((a, b, c) => plain(a, b, c, 1e-3)))([x, scale, offset]);
      expectClose(batchNormTraining(tf, x, scale, offset, 1e-3).output, plain(x, scale, offset, 1e-3), 1e-5);
      for (const [index, gradient] of ours.entries()) expectClose(gradient, theirs[index], 2e-5);
    },
  );

  test('does not lose the variance of values with mean 1000 and standard deviation 1', () => {
    const values = normalValues(8192, 1000, 1);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    const result = batchNormTraining(tf, tf.tensor(values, [8192, 1]), tf.ones([1]), tf.zeros([1]), 1e-5);
    expect(result.variance.dataSync()[0]).toBeCloseTo(variance, 4);
    expect(result.mean.dataSync()[0]).toBeCloseTo(mean, 3);
    const output = result.output.dataSync();
    for (const at of [0, 17, 4000])
      expect(output[at]).toBeCloseTo(((values[at] ?? NaN) - mean) / Math.sqrt(variance + 1e-5), 3);
  });
});

test('batch normalisation in inference passes gradients to its input, scale and offset, none to the statistics', () => {
  const x = tf.tensor(normalValues(30, 0, 1), [6, 5]);
  const weights = tf.tensor(normalValues(30, 0, 1), [6, 5]);
  const mean = tf.tensor1d([0.1, -0.2, 0.3, 0, 1]);
  const variance = tf.tensor1d([1, 2, 0.5, 4, 0.01]);
  const scale = tf.tensor1d([1, 0.5, -2, 0.1, 3]);
  const offset = tf.tensor1d([0, 1, 2, -1, 0.5]);
  const reference = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Tensor =>
    tf.add(tf.mul(tf.mul(tf.sub(a, mean), tf.rsqrt(tf.add(variance, 1e-3))), b), c);
  const ours = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Tensor =>
    batchNormInference(tf, a, mean, variance, b, c, 1e-3);
  expectClose(ours(x, scale, offset), reference(x, scale, offset), 1e-5);
  const gradient = (f: typeof ours): tf.Tensor[] =>
    tf.grads((a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => tf.sum(tf.mul(f(a, b, c), weights)))([
      x,
      scale,
      offset,
    ]);
  for (const [index, value] of gradient(ours).entries()) expectClose(value, gradient(reference)[index], 1e-5);
});

function expectClose(actual: tf.Tensor, expected: tf.Tensor | undefined, tolerance: number): void {
  expect(actual.shape).toEqual(expected?.shape);
  expectSame(
    { values: actual.dataSync() },
    { values: expected?.dataSync() ?? new Float32Array() },
    { relative: tolerance, ofLargest: tolerance, absolute: tolerance },
  );
}
