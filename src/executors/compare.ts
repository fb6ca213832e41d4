import type { NumericArray } from '../compiler/graph.ts';

/** Numbers without a pattern that a wrong kernel could hide behind. */
export function wave(count: number, scale: number): Float32Array {
  return Float32Array.from({ length: count }, (_, at) => scale * Math.sin(1 + at * at * 0.37));
}

/**
 * The largest difference as a share of the largest expected number; numbers that both are not finite are equal where they
 * are the same. NaN or infinite where the tensors do not compare.
 */
export function largestDifference(actual: NumericArray | undefined, expected: NumericArray): number {
  if (actual?.length !== expected.length) return Infinity;
  let difference = 0;
  let largest = 1e-30;
  // By index, and without a call for each: tensors of a training step have millions of numbers.
  for (let at = 0; at < expected.length; at++) {
    const got = actual[at] ?? NaN;
    const wanted = expected[at] ?? NaN;
    const gap = Math.abs(got - wanted);
    if (gap > difference) difference = gap;
    else if (Number.isNaN(gap) && !Object.is(got, wanted)) return NaN;
    const size = Math.abs(wanted);
    if (size > largest && size !== Infinity) largest = size;
  }
  return difference / largest;
}
