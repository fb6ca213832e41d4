import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { BLOCKED_FORMS, blocksOf, type BlockedForm } from '../../src/compiler/onnx/blocked/forms.ts';
import { lowerToOnnx } from '../../src/compiler/onnx/lower.ts';
import { optimize } from '../../src/compiler/optimize.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import type { Fetches } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { usableBlocks } from '../../src/executors/usable-blocks.ts';
import { uniforms } from './residual-net.ts';
import { expectSame, useCpu } from './support.ts';

beforeAll(useCpu);

const usable = await usableBlocks();

const SHAPES = {
  x: [16, 8, 8, 3],
  first: [3, 3, 3, 16],
  second: [3, 3, 16, 16],
  strided: [3, 3, 16, 32],
  shortcut: [1, 1, 16, 32],
  channel: [32],
  narrow: [3, 3, 3, 6],
  bias: [6],
  widening: [3, 3, 6, 16],
  small: [16, 4, 4, 512],
  many: [3, 3, 512, 512],
} as const;
type Name = keyof typeof SHAPES;
const NAMES = Object.keys(SHAPES) as Name[];

const { specs, feeds } = ((): { specs: Parameters<typeof trace>[2]; feeds: Record<string, Float32Array> } => {
  const draw = uniforms(11);
  const numbers = (count: number, scale: number): Float32Array =>
    Float32Array.from({ length: count }, () => (2 * draw() - 1) * scale);
  return {
    specs: Object.fromEntries(NAMES.map((name) => [name, { shape: SHAPES[name], dtype: 'float32', role: 'batch' }])),
    feeds: Object.fromEntries(NAMES.map((name) => [name, numbers(SHAPES[name].reduce((a: number, b) => a * b, 1), name === 'x' ? 1 : name === 'many' ? 0.02 : 0.3)])),
  };
})(); // prettier-ignore

/** A net and its gradients in which every form has something to do. */
const step: StepFunction = (ops, inputs) => {
  const at = (name: Name): Tensor => inputs[name] ?? ops.scalar(0);
  const convolve = (x: Tensor, filter: Tensor, stride: number): Tensor =>
    ops.conv2d(x as Tensor4D, filter as Tensor4D, stride, 'same');
  const narrow = (filter: Tensor, bias: Tensor, widening: Tensor): Tensor => {
    const map = ops.relu(ops.add(convolve(at('x'), filter, 1), bias));
    return convolve(ops.maxPool(map as Tensor4D, 2, 2, 'valid'), widening, 1);
  };
  const net = (first: Tensor, second: Tensor, strided: Tensor, shortcut: Tensor): Tensor => {
    const image = ops.relu(convolve(at('x'), first, 1));
    const inner = convolve(image, second, 1);
    const pooled = ops.maxPool(ops.add<Tensor4D>(inner, image), 2, 2, 'valid');
    const [left, right] = [convolve(inner, strided, 2), convolve(inner, shortcut, 2)];
    const sum = ops.add(ops.add(left, right), convolve(pooled, shortcut, 1));
    return ops.add(ops.mul(sum, at('channel')), at('channel'));
  };
  const loss = (...weights: Tensor[]): Tensor => {
    const [first = at('first'), second = at('second'), strided = at('strided'), shortcut = at('shortcut')] = weights;
    const [filter = at('narrow'), bias = at('bias'), widening = at('widening')] = weights.slice(4);
    const map = net(first, second, strided, shortcut);
    const centred = ops.sub(map, ops.mean(map, [0, 1, 2]));
    return ops.add(ops.mean(ops.mean(ops.square(centred), [0, 1, 2])), ops.mean(ops.add(ops.tanh(ops.mean(map, [1, 2])), ops.mean(ops.square(narrow(filter, bias, widening))))));
  };
  const weights = (['first', 'second', 'strided', 'shortcut', 'narrow', 'bias', 'widening'] as const).map(at);
  const { value, grads } = ops.valueAndGrads(loss)(weights);
  const many = ops.grads((small: Tensor, filter: Tensor) => {
    const rectified = ops.relu(convolve(ops.relu(small), filter, 1));
    return ops.sum(ops.square(rectified));
  })([at('small'), at('many')]);
  const map = convolve(convolve(at('x'), at('first'), 1), at('strided'), 2);
  const variance = ops.add<Tensor1D>(ops.abs(at('channel')), 0.5);
  const normalized = ops.batchNorm(ops.tanh(map), at('channel'), variance, undefined, undefined, 0.01);
  return {
    value,
    normalized: ops.relu(ops.add(normalized, map)),
    // Means of windows have no form on blocks: their map is read with channels first.
    averaged: ops.avgPool(convolve(at('x'), at('first'), 2) as Tensor4D, 3, 2, 'same'),
    ...Object.fromEntries([...grads, ...many].map((gradient, index) => [`gradient${index}`, gradient])),
  };
}; // prettier-ignore

const graph = trace('forms', step, specs);

async function results(blocked: boolean | readonly BlockedForm[]): Promise<Fetches> {
  const program = await onnxCpu({ threads: 1, spinning: false, blocked }).load({ graph }, {});
  const fetched = await program.run('graph', feeds);
  await program.dispose();
  return fetched;
}

const TOLERANCE = { relative: 1e-5, ofLargest: 1e-5, absolute: 1e-6 };
const written = (forms: readonly BlockedForm[]): string =>
  JSON.stringify(lowerToOnnx(optimize(graph), blocksOf(16, forms)).nodes.map(({ type, attributes }) => [type, attributes])); // prettier-ignore

describe.skipIf(usable === null)('each form on blocks', () => {
  const plain = results(false);

  test('none of them, convolutions alone, has the numbers of the plain form', async () => {
    expectSame(await results([]), await plain, TOLERANCE);
  });

  test.each(BLOCKED_FORMS)('%s alone has the numbers of the plain form', async (form) => {
    expectSame(await results([form]), await plain, TOLERANCE);
  });

  test.each(BLOCKED_FORMS)('all but %s have the numbers of the plain form', async (form) => {
    const others = BLOCKED_FORMS.filter((one) => one !== form);
    expect(written(others)).not.toBe(written(BLOCKED_FORMS));
    expectSame(await results(others), await plain, TOLERANCE);
  });
});
