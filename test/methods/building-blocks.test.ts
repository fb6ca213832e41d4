import { describe, expect, it } from 'vitest';
import { NO_GROUP_SIZES } from '../../src/methods/method.ts';
import { tf } from '../../src/compiler/tfjs.ts';
import { findMethod } from '../../src/methods/index.ts';
import { context, drawn, value, values } from './context.ts';

/** The loss of a method on one pair of layers, with its defaults and what a test changes. */
function loss(
  name: string,
  student: tf.Tensor,
  teacher: tf.Tensor,
  changed: Readonly<Record<string, unknown>> = {},
) {
  const method = findMethod(name);
  if (method === undefined) throw new Error(`no ${name}`);
  const defaults = Object.entries(method.parameters.fields).map(
    ([key, field]) => [key, field.default] as const,
  );
  const parameters = { ...Object.fromEntries(defaults), ...changed };
  return method.loss(tf, context({ maps: [student, teacher], parameters }));
}

const [s, t] = [tf.tensor2d([[1, -2, 0.5], [4, 0, 1]]), tf.tensor2d([[0, -2, 1.5], [1, 0, 3]])]; // prettier-ignore
const [a, b] = [drawn([5, 4], 1), drawn([5, 4], 2)];
const permuted = tf.gather(a, [3, 0, 4, 1, 2]);

describe('differences, by hand', () => {
  it.each([
    ['l1', {}, 7 / 6], // |1| + 0 + |−1| + |3| + 0 + |−2|
    ['l2', {}, 15 / 6],
    ['huber', { delta: 1 }, (0.5 + 0.5 + 2.5 + 1.5) / 6],
    ['huber', { delta: 2 }, (0.5 + 0.5 + 4 + 2) / 6],
    ['cosine', {}, 1 - (4.75 / Math.sqrt(5.25 * 6.25) + 7 / Math.sqrt(17 * 10)) / 2],
  ] as const)('%s with %j', (name, parameters, want) => {
    expect(value(loss(name, s, t, parameters))).toBeCloseTo(want, 6);
  });

  it('huber is half of l2 while its delta is out of reach', () => {
    expect(value(loss('huber', a, b, { delta: 1e3 }))).toBeCloseTo(value(loss('l2', a, b)) / 2, 6);
  });

  it('cosine forgets lengths, correlation also forgets offsets', () => {
    expect(value(loss('cosine', tf.mul(a, 7), b))).toBeCloseTo(value(loss('cosine', a, b)), 6);
    expect(value(loss('cosine', tf.add(a, 7), b))).not.toBeCloseTo(value(loss('cosine', a, b)), 2);
    expect(value(loss('correlation', tf.add(tf.mul(a, 7), 3), b))).toBeCloseTo(
      value(loss('correlation', a, b)),
      5,
    );
    expect(value(loss('correlation', a, tf.neg(a)))).toBeCloseTo(2, 5);
  });

  it('correlation is the cosine of what deviates from the mean', () => {
    const centred = (x: tf.Tensor) => tf.sub(x, tf.mean(x, 1, true));
    expect(value(loss('correlation', a, b))).toBeCloseTo(value(loss('cosine', centred(a), centred(b))), 6);
  });
});

describe('maximum mean discrepancy', () => {
  it.each(['gaussian', 'linear', 'polynomial'])(
    '%s: compares the clouds, not the samples one by one',
    (kernel) => {
      expect(value(loss('mmd', permuted, a, { kernel }))).toBeCloseTo(0, 5);
      expect(value(loss('mmd', a, b, { kernel }))).toBeGreaterThan(0);
    },
  );

  it('is the distance of the means where the kernel is linear', () => {
    const gap = tf.sub(tf.mean(s, 0), tf.mean(t, 0));
    expect(value(loss('mmd', s, t, { kernel: 'linear' }))).toBeCloseTo(value(tf.mean(tf.square(gap))), 6);
  });

  it('has the value of its formula for two clouds of two points', () => {
    // Points 0 and 2 against 0 and 0; mean squared distance of the teacher (0, 2): 2, so k = exp(−d²/4).
    const [zeros, apart] = [tf.tensor2d([[0], [0]]), tf.tensor2d([[0], [2]])];
    const e = Math.exp(-1);
    const want = 1 + (2 + 2 * e) / 4 - (2 * (2 + 2 * e)) / 4;
    expect(value(loss('mmd', zeros, apart))).toBeCloseTo(want, 6);
  });
});

describe('earth mover', () => {
  const cube = tf.tensor2d([[0, 0, 0, 100]]);

  it('carries a unit of mass as many bins as lie between', () => {
    const first = tf.tensor2d([[100, 0, 0, 0]]);
    expect(value(loss('earthMover', first, cube, { between: 'bins' }))).toBeCloseTo(3, 5);
    expect(value(loss('earthMover', cube, cube, { between: 'bins' }))).toBe(0);
  });

  it('finds the cheapest way from cloud to cloud as the smoothing falls', () => {
    // Points 0 and 3 to 4 and 1: the cheapest plan carries 0 to 1 and 3 to 4, one squared each.
    const [from, to] = [tf.tensor2d([[0], [3]]), tf.tensor2d([[4], [1]])];
    const exact = { smoothing: 0.005, iterations: 200 };
    expect(value(loss('earthMover', from, to, exact))).toBeCloseTo(1, 4);
    expect(value(loss('earthMover', permuted, a, exact))).toBeCloseTo(0, 4);
    expect(value(loss('earthMover', from, to, { smoothing: 50 }))).toBeCloseTo((16 + 1 + 1 + 4) / 4, 0);
  });

  it('takes its plan as given: the gradient is that of the costs alone', () => {
    const [from, to] = [tf.tensor2d([[0], [3]]), tf.tensor2d([[4], [1]])];
    const slope = tf.grad((x) => loss('earthMover', x, to, { smoothing: 0.005, iterations: 200 }))(from);
    // 1/2 · 2 (s − t), carried to 1 and to 4.
    values(slope).forEach((got, n) => expect(got).toBeCloseTo([-1, -1][n] ?? NaN, 3));
  });
});

describe('relations', () => {
  it('frobenius compares products of samples, by hand', () => {
    // Student: 5.25, 4.5, 17 over 3; teacher: 6.25, 4.5, 10 over 3.
    expect(value(loss('frobenius', s, t))).toBeCloseTo((1 + 49) / 9 / 4, 5);
  });

  it('angleWise compares cosines of samples, by hand', () => {
    const gap = 4.5 / Math.sqrt(5.25 * 17) - 4.5 / Math.sqrt(6.25 * 10);
    expect(value(loss('angleWise', s, t))).toBeCloseTo((2 * 0.5 * gap ** 2) / 4, 6);
  });

  it.each(['frobenius', 'angleWise'])(
    '%s is the same for a batch in another order, and for turned features',
    (name) => {
      const [order, wide] = [[3, 0, 4, 1, 2], drawn([5, 9], 3)];
      const want = value(loss(name, a, wide));
      expect(value(loss(name, tf.gather(a, order), tf.gather(wide, order)))).toBeCloseTo(want, 5);
      expect(value(loss(name, tf.reverse(a, 1), wide))).toBeCloseTo(want, 5);
    },
  );
});

describe('gradients of the building blocks', () => {
  it.each([
    ['l2', {}],
    ['huber', { delta: 0.7 }],
    ['cosine', {}],
    ['correlation', {}],
    ['mmd', { kernel: 'gaussian' }],
    ['mmd', { kernel: 'polynomial' }],
    ['earthMover', { between: 'bins' }],
    ['frobenius', {}],
    ['angleWise', {}],
  ] as const)('%s with %j agrees with central differences', (name, parameters) => {
    // prettier-ignore
    const slopes = values(tf.grad((x) => loss(name, x, b, parameters))(a));
    const step = 1e-2;
    for (const i of [0, 3, 7, 13, 19]) {
      const nudge = tf.reshape(tf.oneHot(tf.scalar(i, 'int32'), 20), [5, 4]);
      const at = (by: number) => value(loss(name, tf.add(a, tf.mul(nudge, by)), b, parameters));
      expect(slopes[i]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 3);
    }
  });
});

describe('layers of unlike shape', () => {
  const l1 = findMethod('l1');

  it('get an adapter where shapes differ, and none where they agree', () => {
    const variables = (student: number[], teacher: number[]) =>
      l1
        ?.variables?.(
          { pairs: [{ student, teacher }], ...NO_GROUP_SIZES, classes: 2, samples: 1, batch: 1 },
          {},
        )
        .map((one) => one.name);
    expect(variables([4, 4, 3], [4, 4, 3])).toEqual([]);
    expect(variables([7], [9])).toEqual(['pair0/kernel', 'pair0/bias']);
    expect(variables([4, 4, 3], [4, 4, 5])).toContain('pair0/runningMean');
  });

  it('are refused where one is a map and the other a vector', () => {
    expect(l1?.checkPair?.({ teacher: [4, 4, 3], student: [7] })?.message).toContain('map');
  });
});
