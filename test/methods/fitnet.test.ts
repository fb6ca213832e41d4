import { describe, expect, it } from 'vitest';
import { NO_GROUP_SIZES } from '../../src/methods/method.ts';
import { tf } from '../../src/compiler/tfjs.ts';
import { findMethod } from '../../src/methods/index.ts';
import { initialValue } from '../../src/training/initial-value.ts';
import { context, drawn, value, values } from './context.ts';

const fitnet = findMethod('fitnet');
if (fitnet === undefined) throw new Error('no fitnet');

function variablesFor(student: readonly number[], teacher: readonly number[]): Record<string, tf.Tensor> {
  const specs =
    fitnet?.variables?.(
      { pairs: [{ student, teacher }], ...NO_GROUP_SIZES, classes: 2, samples: 1, batch: 1 },
      {},
    ) ?? [];
  return Object.fromEntries(
    specs.map((spec) => [spec.name, tf.tensor(initialValue(spec, 1, spec.name), [...spec.shape])]),
  );
}

describe('hints', () => {
  it.each([
    ['equal sizes: 1x1', [4, 4, 3], [4, 4, 5], [1, 1, 3, 5]],
    ['twice the size: 3x3 with stride 2', [8, 8, 3], [4, 4, 5], [3, 3, 3, 5]],
    ['half the size: transposed 4x4', [2, 2, 3], [4, 4, 5], [4, 4, 5, 3]],
    ['larger by three: 4x4 without padding', [7, 7, 3], [4, 4, 5], [4, 4, 3, 5]],
    ['unequal axes', [5, 9, 3], [4, 4, 5], [2, 6, 3, 5]],
  ])('the regressor reaches the shape of the teacher from %s', (_, student, teacher, kernel) => {
    expect(fitnet.checkPair?.({ student, teacher })).toBeNull();
    const variables = variablesFor(student, teacher);
    expect(variables['pair0/kernel']?.shape).toEqual(kernel);
    const maps = [drawn([2, ...student], 1), drawn([2, ...teacher], 2)] as const;
    const loss = (map: tf.Tensor) => fitnet.loss(tf, context({ maps: [map, maps[1]], variables }));
    expect(value(loss(maps[0]))).toBeGreaterThan(0);
    const slopes = values(tf.grad(loss)(maps[0]));
    expect(slopes).toHaveLength(maps[0].size);
    expect(slopes.some((slope) => slope !== 0)).toBe(true);
  });

  it.each([
    [
      [3, 3, 8],
      [8, 8, 8],
    ],
    [
      [8, 4, 8],
      [4, 4, 8],
    ],
    [
      [2, 4, 8],
      [4, 4, 8],
    ],
    [
      [6, 2, 8],
      [4, 4, 8],
    ],
  ])('says that %j cannot be brought to %j', (student, teacher) => {
    expect(fitnet.checkPair?.({ student, teacher })?.message).toContain('cannot bring');
  });

  it('is zero where the teacher says what the regressor says', () => {
    const variables = variablesFor([4, 4, 3], [4, 4, 5]);
    const map = drawn([2, 4, 4, 3], 3);
    const zeros = tf.zeros([2, 4, 4, 5]);
    // Far below zero before the ReLU, the regressor says zero everywhere.
    const silent = { ...variables, 'pair0/offset': tf.fill([5], -1e6) };
    expect(value(fitnet.loss(tf, context({ maps: [map, zeros], variables: silent })))).toBe(0);
    expect(value(fitnet.loss(tf, context({ maps: [map, zeros], variables })))).toBeGreaterThan(0.1);
  });

  it('renews running statistics as PyTorch does, and reads them outside training', () => {
    const variables = variablesFor([4, 4, 3], [4, 4, 5]);
    const map = drawn([2, 4, 4, 3], 3);
    const target = drawn([2, 4, 4, 5], 4);
    const updates: Record<string, number[]> = {};
    const update = (name: string, tensor: tf.Tensor) => (updates[name] = values(tensor));
    fitnet.loss(tf, context({ maps: [map, target], variables, update }));
    const kernel = variables['pair0/kernel'] as tf.Tensor4D;
    const x = tf.add(tf.conv2d(map as tf.Tensor4D, kernel, 1, 'valid'), variables['pair0/bias'] as tf.Tensor);
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const unbiased = tf.mul(variance, 32 / 31);
    expect(updates['pair0/runningMean']).toHaveLength(5);
    values(mean).forEach((one, c) => {
      expect(updates['pair0/runningMean']?.[c]).toBeCloseTo(0.1 * one, 6);
      expect(updates['pair0/runningVariance']?.[c]).toBeCloseTo(0.9 + 0.1 * (values(unbiased)[c] ?? NaN), 6);
    });
    const asTrained = { ...variables, 'pair0/runningMean': mean, 'pair0/runningVariance': variance };
    const inference = fitnet.loss(
      tf,
      context({ maps: [map, target], variables: asTrained, training: false }),
    );
    expect(value(inference)).toBeCloseTo(
      value(fitnet.loss(tf, context({ maps: [map, target], variables }))),
      5,
    );
  });
});
