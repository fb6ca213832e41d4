import type { RowField } from './row.ts';

/** How far what is read from a book is from what was said, over the rows of a shard or of the whole. */
export interface Fidelity {
  readonly rows: number;
  /**
   * Of logits: total variation ½ Σ|p − q| between the probabilities that were said and those that are read, at temperature 1;
   * summed over rows, and the largest.
   */
  readonly probabilities: { readonly sum: number; readonly largest: number };
  /** Of maps: ‖x − x̂‖ / ‖x‖, summed over rows (of all maps together), and the largest of any map. */
  readonly maps: { readonly sum: number; readonly largest: number };
}

const NONE = { sum: 0, largest: 0 };
export const EXACT: Fidelity = { rows: 0, probabilities: NONE, maps: NONE };

/** What one row adds. @param pairs of each field what was said and what is read */
export function rowFidelity(
  pairs: readonly { readonly field: RowField; readonly said: Float32Array; readonly read: Float32Array }[],
): Fidelity {
  const maps = pairs.filter(({ field }) => field.name !== 'logits');
  const logits = pairs.filter(({ field }) => field.name === 'logits');
  const distances = logits.map(({ said, read }) => totalVariation(softmax(said), softmax(read)));
  const errors = maps.map(({ said, read }) => relativeError(said, read));
  const mean = errors.reduce((sum, value) => sum + value, 0) / Math.max(1, errors.length);
  return {
    rows: 1,
    probabilities: { sum: distances[0] ?? 0, largest: Math.max(0, ...distances) },
    maps: { sum: mean, largest: Math.max(0, ...errors) },
  };
}

export function addFidelity(a: Fidelity, b: Fidelity): Fidelity {
  const both = (x: Fidelity['maps'], y: Fidelity['maps']) => ({
    sum: x.sum + y.sum,
    largest: Math.max(x.largest, y.largest),
  });
  return {
    rows: a.rows + b.rows,
    probabilities: both(a.probabilities, b.probabilities),
    maps: both(a.maps, b.maps),
  };
}

/** In words, with the mean and the largest error; `exact` where everything is read as it was said. */
export function fidelityText({ rows, probabilities, maps }: Fidelity): string {
  if (probabilities.largest === 0 && maps.largest === 0) return 'exact';
  const said = ({ sum, largest }: Fidelity['maps']) =>
    `${(sum / Math.max(1, rows)).toPrecision(2)} on average, ${largest.toPrecision(2)} at most`;
  const parts = [
    probabilities.largest === 0 ? null : `probabilities moved by ${said(probabilities)}`,
    maps.largest === 0 ? null : `maps off by ${said(maps)}`,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

function softmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}

function totalVariation(p: Float64Array, q: Float64Array): number {
  return p.reduce((sum, value, i) => sum + Math.abs(value - (q[i] ?? 0)), 0) / 2;
}

function relativeError(said: Float32Array, read: Float32Array): number {
  let difference = 0;
  let norm = 0;
  said.forEach((value, i) => {
    difference += (value - (read[i] ?? 0)) ** 2;
    norm += value ** 2;
  });
  return norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
}

/** Cosine of the angle between two vectors; 1 where both are zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, left, right] = [0, 0, 0];
  a.forEach((value, i) => {
    const other = b[i] ?? 0;
    dot += value * other;
    left += value * value;
    right += other * other;
  });
  if (left === 0 && right === 0) return 1;
  return left === 0 || right === 0 ? 0 : dot / Math.sqrt(left * right);
}
