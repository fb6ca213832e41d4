import { meanOf } from '../../src/protocol/mean.ts';
import type { Band } from './line.ts';
import { LinePoints } from './points.ts';

export interface SeedCurve {
  readonly seed: number;
  readonly points: LinePoints;
  /** The step of each point; where it is left out, its x. */
  readonly steps?: ArrayLike<number>;
}

export interface FoldedSeeds {
  /** How many seeds are in it. */
  readonly count: number;
  readonly points: LinePoints;
  readonly bands: Readonly<Record<Band['kind'], Band>>;
}

const known = new WeakMap<LinePoints, { readonly of: readonly SeedCurve[]; readonly folded: FoldedSeeds }>();

/**
 * The mean over the seeds that have come as far as the furthest: one that is still training joins when it has caught
 * up. The mean stands only where each of them has a value, so no point is invented; its place in x is the mean of theirs, which
 * differ where x is a time. Null below two seeds.
 *
 *     mean = 1/n · Σ y_i      deviation = √(1/(n-1) · Σ (y_i - mean)²)
 */
export function foldSeeds(curves: readonly SeedCurve[]): FoldedSeeds | null {
  const furthest = curves.reduce((most, curve) => Math.max(most, lastStep(curve)), -1);
  const complete = curves.filter((curve) => lastStep(curve) === furthest && furthest >= 0);
  const [first] = complete;
  if (first === undefined || complete.length < 2) return null;
  const before = known.get(first.points);
  if (before && isSame(before.of, complete)) return before.folded;
  const folded = fold(first, complete.slice(1));
  known.set(first.points, { of: complete, folded });
  return folded;
}

function fold(first: SeedCurve, others: readonly SeedCurve[]): FoldedSeeds {
  const all = [first, ...others];
  const rowsByStep = others.map(
    (curve) => new Map(Array.from(curve.points.xs, (_, row) => [stepOf(curve, row), row])),
  );
  // Of each step that all have: the row of each.
  const shared = Array.from(first.points.xs, (_, row) => {
    const step = stepOf(first, row);
    return [row, ...rowsByStep.flatMap((rows) => rows.get(step) ?? [])];
  }).filter((rows) => rows.length === all.length);
  const over = (column: 'xs' | 'ys', of: (values: readonly number[]) => number) =>
    Float64Array.from(shared, (rows) =>
      of(all.map(({ points }, seed) => points[column][rows[seed] ?? -1] ?? NaN)),
    );
  const xs = over('xs', meanOf);
  const ys = over('ys', meanOf);
  const deviations = over('ys', deviationOf);
  const epochs = Float64Array.from(shared, ([row = -1]) => first.points.epochs[row] ?? NaN);
  const bands = {
    range: {
      kind: 'range',
      xs,
      lows: over('ys', (values) => Math.min(...values)),
      highs: over('ys', (values) => Math.max(...values)),
    },
    deviation: {
      kind: 'deviation',
      xs,
      lows: ys.map((mean, row) => mean - (deviations[row] ?? NaN)),
      highs: ys.map((mean, row) => mean + (deviations[row] ?? NaN)),
    },
  } as const;
  return { count: all.length, points: new LinePoints({ xs, ys, epochs, raws: null }), bands };
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function isSame(before: readonly SeedCurve[], now: readonly SeedCurve[]): boolean {
  return before.length === now.length && before.every(({ points }, index) => points === now[index]?.points);
}

function stepOf({ steps, points }: SeedCurve, row: number): number {
  return (steps ?? points.xs)[row] ?? NaN;
}

function lastStep(curve: SeedCurve): number {
  return curve.points.length === 0 ? -1 : stepOf(curve, curve.points.length - 1);
}
