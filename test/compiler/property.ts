import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, test } from 'vitest';
import type { StepFunction } from '../../src/compiler/trace.ts';
import { counts } from '../support/counts.ts';
import { SMALLEST } from './executor-under-test.ts';
import type { tf } from './support.ts';
import { compiled, eager, expectSame, useCpu, type Given } from './support.ts';
import { toleranceOf, type Family } from './tolerances.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** One way to call a kernel: its tensors, and the call. */
export interface KernelCase {
  readonly given: Readonly<Record<string, Given>>;
  readonly call: (ops: typeof tf, inputs: Record<string, Tensor>) => Tensor | readonly Tensor[];
}

export interface KernelProperty {
  readonly name: string;
  readonly cases: fc.Arbitrary<KernelCase>;
  readonly tolerance: Family;
  /** Inputs whose gradients are compared too. */
  readonly gradients?: readonly string[];
  /** That of `tolerance` where it is not given. */
  readonly gradientTolerance?: Family;
  readonly runs?: number;
}

const SEED = 20240611;
const RUNS = 8;
/** So many times as many cases. */
const SOAK = counts({ test: 1, soak: 40 });
/** Of the cases: less where the same properties run once more on another executor. */
const SHARE = Number(process.env['KD_TEST_SHARE'] ?? 1);

/** States that compiled kernels give what TensorFlow.js's cpu backend gives, for random calls; grouped by what they do. */
export class Properties {
  readonly #groups: { readonly title: string; readonly members: KernelProperty[] }[] = [];

  /** Starts a group; what is added afterwards belongs to it. */
  group(title: string): void {
    this.#groups.push({ title, members: [] });
  }

  add(property: KernelProperty): void {
    this.#groups.at(-1)?.members.push(property);
  }

  get all(): readonly KernelProperty[] {
    return this.#groups.flatMap(({ members }) => members);
  }

  /** Makes each a test. */
  declare(): void {
    beforeAll(useCpu);
    for (const { title, members } of this.#groups) {
      describe(title, () => {
        for (const property of members) test(property.name, () => check(property));
      });
    }
  }
}

async function check(property: KernelProperty): Promise<void> {
  const { cases, tolerance, gradients = [], gradientTolerance = tolerance, runs = RUNS } = property;
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const values = forward(one);
      expectSame(await compiled(values, one.given), eager(values, one.given), toleranceOf(tolerance));
      if (gradients.length === 0) return;
      const slopes = backward(one, gradients);
      expectSame(await compiled(slopes, one.given), eager(slopes, one.given), toleranceOf(gradientTolerance));
    }),
    { seed: SEED, numRuns: Math.ceil(runs * SOAK * SHARE), endOnFailure: false },
  );
}

/** The first `count` cases of a property, values and gradients, as step functions. */
export function examples(
  { cases, gradients = [] }: KernelProperty,
  count: number,
): { readonly given: KernelCase['given']; readonly steps: readonly StepFunction[] }[] {
  return fc.sample(cases, { seed: SEED, numRuns: count }).map((one) => ({
    given: one.given,
    steps: gradients.length === 0 ? [forward(one)] : [forward(one), backward(one, gradients)],
  }));
}

function forward({ call }: KernelCase): StepFunction {
  return (ops, inputs) =>
    Object.fromEntries([call(ops, { ...inputs })].flat().map((output, at) => [`output${at}`, output]));
}

/** Gradients of a sum that weighs every output number differently. */
export function backward({ call }: KernelCase, names: readonly string[]): StepFunction {
  return (ops, inputs) => {
    const weighted = (...chosen: Tensor[]): Tensor => {
      const given = names.map((name, at) => [name, chosen[at] ?? ops.scalar(0)] as const);
      const results = [call(ops, { ...inputs, ...Object.fromEntries(given) })].flat();
      return ops.addN(
        results
          .filter(({ dtype }) => dtype === 'float32')
          .map((result) => ops.sum(ops.mul(result, weights(ops, result)))),
      );
    };
    const found = ops.grads(weighted)(names.map((name) => get(inputs, name)));
    return Object.fromEntries(names.map((name, at) => [name, found[at] ?? ops.scalar(0)]));
  };
}

function weights(ops: typeof tf, like: Tensor): Tensor {
  return ops.tensor(
    Float32Array.from({ length: like.size }, (_, at) => Math.sin(1 + at * 1.7)),
    like.shape,
  );
}

/** The smallest numbers, below those that have full precision. */
const DENORMALS = [1e-45, -1e-45, 1e-40, -1e-40];

/** Numbers with ties, zeros of both signs, denormal ones, and a spread of sizes, within limits. */
export function numbers(lowest = -4, highest = 4): fc.Arbitrary<number> {
  const specials = [0, -0, 1, -1, 0.5, 2, -2, 1e-8, -1e-8, 1e-20, 1.2e-38, ...DENORMALS, 100, -100, 3e4, -3e4].filter(
    (value) => value >= lowest && value <= highest,
  ); // prettier-ignore
  return fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: lowest, max: highest, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(...(specials.length === 0 ? [lowest] : specials)) },
    { weight: 1, arbitrary: fc.integer({ min: Math.ceil(lowest), max: Math.floor(highest) }) },
  );
}

/** Numbers of every size, infinite ones, and what is no number. */
export function anyNumbers(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 3, arbitrary: numbers(-3e4, 3e4) },
    { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity, NaN, 3e38, -3e38) },
  );
}

/** Without numbers so small that their products vanish. */
export function tame(lowest = -2, highest = 2): fc.Arbitrary<number> {
  return fc
    .integer({ min: Math.round(lowest * 512), max: Math.round(highest * 512) })
    .map((value) => value / 512);
}

export function shapes(lowest = 0, highest = 5, extent = 4): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: extent }), { minLength: lowest, maxLength: highest });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

export function floats(
  shape: readonly number[],
  items: fc.Arbitrary<number> = numbers(),
): fc.Arbitrary<Given> {
  const count = sizeOf(shape);
  return fc.array(items, { minLength: count, maxLength: count }).map((values) => ({
    shape,
    values: Float32Array.from(values, (value) => (Math.abs(value) < SMALLEST ? 0 : value)),
  }));
}

export function integers(shape: readonly number[], min: number, max: number): fc.Arbitrary<Given> {
  const count = sizeOf(shape);
  return fc
    .array(fc.integer({ min, max }), { minLength: count, maxLength: count })
    .map((values) => ({ shape, dtype: 'int32', values: Int32Array.from(values) }));
}

/** Whole numbers as floats: many are equal. */
export function ties(shape: readonly number[], min = -2, max = 2): fc.Arbitrary<Given> {
  return integers(shape, min, max).map(({ values }) => ({ shape, values: Float32Array.from(values) }));
}

export function booleans(shape: readonly number[]): fc.Arbitrary<Given> {
  const count = sizeOf(shape);
  return fc
    .array(fc.boolean(), { minLength: count, maxLength: count })
    .map((values) => ({ shape, dtype: 'bool', values: Uint8Array.from(values, Number) }));
}

/** Two shapes that broadcast together: axes dropped from the front and set to one at random. */
export function broadcasting(): fc.Arbitrary<readonly [number[], number[]]> {
  return shapes(0, 5, 3).chain((whole) => {
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

/** One axis, counted from the front or from the back. */
export function axisOf(rank: number): fc.Arbitrary<number> {
  return fc.integer({ min: -rank, max: rank - 1 });
}

export function permutation(rank: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: rank, maxLength: rank },
  );
}

export function get(inputs: Tensors, name: string): Tensor {
  const found = inputs[name];
  if (found === undefined) throw new Error(`no tensor ${name}`);
  return found;
}

type Call = (ops: typeof tf, x: Tensor) => Tensor | readonly Tensor[];

/** A property of one tensor, with a call that is drawn for its shape. */
export function ofOne(
  name: string,
  shape: fc.Arbitrary<readonly number[]>,
  call: (shape: readonly number[]) => fc.Arbitrary<Call>,
  options: Partial<KernelProperty> & {
    readonly items?: fc.Arbitrary<number>;
    readonly draw?: (shape: readonly number[]) => fc.Arbitrary<Given>;
  } = {},
): KernelProperty {
  const { items = numbers(), draw = (size: readonly number[]) => floats(size, items), ...rest } = options;
  return {
    name,
    cases: shape.chain((size) =>
      fc
        .tuple(draw(size), call(size))
        .map(([x, run]): KernelCase => ({ given: { x }, call: (ops, inputs) => run(ops, get(inputs, 'x')) })),
    ),
    tolerance: 'exact',
    gradientTolerance: 'summed',
    gradients: ['x'],
    ...rest,
  };
}
