import fc from 'fast-check';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { tf, withBackend } from '../../src/compiler/tfjs.ts';
import { largestDifference, wave } from '../../src/executors/compare.ts';
import { openWasmBackend } from '../../src/executors/eager/wasm.ts';

/** Largest difference from `cpu`, as a share of the largest value: both sum in 32 bits, in another order. */
const TOLERANCE = 1e-5;

beforeAll(async () => {
  await openWasmBackend();
});

/** What `compute` yields on a backend, and how many tensors it left behind there. */
function on(backend: string, compute: () => Tensor): { values: Float32Array; shape: number[]; left: number } {
  return withBackend(backend, () => {
    const before = tf.memory().numTensors;
    const { values, shape } = tf.tidy(() => {
      const result = compute();
      return { values: Float32Array.from(result.dataSync()), shape: result.shape };
    });
    return { values, shape, left: tf.memory().numTensors - before };
  });
}

function expectSame(compute: () => Tensor): void {
  const [wasm, cpu] = [on('wasm', compute), on('cpu', compute)];
  expect(wasm.shape).toEqual(cpu.shape);
  expect(largestDifference(wasm.values, cpu.values)).toBeLessThanOrEqual(TOLERANCE);
  expect(wasm.left).toBe(0);
}

const filled = (shape: readonly number[], scale = 1): Tensor =>
  tf.tensor(
    wave(
      shape.reduce((a, b) => a * b, 1),
      scale,
    ),
    [...shape],
  );

const window = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 4, max: 9 }),
  width: fc.integer({ min: 4, max: 9 }),
  channels: fc.integer({ min: 1, max: 5 }),
  filters: fc.integer({ min: 1, max: 5 }),
  rows: fc.integer({ min: 1, max: 3 }),
  columns: fc.integer({ min: 1, max: 3 }),
  strides: fc.constantFrom<[number, number]>([1, 1], [2, 2], [1, 2], [3, 1]),
  pad: fc.constantFrom('same' as const, 'valid' as const),
});

test('the filter gradient of a convolution equals that of cpu', () => {
  fc.assert(
    fc.property(window, ({ batch, height, width, channels, filters, rows, columns, strides, pad }) => {
      expectSame(() => {
        const x = filled([batch, height, width, channels]) as Tensor4D;
        const filter = filled([rows, columns, channels, filters], 0.5) as Tensor4D;
        return tf.grad((w) => tf.sum(tf.square(tf.conv2d(x, w as Tensor4D, strides, pad))))(filter);
      });
    }),
    { seed: 11, numRuns: 40 },
  );
});

test('a convolution equals that of cpu, also where its window is one pixel high and steps', () => {
  fc.assert(
    fc.property(window, ({ batch, height, width, channels, filters, rows, columns, strides, pad }) => {
      const x = () => filled([batch, height, width, channels]) as Tensor4D;
      const filter = () => filled([rows, columns, channels, filters], 0.5) as Tensor4D;
      expectSame(() => tf.conv2d(x(), filter(), strides, pad));
      expectSame(() => tf.depthwiseConv2d(x(), filter(), strides, pad));
    }),
    { seed: 12, numRuns: 60 },
  );
});

test('both gradients of a depthwise convolution equal those of cpu, with multipliers', () => {
  fc.assert(
    fc.property(window, ({ batch, height, width, channels, filters, rows, columns, strides, pad }) => {
      const both = (which: 0 | 1) => () => {
        const x = filled([batch, height, width, channels]);
        const filter = filled([rows, columns, channels, filters], 0.5);
        const loss = (a: Tensor, w: Tensor) =>
          tf.sum(tf.square(tf.depthwiseConv2d(a as Tensor4D, w as Tensor4D, strides, pad)));
        return tf.grads(loss)([x, filter])[which] as Tensor;
      };
      expectSame(both(0));
      expectSame(both(1));
    }),
    { seed: 13, numRuns: 40 },
  );
});

test('the gradient of max pooling equals that of cpu, below zero and with equal pixels too', () => {
  fc.assert(
    fc.property(window, fc.boolean(), ({ batch, height, width, channels, rows, strides, pad }, ties) => {
      expectSame(() => {
        const values = filled([batch, height, width, channels]);
        const x = ties ? tf.round(values) : values;
        return tf.grad((map) => tf.sum(tf.square(tf.maxPool(map as Tensor4D, rows, strides, pad))))(x);
      });
    }),
    { seed: 14, numRuns: 40 },
  );
});

test('segment sums equal those of cpu, with segments that stay empty', () => {
  expectSame(() => tf.unsortedSegmentSum(filled([6, 4]), tf.tensor1d([0, 2, 2, 5, 0, 2], 'int32'), 7));
  expectSame(() =>
    tf.grad((table) => tf.sum(tf.square(tf.gather(table, tf.tensor1d([1, 1, 3, 0], 'int32')))))(
      filled([5, 3]),
    ),
  );
});

test('einsum equals that of cpu', () => {
  expectSame(() => tf.einsum('bij,bjk->bik', filled([2, 3, 4]), filled([2, 4, 5])));
  expectSame(() => tf.einsum('ij,kj->ik', filled([3, 4]), filled([5, 4])));
});
