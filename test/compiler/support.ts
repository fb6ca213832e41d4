import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { NumericArray, TensorSpec } from '../../src/compiler/graph.ts';
import { trace, type StepFunction } from '../../src/compiler/trace.ts';
import { tf } from '../../src/compiler/tfjs.ts';
import type { Fetches } from '../../src/executors/executor.ts';
import { executorUnderTest, SMALLEST } from './executor-under-test.ts';

export { tf };

/** The reference backend. */
export async function useCpu(): Promise<void> {
  await tf.setBackend('cpu');
}

export interface Given {
  readonly shape: readonly number[];
  readonly dtype?: TensorSpec['dtype'];
  readonly values: NumericArray;
}

const specOf = ({ shape, dtype = 'float32' }: Given): TensorSpec => ({ shape, dtype, role: 'batch' });

/** What a function gives compiled, on ONNX Runtime or what these tests were started for. */
export async function compiled(step: StepFunction, given: Readonly<Record<string, Given>>): Promise<Fetches> {
  const graph = trace(
    'case',
    step,
    Object.fromEntries(Object.entries(given).map(([name, one]) => [name, specOf(one)])),
  );
  const program = await executorUnderTest().load({ graph }, {});
  try {
    return await program.run(
      'graph',
      Object.fromEntries(Object.entries(given).map(([name, one]) => [name, one.values])),
    );
  } finally {
    await program.dispose();
  }
}

/** What it gives run directly by TensorFlow.js. */
export function eager(step: StepFunction, given: Readonly<Record<string, Given>>): Fetches {
  return tf.tidy(() => {
    const inputs = Object.fromEntries(
      Object.entries(given).map(([name, { values, shape, dtype = 'float32' }]): [string, Tensor] => [
        name,
        tf.tensor(values, [...shape], dtype),
      ]),
    );
    return Object.fromEntries(
      Object.entries(step(tf, inputs)).map(([name, tensor]) => [
        name,
        tensor.dataSync().slice() as NumericArray,
      ]),
    );
  });
}

export interface Tolerance {
  /** Of the value itself. */
  readonly relative: number;
  /** Of the largest value in the tensor, for sums that cancel. */
  readonly ofLargest?: number;
  readonly absolute?: number;
}

/** Every number equal within the tolerance; NaN equals NaN, infinities equal themselves. */
export function expectSame(
  actual: Fetches,
  expected: Fetches,
  { relative, ofLargest = 0, absolute = 0 }: Tolerance,
): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, wanted] of Object.entries(expected)) {
    const found = actual[name] ?? new Float32Array();
    expect(found.length, name).toBe(wanted.length);
    let largest = 0;
    for (const value of wanted) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    for (const [at, value] of wanted.entries()) {
      const got = found[at] ?? NaN;
      if (Object.is(got, value) || got === value || (Number.isNaN(got) && Number.isNaN(value))) continue;
      const allowed = SMALLEST + absolute + relative * Math.abs(value) + ofLargest * largest;
      if (!(Math.abs(got - value) <= allowed))
        expect.fail(`${name}[${at}] is ${got}, expected ${value} within ${allowed}`);
    }
  }
}
