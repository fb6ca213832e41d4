import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StepGraph } from '../../src/compiler/graph.ts';
import { convolutionWindow } from '../../src/compiler/kernels/spatial.ts';
import { optimize } from '../../src/compiler/optimize.ts';
import { commonSubexpressions } from '../../src/compiler/passes/common-subexpressions.ts';
import { isCheaper, winograd } from '../../src/compiler/passes/winograd.ts';
import { sizeOf } from '../../src/compiler/shape.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { interpret } from '../../src/executors/interpreter.ts';
import { residualStep, uniforms } from './residual-net.ts';
import { expectSame, useCpu } from './support.ts';

beforeAll(useCpu);

type Pads = 'same' | 'valid' | number;

interface Case {
  readonly x: readonly [number, number, number, number];
  readonly filter: readonly [number, number, number, number];
  readonly strides?: number;
  readonly dilations?: number;
  readonly pad?: Pads;
}

/** A convolution and both of its gradients. */
function stepOf({ strides = 1, dilations = 1, pad = 'same' }: Case): StepFunction {
  return (ops, inputs) => {
    const [x, filter] = [inputs.x ?? ops.scalar(0), inputs.filter ?? ops.scalar(0)];
    const made = (map: Tensor, taps: Tensor): Tensor =>
      ops.conv2d(map as Tensor4D, taps as Tensor4D, strides, pad, 'NHWC', dilations);
    const [ofMap = x, ofFilter = filter] = ops.grads((map: Tensor, taps: Tensor) =>
      ops.sum(ops.square(made(map, taps))),
    )([x, filter]);
    return { y: made(x, filter), ofMap, ofFilter };
  };
}

function graphOf(one: Case): StepGraph {
  const inputs = Object.entries({ x: one.x, filter: one.filter });
  const specs = Object.fromEntries(inputs.map(([name, shape]) => [name, { shape, dtype: 'float32' as const, role: 'batch' as const }])); // prettier-ignore
  return optimize(trace('case', stepOf(one), specs));
}

function outcome(graph: StepGraph): ReturnType<typeof interpret> {
  const draw = uniforms(5);
  const made = new Map(
    graph.inputs.map(({ name, value }) => [
      name,
      Float32Array.from({ length: sizeOf(value.shape) }, () => 2 * draw() - 1),
    ]),
  );
  return interpret(graph, (name) => made.get(name) ?? new Float32Array());
}

const kernels = (graph: StepGraph): string[] => graph.nodes.map(({ kernel }) => kernel);
const convolutions = (graph: StepGraph): number =>
  kernels(graph).filter((kernel) => kernel.startsWith('Conv2D')).length;
const everywhere = winograd(() => true);
const TOLERANCE = { relative: 1e-5, ofLargest: 3e-6, absolute: 1e-6 };

describe('windows of 3x3 pixels as products', () => {
  test.each([
    ['a small map', { x: [3, 4, 4, 5], filter: [3, 3, 5, 7] }],
    ['one tile', { x: [2, 2, 2, 3], filter: [3, 3, 3, 2] }],
    ['one pixel', { x: [2, 1, 1, 3], filter: [3, 3, 3, 2] }],
    ['a small map of odd sides', { x: [2, 3, 5, 4], filter: [3, 3, 4, 3] }],
    ['a large map', { x: [2, 8, 6, 3], filter: [3, 3, 3, 4] }],
    ['a large map of odd sides', { x: [1, 7, 5, 3], filter: [3, 3, 3, 2] }],
    ['one row', { x: [2, 1, 20, 3], filter: [3, 3, 3, 2] }],
    ['one channel', { x: [2, 6, 6, 1], filter: [3, 3, 1, 1] }],
    ['padding that is given', { x: [2, 4, 4, 2], filter: [3, 3, 2, 2], pad: 1 }],
  ] satisfies [string, Case][])('%s: the result and both gradients', (_name, one) => {
    const before = graphOf(one);
    const after = everywhere.apply(before);
    expect([convolutions(before), convolutions(after)]).toEqual([3, 0]);
    expectSame(outcome(after), outcome(before), TOLERANCE);
  });

  test.each([
    ['a stride', { x: [2, 4, 4, 3], filter: [3, 3, 3, 2], strides: 2 }],
    ['a dilation', { x: [2, 6, 6, 3], filter: [3, 3, 3, 2], dilations: 2 }],
    ['one pixel', { x: [2, 4, 4, 3], filter: [1, 1, 3, 2] }],
    ['5x5 pixels', { x: [2, 6, 6, 3], filter: [5, 5, 3, 2] }],
    ['no padding', { x: [2, 6, 6, 3], filter: [3, 3, 3, 2], pad: 'valid' }],
  ] satisfies [string, Case][])('windows with %s stay windows', (_name, one) => {
    const before = graphOf(one);
    expect(kernels(everywhere.apply(before))).toEqual(kernels(before));
  });

  test('what a convolution and its gradients have in common is written once', () => {
    const products = (one: Case): number =>
      kernels(commonSubexpressions.apply(everywhere.apply(graphOf(one)))).filter((kernel) => kernel === 'BatchMatMul')
        .length;
    // The filter, the map and twice the gradient to places of tiles; three products; each back.
    expect(products({ x: [2, 4, 4, 3], filter: [3, 3, 3, 2] })).toBe(4 + 3 + 3);
    // By rows and by columns, but for filters.
    expect(products({ x: [2, 6, 6, 3], filter: [3, 3, 3, 2] })).toBe(1 + 2 * 3 + 3 + 2 * 2 + 1);
  }); // prettier-ignore

  test('a whole training step', () => {
    const training = residualStep({ batch: 2, size: 6, width: 2, classes: 3, blocksPerStage: 1, stages: 2 }, 'momentum');
    const values = { ...training.state, ...training.batch(0), ...training.hyper };
    const graph = trace('train', training.step, training.specs);
    const after = everywhere.apply(graph);
    expect(convolutions(after)).toBeLessThan(convolutions(graph));
    const run = (step: StepGraph): ReturnType<typeof interpret> =>
      interpret(step, (name) => values[name] ?? new Float32Array());
    expectSame(run(after), run(graph), { relative: 1e-5, ofLargest: 1e-5, absolute: 1e-6 });
  }); // prettier-ignore
});

describe('windows are products where that takes less time', () => {
  test.each([
    [[64, 4, 4, 512], 512, true],
    [[64, 4, 4, 256], 512, true],
    [[16, 4, 4, 512], 512, true],
    [[64, 8, 8, 256], 256, true],
    [[64, 8, 8, 128], 256, false],
    [[128, 8, 8, 128], 128, false],
    [[64, 16, 16, 128], 128, false],
    [[64, 32, 32, 16], 16, false],
    // The filter is moved for one image alone.
    [[1, 4, 4, 512], 512, false],
  ] as const)('%j to %i channels: %s', (x, filters, expected) => {
    const [images, , , channels] = x;
    const window = convolutionWindow(x, [3, 3, channels, filters], { strides: 1, pad: 'same' });
    expect(isCheaper({ window, images, channels, filters })).toBe(expected);
    expect(convolutions(winograd().apply(graphOf({ x, filter: [3, 3, channels, filters] })))).toBe(
      expected ? 0 : 3,
    );
  });
});
