import type { JsonNumber } from '../protocol/records.ts';

/** log softmax of one row of logits, in double precision. */
export function logSoftmaxRow(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const top = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const log = top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
  return values.map((value) => value - log);
}

/** KL(t || s) of the softmax of two rows of logits, in nats. */
export function divergence(teacher: ArrayLike<number>, student: ArrayLike<number>): number {
  const [t, s] = [logSoftmaxRow(teacher), logSoftmaxRow(student)];
  return t.reduce((sum, logP, k) => sum + Math.exp(logP) * (logP - (s[k] ?? NaN)), 0);
}

/** Index of the largest value; the first of equals. */
export function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

/** A number as the records hold it. */
export function jsonNumber(value: number): JsonNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
