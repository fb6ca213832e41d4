import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../../src/compiler/onnx/blocked/forms.ts';
import { lowerToOnnx } from '../../src/compiler/onnx/lower.ts';
import { BLOCKED, type OnnxNode } from '../../src/compiler/onnx/model.ts';
import { optimize } from '../../src/compiler/optimize.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { usableBlocks } from '../../src/executors/usable-blocks.ts';
import { of } from './input.ts';
import { residualStep, uniforms } from './residual-net.ts';
import { compiled, eager, expectSame, tf, useCpu, type Given } from './support.ts';

beforeAll(useCpu);

const SIZE = (await usableBlocks())?.size ?? null;
const BATCH = 16;
/** Single precision sums in another order, up to a few thousand terms. */
const TOLERANCE = { relative: 1e-5, ofLargest: 1e-5, absolute: 1e-6 };

function given(shape: readonly number[], seed: number, scale = 1): Given {
  const draw = uniforms(seed);
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, values: Float32Array.from({ length: count }, () => (draw() * 2 - 1) * scale) };
}

/** What a step is written with on blocks of 16. */
function nodes(step: StepFunction, inputs: Readonly<Record<string, Given>>): readonly OnnxNode[] {
  const specs = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [
      name,
      { shape, dtype: 'float32', role: 'batch' } as const,
    ]),
  );
  return lowerToOnnx(optimize(trace('case', step, specs)), blocksOf(16)).nodes;
}

/** Kinds of nodes of the internal domain that a step is written with. */
function internalNodes(step: StepFunction, inputs: Readonly<Record<string, Given>>): string[] {
  return nodes(step, inputs)
    .filter((node) => node.domain === BLOCKED)
    .map((node) => node.type);
}

async function expectSameAsEager(step: StepFunction, inputs: Readonly<Record<string, Given>>): Promise<void> {
  expectSame(await compiled(step, inputs), eager(step, inputs), TOLERANCE);
}

test('the probe answers with a size that the kernels have, or with none', () => {
  expect([8, 16, null]).toContain(SIZE);
});

type Pad = 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]];
interface Case {
  readonly channels: number;
  readonly filters: number;
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: Pad;
  readonly batch?: number;
}

const padded = (pad: number): Pad => [
  [0, 0],
  [pad, pad],
  [pad, pad],
  [0, 0],
];

/** A convolution between two element-wise operations, and its gradients. */
function convolutionStep({ stride, pad }: Case): StepFunction {
  return (ops, inputs) => {
    const loss = (x: Tensor, filter: Tensor): Tensor =>
      ops.sum(
        ops.mul(ops.tanh(ops.conv2d(x as Tensor4D, filter as Tensor4D, stride, pad)), of(inputs, 'weights')),
      );
    const [dx, dFilter] = ops.grads(loss)([of(inputs, 'x'), of(inputs, 'filter')]);
    const y = ops.conv2d(of(inputs, 'x') as Tensor4D, of(inputs, 'filter') as Tensor4D, stride, pad);
    return { y: ops.tanh(y), dx: dx ?? ops.scalar(0), dFilter: dFilter ?? ops.scalar(0) };
  };
}

function convolutionInputs(of: Case): Record<string, Given> {
  const { channels, filters, size, kernel, stride, pad, batch = BATCH } = of;
  const info = tf.backend_util.computeConv2DInfo(
    [batch, size, size, channels],
    [kernel, kernel, channels, filters],
    stride,
    1,
    pad,
  );
  return {
    x: given([batch, size, size, channels], 1),
    filter: given([kernel, kernel, channels, filters], 2, 0.2),
    weights: given(info.outShape, 3),
  };
}

const CASES: readonly Case[] = [
  { channels: 3, filters: 16, size: 6, kernel: 3, stride: 1, pad: 'same' },
  { channels: 3, filters: 16, size: 6, kernel: 3, stride: 2, pad: 'same' },
  { channels: 1, filters: 32, size: 5, kernel: 5, stride: 1, pad: 'valid' },
  { channels: 16, filters: 16, size: 6, kernel: 3, stride: 1, pad: 'same' },
  { channels: 16, filters: 16, size: 5, kernel: 3, stride: 1, pad: 'valid' },
  { channels: 32, filters: 16, size: 4, kernel: 3, stride: 1, pad: 'same', batch: 32 },
  { channels: 16, filters: 48, size: 5, kernel: 1, stride: 1, pad: 'same' },
  { channels: 16, filters: 32, size: 6, kernel: 3, stride: 2, pad: 'same' },
  { channels: 32, filters: 32, size: 6, kernel: 3, stride: 2, pad: padded(1) },
  { channels: 16, filters: 16, size: 5, kernel: 3, stride: 2, pad: 'same' },
  { channels: 16, filters: 32, size: 6, kernel: 1, stride: 2, pad: 'same' },
  { channels: 16, filters: 16, size: 5, kernel: 1, stride: 2, pad: 'valid' },
  { channels: 32, filters: 16, size: 6, kernel: 2, stride: 2, pad: 'same' },
  { channels: 16, filters: 32, size: 8, kernel: 5, stride: 2, pad: 'same' },
  { channels: 16, filters: 16, size: 8, kernel: 4, stride: 2, pad: padded(1) },
  { channels: 16, filters: 16, size: 9, kernel: 3, stride: 3, pad: 'same' },
  { channels: 32, filters: 16, size: 9, kernel: 3, stride: 4, pad: 'valid' },
  { channels: 3, filters: 16, size: 6, kernel: 3, stride: 2, pad: padded(1) },
  { channels: 16, filters: 16, size: 6, kernel: 3, stride: 1, pad: padded(3) },
  // What does not fill blocks: filters, channels, images.
  { channels: 3, filters: 6, size: 6, kernel: 5, stride: 1, pad: 'same' },
  { channels: 6, filters: 16, size: 6, kernel: 5, stride: 1, pad: 'same' },
  { channels: 12, filters: 20, size: 6, kernel: 3, stride: 1, pad: 'same' },
  { channels: 24, filters: 40, size: 6, kernel: 3, stride: 2, pad: padded(1) },
  { channels: 20, filters: 24, size: 6, kernel: 1, stride: 2, pad: 'same' },
  { channels: 16, filters: 16, size: 6, kernel: 3, stride: 1, pad: 'same', batch: 10 },
  { channels: 24, filters: 24, size: 6, kernel: 3, stride: 2, pad: 'same', batch: 20 },
  { channels: 3, filters: 16, size: 6, kernel: 3, stride: 1, pad: 'same', batch: 10 },
];

describe.skipIf(SIZE === null)('a convolution on blocks has the value and gradients of TensorFlow.js', () => {
  test.each(CASES)(
    '$channels to $filters channels, $size pixels, window $kernel, stride $stride, $pad',
    async (one) => {
      await expectSameAsEager(convolutionStep(one), convolutionInputs(one));
      expect(internalNodes(convolutionStep(one), convolutionInputs(one))).toContain('Conv');
    },
  );
});

test('gradients of filters whose windows leave the last row and column unread are blocks too', () => {
  const one: Case = { channels: 32, filters: 32, size: 6, kernel: 3, stride: 2, pad: padded(1) };
  const kinds = nodes(convolutionStep(one), convolutionInputs(one)).map(({ type }) => type);
  expect(kinds).not.toContain('FusedMatMul');
});

describe('a step is written without blocks', () => {
  test.each<[string, Case]>([
    ['where filling up blocks of filters would multiply the work', { channels: 16, filters: 3, size: 4, kernel: 3, stride: 1, pad: 'same' }],
    ['where filling up blocks of images would multiply the work', { channels: 16, filters: 16, size: 4, kernel: 3, stride: 1, pad: 'same', batch: 2 }],
  ])('%s', async (_why, one) => {
    expect(internalNodes(convolutionStep(one), convolutionInputs(one))).toEqual([]);
    await expectSameAsEager(convolutionStep(one), convolutionInputs(one));
  }); // prettier-ignore
});

const around = (inner: (ops: typeof tf, map: Tensor, inputs: Readonly<Record<string, Tensor>>) => Tensor): StepFunction =>
  (ops, inputs) => {
    const map = ops.conv2d(of(inputs, 'x') as Tensor4D, of(inputs, 'filter') as Tensor4D, 1, 'same');
    return { y: inner(ops, map, inputs) };
  }; // prettier-ignore

const maps = (channels: number): Record<string, Given> => ({
  x: given([BATCH, 4, 6, 16], 5),
  filter: given([3, 3, 16, channels], 6, 0.2),
  channel: given([channels], 7),
  image: given([BATCH, 1, 1, channels], 8),
  pixel: given([BATCH, 4, 6, 1], 9),
  row: given([4, 1, 1], 10),
  shared: given([1, 4, 6, channels], 11),
  full: given([BATCH, 4, 6, channels], 12),
  number: given([], 13),
});

const FOLLOWING: Readonly<Record<string, Parameters<typeof around>[0]>> = {
  'a number a channel, added': (ops, map, i) => ops.add(map, of(i, 'channel')),
  'a number a channel, subtracted': (ops, map, i) => ops.sub(map, of(i, 'channel')),
  'a map subtracted from a number a channel': (ops, map, i) => ops.sub(of(i, 'channel'), map),
  'a number a channel, multiplied, and a map added': (ops, map, i) =>
    ops.add(ops.mul(of(i, 'channel'), map), of(i, 'full')),
  'a number a channel, divided by': (ops, map, i) => ops.div(map, ops.add(ops.abs(of(i, 'channel')), 1)),
  'a number an image and channel': (ops, map, i) => ops.mul(of(i, 'image'), ops.tanh(map)),
  'a number a pixel': (ops, map, i) => ops.mul(map, of(i, 'pixel')),
  'a number a row': (ops, map, i) => ops.mul(map, of(i, 'row')),
  'a map for all images': (ops, map, i) => ops.sub(map, of(i, 'shared')),
  'one number': (ops, map, i) => ops.mul(map, of(i, 'number')),
  'a rectified sum of a bias and a residual': (ops, map, i) =>
    ops.relu(ops.add(ops.add(map, of(i, 'channel')), of(i, 'full'))),
  'normalisation by given statistics, a residual, rectification': (ops, map, i) => {
    const [mean, variance] = [of(i, 'channel') as Tensor1D, ops.abs(of(i, 'channel')) as Tensor1D];
    return ops.relu(ops.add(ops.batchNorm(map, mean, variance, mean, variance, 0.01), of(i, 'full')));
  },
  'normalisation by given statistics of a map with a bias': (ops, map, i) => {
    const [mean, variance] = [of(i, 'channel') as Tensor1D, ops.abs(of(i, 'channel')) as Tensor1D];
    return ops.batchNorm(ops.add(map, of(i, 'channel')), mean, variance, undefined, undefined, 0.01);
  },
  'a sum after rectification': (ops, map, i) => ops.add(ops.relu(map), of(i, 'full')),
  'a map twice in one sum': (ops, map) => ops.add(ops.relu(map), map),
  'a choice by comparison': (ops, map, i) => ops.where(ops.greater(map, of(i, 'full')), map, of(i, 'full')),
  'a comparison read as a tensor': (ops, map) => ops.greater(map, 0.1),
  'the variance of each channel': (ops, map) => ops.moments(map, [0, 1, 2]).variance,
  'normalisation by the own statistics, and one more than its result': (ops, map) => {
    const { mean, variance } = ops.moments(map, [0, 1, 2]);
    return ops.sub(ops.batchNorm(map, mean as Tensor1D, variance as Tensor1D, undefined, undefined, 0.01), ops.scalar(-1)); // prettier-ignore
  },
  'the exponential and its reciprocal': (ops, map) => ops.div(1, ops.exp(map)),
  'a quotient of maps': (ops, map) => ops.div(map, ops.add(ops.square(map), 1)),
  'the sum of a product over a channel': (ops, map, i) => ops.sum(ops.mul(map, of(i, 'full')), [0, 1, 2], true),
  'the mean over pixels': (ops, map) => ops.mean(map, [1, 2]),
  'the sum over pixels, kept': (ops, map) => ops.sum(map, [1, 2], true),
  'the sum of everything': (ops, map) => ops.sum(map),
  'the maximum over channels': (ops, map) => ops.max(map, 3),
  'normalisation over channels': (ops, map) => ops.softmax(map),
  'pooling': (ops, map) => ops.maxPool(map as Tensor4D, 2, 2, 'valid'),
  'padding': (ops, map) => ops.pad(map, [[0, 0], [1, 0], [0, 2], [0, 0]]),
  'flattening': (ops, map) => ops.reshape(map, [BATCH, -1]),
}; // prettier-ignore

describe.skipIf(SIZE === null)(
  'maximum pooling on blocks has the value and gradient of TensorFlow.js',
  () => {
    test.each<[string, number, number, 'same' | 'valid', (ops: typeof tf, map: Tensor) => Tensor]>([
      ['with windows that tile', 2, 2, 'valid', (_ops, map) => map],
      ['with windows of three that tile', 3, 3, 'valid', (_ops, map) => map],
      ['where several pixels are the greatest', 2, 2, 'valid', (ops, map) => ops.relu(map)],
      ['where windows overlap', 3, 2, 'same', (_ops, map) => map],
      ['where windows leave a rest', 4, 4, 'valid', (_ops, map) => map],
    ])('%s', async (_name, window, stride, pad, prepare) => {
      const inputs = { x: given([4, 6, 6, 16], 20), filter: given([3, 3, 16, 32], 21, 0.2) };
      const few = { x: given([4, 6, 6, 16], 20), filter: given([3, 3, 16, 12], 21, 0.2) };
      const step: StepFunction = (ops, inputs) => {
        const pooled = (x: Tensor): Tensor => {
          const map = ops.conv2d(x as Tensor4D, of(inputs, 'filter') as Tensor4D, 1, 'same');
          return ops.maxPool(prepare(ops, map) as Tensor4D, window, stride, pad);
        };
        const dx = ops.grad((x: Tensor) => ops.sum(ops.square(pooled(x))))(of(inputs, 'x'));
        return { y: pooled(of(inputs, 'x')), dx };
      };
      for (const one of [inputs, few]) {
        await expectSameAsEager(step, one);
        expect(internalNodes(step, one)).toContain('MaxPool');
      }
    });
  },
);

describe.skipIf(SIZE === null)('what follows a convolution on blocks has the value of TensorFlow.js', () => {
  test.each(Object.entries(FOLLOWING))('%s', async (_name, inner) => {
    await expectSameAsEager(around(inner), maps(32));
    expect(internalNodes(around(inner), maps(32))).toContain('Conv');
  });

  test.each(Object.entries(FOLLOWING))('on blocks that are filled up: %s', async (_name, inner) => {
    await expectSameAsEager(around(inner), maps(20));
    expect(internalNodes(around(inner), maps(20))).toContain('Conv');
  });
});

describe.skipIf(SIZE === null)('a residual net trained on blocks', () => {
  const size = { batch: BATCH, size: 8, width: 16, classes: 5, blocksPerStage: 1 };

  /** Rectifies smoothly: with a sharp edge, rounding flips single gradients in any two forms of one step. */
  const smooth = (step: StepFunction): StepFunction => {
    const ops = new Proxy(tf, {
      get: (target, key, receiver) =>
        key === 'relu' ? target.softplus : (Reflect.get(target, key, receiver) as unknown),
    });
    return (_ops, inputs) => step(ops, inputs);
  };

  test.each(['momentum', 'adam'] as const)('has the numbers of the plain form with %s', async (optimizer) => {
    const training = residualStep(size, optimizer);
    const graph = trace('train', smooth(training.step), training.specs);
    const programs = await Promise.all(
      [false, true].map((blocked) =>
        onnxCpu({ threads: 1, spinning: false, blocked }).load({ train: graph }, training.state),
      ),
    );
    for (let at = 0; at < 3; at++) {
      const [plain, blocks] = await Promise.all(
        programs.map((program) => program.run('train', { ...training.batch(at), ...training.hyper })),
      );
      expectSame(blocks ?? {}, plain ?? {}, { relative: 1e-5 });
    }
    const [plain, blocks] = await Promise.all(programs.map((program) => program.readState()));
    expectSame(blocks ?? {}, plain ?? {}, { relative: 0, ofLargest: 1e-4, absolute: 1e-6 });
    for (const program of programs) await program.dispose();
  });
});
