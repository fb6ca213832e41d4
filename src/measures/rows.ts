import type { JsonNumber } from '../protocol/records.ts';

/** log softmax of one row of logits, in double precision. */
export function logSoftmaxRow(logits: ArrayLike<number>): Float64Array {
  const out = new Float64Array(logits.length);
  logSoftmaxInto(out, logits, 0, 1);
  return out;
}

/** log softmax(z / T) of the row of logits that begins at `from`, into `out`. */
function logSoftmaxInto(
  out: Float64Array,
  logits: ArrayLike<number>,
  from: number,
  temperature: number,
): void {
  const classes = out.length;
  let top = -Infinity;
  for (let k = 0; k < classes; k++) {
    const value = (logits[from + k] ?? NaN) / temperature;
    out[k] = value;
    if (value > top) top = value;
  }
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += Math.exp((out[k] ?? NaN) - top);
  const log = top + Math.log(sum);
  for (let k = 0; k < classes; k++) out[k] = (out[k] ?? NaN) - log;
}

/** A row of probabilities with its logarithms: one exponential each, however many measures ask. */
export class ProbabilityRow {
  readonly logs: Float64Array;
  readonly shares: Float64Array;

  constructor(classes: number) {
    this.logs = new Float64Array(classes);
    this.shares = new Float64Array(classes);
  }

  /** softmax(z / T) of the row of logits that begins at `from`. */
  set(logits: ArrayLike<number>, from: number, temperature: number): void {
    const { logs, shares } = this;
    logSoftmaxInto(logs, logits, from, temperature);
    for (let k = 0; k < logs.length; k++) shares[k] = Math.exp(logs[k] ?? NaN);
  }
}

/** KL(p || q) = Σ p (log p − log q) in nats; 0 log 0 is 0. */
export function klOf(p: ProbabilityRow, q: ProbabilityRow): number {
  let sum = 0;
  for (let k = 0; k < p.logs.length; k++) {
    const share = p.shares[k] ?? NaN;
    if (share !== 0) sum += share * ((p.logs[k] ?? NaN) - (q.logs[k] ?? NaN));
  }
  return sum;
}

/** H(p) = −Σ p log p in nats, 0 to log K; 0 log 0 is 0. */
export function entropyOf({ logs, shares }: ProbabilityRow): number {
  let sum = 0;
  for (let k = 0; k < logs.length; k++) {
    const share = shares[k] ?? NaN;
    if (share !== 0) sum -= share * (logs[k] ?? NaN);
  }
  return sum;
}

/**
 * Jensen-Shannon divergence in nats, 0 to ln 2:
 *
 *     JS(p, q) = ½ KL(p || m) + ½ KL(q || m),   m = (p + q) / 2
 *
 * Unlike KL it is the same both ways, and bounded. Source: Lin 1991, with equal weights.
 */
export function jsOf(p: ProbabilityRow, q: ProbabilityRow): number {
  let sum = 0;
  for (let k = 0; k < p.logs.length; k++) {
    const one = p.shares[k] ?? NaN;
    const other = q.shares[k] ?? NaN;
    const middle = Math.log((one + other) / 2);
    if (one !== 0) sum += (one / 2) * ((p.logs[k] ?? NaN) - middle);
    if (other !== 0) sum += (other / 2) * ((q.logs[k] ?? NaN) - middle);
  }
  return sum;
}

/** Index of the largest value; the first of equals. */
export function largest(values: ArrayLike<number>): number {
  return largestFrom(values, 0, values.length);
}

/** Index within the `count` values from `from` on. */
export function largestFrom(values: ArrayLike<number>, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if ((values[from + i] ?? 0) > (values[from + best] ?? 0)) best = i;
  return best;
}

/** A number as the records hold it. */
export function jsonNumber(value: number): JsonNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
