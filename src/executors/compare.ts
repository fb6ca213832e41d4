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
  let [difference, largest] = [0, 1e-30];
  // By index: tensors of a training step have millions of numbers, and an iterator makes an object for each.
  for (let at = 0; at < expected.length; at++) {
    const [got, wanted] = [actual[at] ?? NaN, expected[at] ?? NaN];
    if (Object.is(got, wanted)) {
      if (Number.isFinite(wanted)) largest = Math.max(largest, Math.abs(wanted));
      continue;
    }
    const gap = Math.abs(got - wanted);
    if (Number.isNaN(gap)) return NaN;
    difference = Math.max(difference, gap);
    largest = Math.max(largest, Math.abs(wanted));
  }
  return difference / largest;
}
