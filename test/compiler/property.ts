import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { test } from 'vitest';
import type { StepFunction } from '../../src/compiler/trace.ts';
import type { tf } from './support.ts';
import { compiled, eager, expectSame, type Given, type Tolerance } from './support.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** One way to call a kernel: its tensors, and the call. */
export interface KernelCase {
  readonly given: Readonly<Record<string, Given>>;
  readonly call: (ops: typeof tf, inputs: Record<string, Tensor>) => Tensor | readonly Tensor[];
}

export interface KernelProperty {
  readonly cases: fc.Arbitrary<KernelCase>;
  readonly tolerance: Tolerance;
  /** Inputs whose gradients are compared too. */
  readonly gradients?: readonly string[];
  readonly gradientTolerance?: Tolerance;
  readonly runs?: number;
}

export const EXACT: Tolerance = { relative: 0 };
/** A few roundings of single precision. */
export const ROUNDED: Tolerance = { relative: 2e-6, absolute: 1e-37 };
/** Sums, whose order may differ. */
export const SUMMED: Tolerance = { relative: 2e-6, ofLargest: 2e-6, absolute: 1e-37 };

const SEED = 20240611;

/** States that the compiled kernel gives what TensorFlow.js's cpu backend gives, for random calls. */
export function kernelProperty(name: string, property: KernelProperty): void {
  const { cases, tolerance, gradients = [], gradientTolerance = tolerance, runs = 10 } = property;
  test(name, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ given, call }) => {
        const values: StepFunction = (ops, inputs) =>
          Object.fromEntries([call(ops, { ...inputs })].flat().map((output, at) => [`output${at}`, output]));
        expectSame(await compiled(values, given), eager(values, given), tolerance);
        if (gradients.length === 0) return;
        const backward: StepFunction = (ops, inputs) => gradientsOf(ops, inputs, gradients, call);
        expectSame(await compiled(backward, given), eager(backward, given), gradientTolerance);
      }),
      { seed: SEED, numRuns: runs, endOnFailure: false },
    );
  });
}

/** Gradients of a sum that weighs every output number differently. */
function gradientsOf(
  ops: typeof tf,
  inputs: Tensors,
  names: readonly string[],
  call: KernelCase['call'],
): Record<string, Tensor> {
  const weighted = (...chosen: Tensor[]): Tensor => {
    const results = [
      call(ops, {
        ...inputs,
        ...Object.fromEntries(names.map((name, at) => [name, chosen[at] ?? ops.scalar(0)])),
      }),
    ].flat();
    return ops.addN(
      results
        .filter(({ dtype }) => dtype === 'float32')
        .map((result) => ops.sum(ops.mul(result, weights(ops, result)))),
    );
  };
  const present = names.map((name) => inputs[name] ?? ops.scalar(0));
  const found = ops.grads(weighted)(present);
  return Object.fromEntries(names.map((name, at) => [name, found[at] ?? ops.scalar(0)]));
}

function weights(ops: typeof tf, like: Tensor): Tensor {
  return ops.tensor(
    Float32Array.from({ length: like.size }, (_, at) => Math.sin(1 + at * 1.7)),
    like.shape,
  );
}

/** Numbers with ties, zeros, and a spread of sizes, within limits. */
export function numbers(lowest = -4, highest = 4): fc.Arbitrary<number> {
  const specials = [0, 1, -1, 0.5, 2, -2, 1e-8, -1e-8, 1e-20, 1.2e-38, 100, -100, 3e4, -3e4].filter(
    (value) => value >= lowest && value <= highest,
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: lowest, max: highest, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(...(specials.length === 0 ? [lowest] : specials)) },
    { weight: 1, arbitrary: fc.integer({ min: Math.ceil(lowest), max: Math.floor(highest) }) },
  );
}

/** Without numbers so small that their products vanish. */
export function tame(lowest = -2, highest = 2): fc.Arbitrary<number> {
  return fc
    .integer({ min: Math.round(lowest * 512), max: Math.round(highest * 512) })
    .map((value) => value / 512);
}

export function shapes(lowest = 0, highest = 4, extent = 4): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: extent }), { minLength: lowest, maxLength: highest });
}

export function floats(
  shape: readonly number[],
  items: fc.Arbitrary<number> = numbers(),
): fc.Arbitrary<Given> {
  const count = shape.reduce((a, b) => a * b, 1);
  return fc
    .array(items, { minLength: count, maxLength: count })
    .map((values) => ({ shape, values: Float32Array.from(values, (value) => Math.fround(value) + 0) }));
}

export function integers(shape: readonly number[], min: number, max: number): fc.Arbitrary<Given> {
  const count = shape.reduce((a, b) => a * b, 1);
  return fc
    .array(fc.integer({ min, max }), { minLength: count, maxLength: count })
    .map((values) => ({ shape, dtype: 'int32', values: Int32Array.from(values) }));
}

export function booleans(shape: readonly number[]): fc.Arbitrary<Given> {
  const count = shape.reduce((a, b) => a * b, 1);
  return fc
    .array(fc.boolean(), { minLength: count, maxLength: count })
    .map((values) => ({ shape, dtype: 'bool', values: Uint8Array.from(values, Number) }));
}

/** Two shapes that broadcast together: axes dropped from the front and set to one at random. */
export function broadcasting(): fc.Arbitrary<readonly [number[], number[]]> {
  return shapes(0, 4).chain((whole) => {
    const part = fc
      .tuple(
        fc.integer({ min: 0, max: whole.length }),
        fc.array(fc.boolean(), { minLength: whole.length, maxLength: whole.length }),
      )
      .map(([drop, ones]) => whole.map((size, axis) => (ones[axis] === true ? 1 : size)).slice(drop));
    return fc.tuple(part, part);
  });
}

export function axesOf(rank: number): fc.Arbitrary<number[]> {
  return fc.subarray(Array.from({ length: rank }, (_, axis) => axis));
}

export function get(inputs: Tensors, name: string): Tensor {
  const found = inputs[name];
  if (found === undefined) throw new Error(`no tensor ${name}`);
  return found;
}
