import type { NumericArray } from '../compiler/graph.ts';

/** Numbers without a pattern that a wrong kernel could hide behind. */
export function wave(count: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, (_, at) => scale * Math.sin(1 + at * at * 0.37));
}

/** The largest difference as a share of the largest expected number; NaN or infinite where the tensors do not compare. */
export function largestDifference(actual: NumericArray | undefined, expected: NumericArray): number {
  if (actual?.length !== expected.length) return Infinity;
  let [difference, largest] = [0, 1e-30];
  for (const [at, value] of expected.entries()) {
    const gap = Math.abs((actual[at] ?? NaN) - value);
    if (Number.isNaN(gap)) return NaN;
    difference = Math.max(difference, gap);
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
}
