import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { lowerToOnnx } from '../../src/compiler/onnx/lower.ts';
import { WEBGPU_LIMITS } from '../../src/compiler/onnx/limits.ts';
import { optimize } from '../../src/compiler/optimize.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { uniforms } from './residual-net.ts';
import { compiled, eager, expectSame, tf, useCpu, type Given } from './support.ts';

beforeAll(useCpu);

const [ROWS, COLUMNS, BATCH] = [160, 120, 6];

function given(shape: readonly number[], seed: number): Given {
  const draw = uniforms(seed);
  return { shape, values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * draw() - 1) };
} // prettier-ignore

const inputs = {
  x: given([BATCH, ROWS], 1),
  dy: given([BATCH, COLUMNS], 2),
  flat: given([ROWS * COLUMNS], 3),
  matrix: given([ROWS, COLUMNS], 4),
  rate: given([], 5),
};
type Inputs = Readonly<Record<keyof typeof inputs, Tensor>>;
type Sum = (inputs: Inputs, gradient: Tensor) => Readonly<Record<string, Tensor>>;

/** What is made of the gradient of a dense layer's weights. */
const stepOf =
  (sum: Sum): StepFunction =>
  (ops, given) => {
    const all = given as Inputs;
    return sum(all, ops.matMul(all.x, all.dy, true));
  };

function kinds(step: StepFunction, limits = {}): string[] {
  const specs = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, { shape, dtype: 'float32', role: 'batch' } as const]),
  );
  return lowerToOnnx(optimize(trace('sum', step, specs)), null, limits).nodes.map(({ type }) => type);
} // prettier-ignore

const flat = (gradient: Tensor): Tensor => tf.reshape(gradient, [-1]);
const ADDED: Readonly<Record<string, Sum>> = {
  'momentum in a vector': ({ flat: memory }, gradient) => ({
    sum: tf.add(tf.mul(memory, 0.9), flat(gradient)),
  }),
  'decay, the gradient first': ({ matrix }, gradient) => ({ sum: tf.add(gradient, tf.mul(0.01, matrix)) }),
  'decay and then momentum': ({ flat: memory, matrix }, gradient) => ({
    sum: tf.add(tf.mul(memory, 0.9), flat(tf.add(gradient, tf.mul(matrix, 0.01)))),
  }),
  'a negative multiple': ({ matrix }, gradient) => ({ sum: tf.add(tf.mul(matrix, -2), gradient) }),
};

const APART: Readonly<Record<string, Sum>> = {
  'a gradient that is read elsewhere too': ({ matrix }, gradient) => ({ sum: tf.add(tf.mul(matrix, 0.9), gradient), gradient }),
  'a multiple that is an input': ({ matrix, rate }, gradient) => ({ sum: tf.add(tf.mul(matrix, rate), gradient) }),
  'a multiple that is read elsewhere too': ({ matrix }, gradient) => {
    const scaled = tf.mul(matrix, 0.9);
    return { sum: tf.add(scaled, gradient), scaled };
  },
}; // prettier-ignore

describe('a matrix product that is added to a multiple of a tensor', () => {
  test.each(Object.entries(ADDED))('is added while it is made: %s', async (_name, sum) => {
    expect(kinds(stepOf(sum))).toContain('Gemm');
    expect(kinds(stepOf(sum))).not.toContain('FusedMatMul');
    expectSame(await compiled(stepOf(sum), inputs), eager(stepOf(sum), inputs), { relative: 1e-5, ofLargest: 1e-6 });
  }); // prettier-ignore

  test.each(Object.entries(APART))('stays by itself: %s', async (_name, sum) => {
    expect(kinds(stepOf(sum))).not.toContain('Gemm');
    expectSame(await compiled(stepOf(sum), inputs), eager(stepOf(sum), inputs), { relative: 1e-5, ofLargest: 1e-6 });
  }); // prettier-ignore

  test('is an output in its own shape where the reader takes any', () => {
    const sum = ADDED['momentum in a vector'] as Sum;
    const specs = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape }]) => [name, { shape, dtype: 'float32', role: 'batch' } as const]),
    );
    const graph = optimize(trace('sum', stepOf(sum), specs));
    const made = lowerToOnnx(graph, null, {}, new Set(['sum']));
    expect(made.outputs).toMatchObject([{ name: 'sum', shape: [ROWS, COLUMNS] }]);
    expect(made.nodes.find(({ outputs }) => outputs.includes('sum'))?.type).toBe('Gemm');
    expect(lowerToOnnx(graph).outputs).toMatchObject([{ name: 'sum', shape: [ROWS * COLUMNS] }]);
  }); // prettier-ignore

  test('stays by itself on providers that have limits', () => {
    for (const sum of Object.values(ADDED)) expect(kinds(stepOf(sum), WEBGPU_LIMITS)).not.toContain('Gemm');
  });
});
