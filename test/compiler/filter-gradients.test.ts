import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../../src/compiler/onnx/blocked/forms.ts';
import { lowerToOnnx } from '../../src/compiler/onnx/lower.ts';
import { WEBGPU_LIMITS } from '../../src/compiler/onnx/limits.ts';
import { optimize } from '../../src/compiler/optimize.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { wave } from '../../src/executors/compare.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { eager, expectSame, useCpu, type tf } from './support.ts';
import { toleranceOf } from './tolerances.ts';

type Pads = Parameters<typeof tf.conv2d>[3];

interface Convolution {
  readonly x: readonly number[];
  readonly f: readonly number[];
  readonly stride: number;
  readonly pad: Pads;
}

/** Windows larger than the maps that they make. */
const LARGE_WINDOWS: readonly (readonly [string, Convolution])[] = [
  ['without padding', { x: [4, 20, 21, 2], f: [17, 18, 2, 3], stride: 1, pad: 'valid' }],
  [
    'at stride 2, padded unlike on each side, with rows that no window reads',
    { x: [4, 25, 22, 2], f: [19, 18, 2, 3], stride: 2, pad: [[0, 0], [1, 2], [2, 0], [0, 0]] },
  ],
  ['in channels that fill blocks', { x: [16, 9, 10, 16], f: [8, 8, 16, 16], stride: 1, pad: 'valid' }],
]; // prettier-ignore

/** More filters than pixels. */
const MANY_FILTERS: readonly (readonly [string, Convolution])[] = [
  ['at stride 1', { x: [16, 2, 2, 64], f: [3, 3, 64, 128], stride: 1, pad: 'same' }],
  ['at stride 2', { x: [16, 3, 4, 64], f: [3, 3, 64, 128], stride: 2, pad: 'same' }],
  ['of windows of one pixel', { x: [17, 1, 2, 256], f: [1, 1, 256, 256], stride: 1, pad: 'valid' }],
];

/** Gradients that would be large once a block of images. */
const LARGE_GRADIENTS: readonly (readonly [string, Convolution])[] = [
  ['of large filters over several blocks of images', { x: [32, 3, 3, 256], f: [3, 3, 256, 256], stride: 1, pad: 'valid' }],
  ['of large filters at stride 2 over several blocks of images, the last not full', { x: [40, 4, 3, 256], f: [3, 3, 256, 240], stride: 2, pad: 'valid' }],
]; // prettier-ignore

/** The gradients of image and filter. */
const gradients =
  ({ stride, pad }: Convolution): StepFunction =>
  (ops, inputs) => {
    const { x, f, dy } = inputs as Record<'x' | 'f' | 'dy', Tensor4D>;
    const loss = (image: Tensor, filter: Tensor): Tensor =>
      ops.sum(ops.mul(ops.conv2d(image as Tensor4D, filter as Tensor4D, stride, pad), dy));
    const [dx, df] = ops.grads(loss)([x, f]);
    return { dx: dx ?? x, df: df ?? f };
  };

function given(convolution: Convolution) {
  const { x, f, stride, pad } = convolution;
  const [batch = 1, height = 1, width = 1] = x;
  const [rows = 1, columns = 1, , filters = 1] = f;
  const around = (axis: 1 | 2): number => (typeof pad === 'string' ? 0 : ((pad as number[][])[axis] ?? []).reduce((a, b) => a + b, 0));
  const extent = (size: number, kernel: number, axis: 1 | 2): number =>
    pad === 'same' ? Math.ceil(size / stride) : Math.floor((size + around(axis) - kernel) / stride) + 1;
  const dy = [batch, extent(height, rows, 1), extent(width, columns, 2), filters];
  const of = (shape: readonly number[], phase: number) => ({
    shape,
    values: wave(shape.reduce((a, b) => a * b, 1), phase),
  });
  return { x: of(x, 1), f: of(f, 0.4), dy: of(dy, 0.7) };
} // prettier-ignore

function traced(convolution: Convolution) {
  const specs = Object.entries(given(convolution)).map(
    ([name, { shape }]) => [name, { shape, dtype: 'float32', role: 'batch' }] as const,
  );
  return trace('gradients', gradients(convolution), Object.fromEntries(specs));
}

beforeAll(useCpu);

describe.each([...LARGE_WINDOWS, ...MANY_FILTERS, ...LARGE_GRADIENTS])('the gradients of a convolution %s', (_name, convolution) => {
  test.each([false, true])('are those of TensorFlow.js, on blocks: %s', async (blocked) => {
    const inputs = given(convolution);
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { values }]) => [name, values]));
    const program = await onnxCpu({ threads: 1, spinning: false, blocked }).load({ graph: traced(convolution) }, {});
    const found = await program.run('graph', feeds);
    await program.dispose();
    expectSame(found, eager(gradients(convolution), inputs), toleranceOf('convolved'));
  });
}); // prettier-ignore

describe('the work of a gradient', () => {
  const nodesOf = (convolution: Convolution, limits = {}) =>
    lowerToOnnx(optimize(traced(convolution)), null, limits).nodes;
  const grouped = (convolution: Convolution, limits = {}) =>
    nodesOf(convolution, limits).filter(({ attributes }) => Number(attributes.group ?? 1) > 1).length;

  test.each(LARGE_WINDOWS)('does not grow with the square of large windows %s', (_name, convolution) => {
    expect(grouped(convolution)).toBe(0);
    expect(grouped(convolution, WEBGPU_LIMITS)).toBe(1);
  });

  test.each(MANY_FILTERS)(
    'is one product over all images where filters are many %s',
    (_name, convolution) => {
      const kernels = nodesOf(convolution).map(({ type }) => type);
      expect(kernels).toContain('Gather');
      expect(kernels).not.toContain('ReduceSum');
    },
  );

  test.each(LARGE_GRADIENTS)('is summed while it is made, on blocks, %s', (_name, convolution) => {
    const { nodes } = lowerToOnnx(optimize(traced(convolution)), blocksOf(16));
    expect(nodes.map(({ type }) => type)).not.toContain('ReduceSum');
    const smaller = { ...convolution, f: [...convolution.f.slice(0, 3), 64] };
    const summed = lowerToOnnx(optimize(traced(smaller)), blocksOf(16)).nodes;
    expect(summed.map(({ type }) => type)).toContain('ReduceSum');
  });

  test('reads no zeros around a small gradient of a large map', () => {
    const kernels = nodesOf(LARGE_WINDOWS[0]?.[1] as Convolution).map(({ type }) => type);
    expect(kernels).toContain('ConvTranspose');
  });
});
