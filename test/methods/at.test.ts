import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { trace } from '../../src/compiler/trace.ts';
import { adaptiveAveragePool } from '../../src/methods/feature/adaptive-pooling.ts';
import { findMethod } from '../../src/methods/index.ts';
import { context, drawn, value, values } from './context.ts';

const at = findMethod('at');
if (at === undefined) throw new Error('no at');

const loss = (student: tf.Tensor, teacher: tf.Tensor, power = 2) =>
  at.loss(tf, context({ maps: [student, teacher], parameters: { power } }));

describe('attention transfer', () => {
  const [s, t] = [drawn([3, 4, 6, 5], 1), drawn([3, 4, 6, 7], 2)];

  it('is zero where teacher and student look at the same places', () => {
    expect(value(loss(s, s))).toBeCloseTo(0, 9);
  });

  it('does not change with the scale or the order of channels', () => {
    expect(value(loss(tf.mul(s, 13), t))).toBeCloseTo(value(loss(s, t)), 6);
    expect(value(loss(tf.reverse(s, 3), t))).toBeCloseTo(value(loss(s, t)), 7);
    expect(value(loss(tf.reverse(s, 1), t))).not.toBeCloseTo(value(loss(s, t)), 4);
  });

  it('has a zero gradient, not NaN, at a map without activations', () => {
    const slopes = values(tf.grad((x) => loss(x, t))(tf.zerosLike(s)));
    expect(slopes.every((slope) => slope === 0)).toBe(true);
    expect(value(loss(s, tf.zerosLike(t)))).toBeGreaterThan(0);
  });

  it('takes powers one by one', () => {
    const cubed = (x: tf.Tensor) => tf.reshape(tf.mean(tf.pow(x, 3), 3), [3, 24]);
    const normal = (x: tf.Tensor) => tf.div(cubed(x), tf.norm(cubed(x), 2, 1, true));
    const [a, b] = [tf.relu(s), tf.relu(t)];
    expect(value(loss(a, b, 3))).toBeCloseTo(value(tf.mean(tf.square(tf.sub(normal(a), normal(b))))), 7);
  });

  it('pools the larger of two sizes, whichever side it is on, each axis by itself', () => {
    const pooled = tf.avgPool(drawn([2, 8, 6, 3], 3) as tf.Tensor4D, [2, 3], [2, 3], 'valid');
    const big = drawn([2, 8, 6, 3], 3);
    const small = drawn([2, 4, 2, 5], 4);
    expect(value(loss(big, small))).toBeCloseTo(value(loss(pooled, small)), 7);
    expect(value(loss(small, big))).toBeCloseTo(value(loss(small, pooled)), 7);
  });
});

describe('adaptive average pooling', () => {
  it('moves no numbers of a map, forwards and backwards', () => {
    const graph = trace(
      'pooled',
      (ops, inputs) => {
        const pooled = (map: tf.Tensor) =>
          ops.sum(ops.square(adaptiveAveragePool(ops, map as tf.Tensor4D, 4, 3)));
        return { slopes: ops.grad(pooled)(inputs['map'] as tf.Tensor) };
      },
      { map: { shape: [2, 8, 6, 3], dtype: 'float32', role: 'batch' } },
    );
    expect(graph.nodes.map(({ kernel }) => kernel)).not.toContain('Transpose');
  });

  it('averages the windows [⌊iH/o⌋, ⌈(i+1)H/o⌉), for any sizes', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, size, size, (height, width, toHeight, toWidth) => {
        const [h, w] = [Math.min(height, toHeight), Math.min(width, toWidth)];
        const map = drawn([2, height, width, 2], 7) as tf.Tensor4D;
        const pooled = adaptiveAveragePool(tf, map, h, w).arraySync();
        const x = map.arraySync();
        for (let i = 0; i < h; i++) {
          for (let j = 0; j < w; j++) {
            const rows = span(i, height, h);
            const columns = span(j, width, w);
            const cells = rows.flatMap((y) => columns.map((z) => x[1]?.[y]?.[z]?.[1] ?? NaN));
            expect(pooled[1]?.[i]?.[j]?.[1]).toBeCloseTo(cells.reduce((a, b) => a + b) / cells.length, 5);
          }
        }
      }),
      { numRuns: 40, seed: 5 },
    );
  });
});

function span(i: number, from: number, to: number): number[] {
  const [start, end] = [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)];
  return Array.from({ length: end - start }, (_, k) => start + k);
}
