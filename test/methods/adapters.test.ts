import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import type { AdapterChoice } from '../../src/methods/adapter-choice.ts';
import { catalogue, findMethod } from '../../src/methods/index.ts';
import { NO_GROUP_SIZES, type PairShapes } from '../../src/methods/method.ts';
import { initialValue } from '../../src/training/initial-value.ts';
import { context, drawn, value, values } from './context.ts';

const plain = (kind: 'conv1x1' | 'conv3x3'): AdapterChoice => ({ kind, batchNorm: false });

function methodOf(name: string) {
  const method = findMethod(name);
  if (method === undefined) throw new Error(`no ${name}`);
  return method;
}

/** The variables of one pair, and its loss with them. */
function adapted(name: string, pair: PairShapes) {
  const method = methodOf(name);
  const defaults = Object.entries(method.parameters.fields).map(([key, one]) => [key, one.default] as const);
  const parameters = Object.fromEntries(defaults);
  const sizes = { ...NO_GROUP_SIZES, pairs: [pair], classes: 2, samples: 1, batch: 2 };
  const specs = method.variables?.(sizes, parameters) ?? [];
  const variables = Object.fromEntries(
    specs.map((one) => [one.name, tf.tensor(initialValue(one, 1, one.name), [...one.shape])]),
  );
  const loss = (student: tf.Tensor, teacher: tf.Tensor, own = variables) =>
    method.loss(
      tf,
      context({ maps: [student, teacher], parameters, variables: own, adapters: [pair.adapter] }),
    );
  return { specs, variables, loss };
}

const choosing = catalogue.filter(({ adapters }) => adapters === true).map(({ name }) => name);

describe('the adapter of a pair', () => {
  it('is a choice of the methods that bring maps to one shape by a convolution', () => {
    const known = ['ab', 'correlation', 'cosine', 'earthMover', 'fitnet', 'huber', 'l1', 'l2', 'mmd'];
    expect([...choosing].sort()).toEqual(known);
  });

  it.each(choosing)('%s: brings any two maps together, and its gradient reaches the student', (name) => {
    const shapes = { student: [3, 7, 2], teacher: [6, 4, 3] };
    expect(methodOf(name).checkPair?.(shapes)).not.toBeNull();
    const pair = { ...shapes, adapter: { kind: 'conv3x3', batchNorm: true } as const };
    expect(methodOf(name).checkPair?.(pair)).toBeNull();
    const { variables, loss } = adapted(name, pair);
    expect(variables['pair0/kernel']?.shape).toEqual([3, 3, 2, 3]);
    const teacher = drawn([2, 6, 4, 3], 2);
    const slopes = values(tf.grad((map: tf.Tensor) => loss(map, teacher))(drawn([2, 3, 7, 2], 1)));
    expect(slopes.every(Number.isFinite)).toBe(true);
    expect(slopes.some((slope) => slope !== 0)).toBe(true);
  });

  it('is the one that the method takes by itself where it is the regressor', () => {
    const shapes = { student: [8, 8, 2], teacher: [4, 4, 3] };
    const [student, teacher] = [drawn([2, 8, 8, 2], 1), drawn([2, 4, 4, 3], 2)];
    const own = adapted('fitnet', shapes);
    const chosen = adapted('fitnet', { ...shapes, adapter: { kind: 'regressor', batchNorm: true } });
    expect(chosen.specs).toEqual(own.specs);
    expect(value(chosen.loss(student, teacher))).toBe(value(own.loss(student, teacher)));
  });

  it('averages a larger map, then takes every pixel through one matrix', () => {
    const { variables, loss, specs } = adapted('l2', {
      ...{ student: [4, 2, 2], teacher: [2, 1, 1] },
      adapter: plain('conv1x1'),
    });
    expect(specs.map(({ name }) => name)).toEqual(['pair0/kernel', 'pair0/bias']);
    const own = {
      ...variables,
      'pair0/kernel': tf.tensor4d([2, -1], [1, 1, 2, 1]),
      'pair0/bias': tf.tensor1d([0.5]),
    };
    // Means of 2x2 pixels: channel 0 is 2 and 4, channel 1 is 1 and 3.
    const student = tf.tensor4d([1, 1, 3, 1, 2, 0, 2, 2, 4, 3, 4, 3, 4, 3, 4, 3], [1, 4, 2, 2]);
    const teacher = tf.tensor4d([3, 6], [1, 2, 1, 1]);
    // 2·2 − 1 + ½ = 3.5 and 2·4 − 3 + ½ = 5.5
    expect(value(loss(student, teacher, own))).toBeCloseTo((0.5 ** 2 + 0.5 ** 2) / 2, 6);
  });

  it('enlarges a smaller map bilinearly', () => {
    const { variables, loss } = adapted('l1', {
      ...{ student: [1, 2, 1], teacher: [1, 4, 1] },
      adapter: plain('conv1x1'),
    });
    const own = { ...variables, 'pair0/kernel': tf.ones([1, 1, 1, 1]), 'pair0/bias': tf.zeros([1]) };
    // Centres in line: 0, 1 between which lie 0.25 and 0.75 of the way.
    const teacher = tf.tensor4d([0, 2, 6, 8], [1, 1, 4, 1]);
    expect(value(loss(tf.tensor4d([0, 8], [1, 1, 2, 1]), teacher, own))).toBeCloseTo(0, 6);
  });

  it('stands also between layers of one shape, where the method alone has none', () => {
    const shapes = { student: [2, 2, 3], teacher: [2, 2, 3] };
    expect(adapted('cosine', shapes).specs).toEqual([]);
    expect(adapted('cosine', { ...shapes, adapter: plain('conv3x3') }).specs).toHaveLength(2);
    expect(adapted('ab', { ...shapes, adapter: { kind: 'conv1x1', batchNorm: true } }).specs).toHaveLength(6);
  });

  it('is refused between vectors', () => {
    const pair = { student: [8], teacher: [16], adapter: plain('conv1x1') };
    expect(methodOf('l2').checkPair?.(pair)?.message).toContain('these layers are vectors');
  });
});
