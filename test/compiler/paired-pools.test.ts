import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { BLOCKED_FORMS, blocksOf } from '../../src/compiler/onnx/blocked/forms.ts';
import { lowerToOnnx } from '../../src/compiler/onnx/lower.ts';
import { optimize } from '../../src/compiler/optimize.ts';
import { sizeOf } from '../../src/compiler/shape.ts';
import { tf } from '../../src/compiler/tfjs.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { usableBlocks } from '../../src/executors/usable-blocks.ts';
import { of } from './input.ts';
import { uniforms } from './residual-net.ts';
import { compiled, eager, expectSame, useCpu, type Given } from './support.ts';

beforeAll(useCpu);

const SIZE = (await usableBlocks())?.size ?? null;
/** Sums of few small whole numbers are exact in any order. */
const EXACT = { relative: 0 };

interface Case {
  readonly channels?: number;
  readonly filters: number;
  readonly size?: number;
  readonly kernel?: readonly [number, number];
  readonly pad?: 'same' | 'valid';
  readonly pool?: readonly [number, number];
  readonly parts?: readonly ('bias' | 'relu')[];
  readonly batch?: number;
}

/** Whole numbers of few values, so that windows have several greatest pixels and rectified ones have none above zero. */
function whole(shape: readonly number[], seed: number, most = 1): Given {
  const draw = uniforms(seed);
  const values = Float32Array.from({ length: sizeOf(shape) }, () => Math.round((2 * draw() - 1) * most));
  return { shape, values };
}

function inputsOf(one: Case): Record<string, Given> {
  const { channels = 3, filters, size = 8, kernel = [3, 3], pad = 'same', pool = [2, 2], batch = 16 } = one;
  const [height, width] = kernel.map((taps) => (pad === 'same' ? size : size - taps + 1)) as [number, number];
  return {
    x: whole([batch, size, size, channels], 1),
    filter: whole([...kernel, channels, filters], 2),
    bias: whole([filters], 3, 2),
    weights: whole([batch, height / pool[0], width / pool[1], filters], 4, 3),
  };
}

/** Convolution, bias, rectification and pool, and the gradients of filter and bias. */
function poolStep({ pad = 'same', pool = [2, 2], parts = ['bias', 'relu'] }: Case): StepFunction {
  return (ops, inputs) => {
    const pooled = (filter: Tensor, bias: Tensor): Tensor => {
      const map = ops.conv2d(of(inputs, 'x') as Tensor4D, filter as Tensor4D, 1, pad);
      const moved = parts.includes('bias') ? ops.add(map, bias) : map;
      const bent = parts.includes('relu') ? ops.relu(moved) : moved;
      return ops.maxPool(bent as Tensor4D, [...pool], [...pool], 'valid');
    };
    const loss = (filter: Tensor, bias: Tensor): Tensor =>
      ops.add(ops.sum(ops.mul(pooled(filter, bias), of(inputs, 'weights'))), ops.sum(ops.mul(bias, 0)));
    const operands = [of(inputs, 'filter'), of(inputs, 'bias')] as const;
    const [dFilter = operands[0], dBias = operands[1]] = ops.grads(loss)([...operands]);
    return { pooled: pooled(...operands), dFilter, dBias };
  };
}

/** The windows of all pools that a step is written with on blocks of 16. */
function pools(step: StepFunction, inputs: Readonly<Record<string, Given>>, forms = BLOCKED_FORMS): unknown[] {
  const specs = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, { shape, dtype: 'float32', role: 'batch' } as const]),
  );
  return lowerToOnnx(optimize(trace('case', step, specs)), blocksOf(16, forms))
    .nodes.filter(({ type }) => type === 'MaxPool')
    .map(({ attributes }) => attributes['kernel_shape']);
} // prettier-ignore

const CASES: readonly Case[] = [
  { filters: 6 },
  { filters: 8 },
  { filters: 5, kernel: [5, 5] },
  { filters: 6, kernel: [4, 3] },
  { filters: 6, kernel: [1, 1] },
  { filters: 6, kernel: [5, 5], pad: 'valid', size: 12 },
  { filters: 6, pool: [4, 2] },
  { filters: 6, pool: [1, 2] },
  { filters: 6, parts: ['bias'] },
  { filters: 6, parts: ['relu'] },
  { filters: 6, parts: [] },
  { filters: 6, channels: 1 },
  { filters: 6, channels: 16 },
  { filters: 8, channels: 24, batch: 20 },
  { filters: 6, batch: 10 },
];

describe.skipIf(SIZE === null)('a narrow convolution before a pool, two pixels in a block', () => {
  test.each(CASES)('has the values and gradients of TensorFlow.js to the last bit: %j', async (one) => {
    const inputs = inputsOf(one);
    expectSame(await compiled(poolStep(one), inputs), eager(poolStep(one), inputs), EXACT);
  });
});

describe('is written', () => {
  test.each(CASES)('with pools of rows alone: %j', (one) => {
    const [rows] = one.pool ?? [2, 2];
    expect(pools(poolStep(one), inputsOf(one))).toEqual([[rows, 1]]);
  });

  test('not where the form is not to be used', () => {
    const others = BLOCKED_FORMS.filter((form) => form !== 'pairedPools');
    expect(pools(poolStep({ filters: 6 }), inputsOf({ filters: 6 }), others)).toEqual([[2, 2]]);
  });

  test.each<Case>([
    { filters: 12 },
    { filters: 6, pool: [2, 4] },
    { filters: 6, pool: [2, 1] },
  ])('not for %j', (one) => {
    expect(pools(poolStep(one), inputsOf(one))).toEqual([one.pool ?? [2, 2]]);
  }); // prettier-ignore

  test('not where the map is read elsewhere too, or goes on to a gradient of its input', () => {
    const inputs = { x: whole([16, 8, 8, 3], 1), filter: whole([3, 3, 3, 6], 2) };
    const conv = (ops: Parameters<StepFunction>[0], x: Tensor, given: Readonly<Record<string, Tensor>>) =>
      ops.conv2d(x as Tensor4D, of(given, 'filter') as Tensor4D, 1, 'same');
    const readTwice: StepFunction = (ops, given) => {
      const map = conv(ops, of(given, 'x'), given);
      return { y: ops.add(ops.sum(map), ops.sum(ops.maxPool(map, 2, 2, 'valid'))) };
    };
    expect(pools(readTwice, inputs)).toEqual([[2, 2]]);
    const ofInput: StepFunction = (ops, given) => ({
      dx: ops.grad((x: Tensor) => ops.sum(ops.square(ops.maxPool(conv(ops, x, given), 2, 2, 'valid'))))(
        of(given, 'x'),
      ),
    });
    expect(pools(ofInput, inputs)).toEqual([[2, 2]]);
  });

  test.each([
    { read: 'x', pad: 'same', expected: [2, 1] },
    { read: 'another map', pad: 'same', expected: [2, 2] },
    { read: 'other windows', pad: [[0, 0], [2, 0], [2, 0], [0, 0]], expected: [2, 2] },
  ] as const)('for the gradient of a filter by $read: pools of $expected', ({ read, pad, expected }) => {
    const inputs = {
      ...{ x: whole([16, 8, 8, 3], 1), other: whole([16, 8, 8, 3], 2), filter: whole([3, 3, 3, 6], 3) },
      dy: whole([16, 4, 4, 6], 4),
    };
    const step: StepFunction = (ops, given) => {
      const run = (kernel: string, tensors: Record<string, Tensor>, attributes: tf.NamedAttrMap): Tensor =>
        tf.engine().runKernel(kernel, tensors, attributes);
      const map = ops.conv2d(of(given, 'x') as Tensor4D, of(given, 'filter') as Tensor4D, 1, 'same');
      const pooled = ops.maxPool(map, 2, 2, 'valid');
      const window = { filterSize: 2, strides: 2, pad: 'valid' };
      const dMap = run('MaxPoolGrad', { dy: of(given, 'dy'), input: map, output: pooled }, window);
      const x = of(given, read === 'another map' ? 'other' : 'x');
      const at = { strides: 1, pad: pad as never, dataFormat: 'NHWC', filterShape: [3, 3, 3, 6] };
      return { pooled, dFilter: run('Conv2DBackpropFilter', { x, dy: dMap }, at) };
    };
    expect(pools(step, inputs)).toEqual([expected]);
  }); // prettier-ignore
});
