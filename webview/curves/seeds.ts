import type { Band, LinePoint } from './line.ts';

export interface SeedCurve {
  readonly seed: number;
  readonly points: readonly LinePoint[];
  /** The step of each point; where it is left out, its x. */
  readonly steps?: readonly number[];
}

export interface FoldedSeeds {
  /** How many seeds are in it. */
  readonly count: number;
  readonly points: readonly LinePoint[];
  readonly bands: Readonly<Record<Band['kind'], Band>>;
}

const known = new WeakMap<
  readonly LinePoint[],
  { readonly of: readonly SeedCurve[]; readonly folded: FoldedSeeds }
>();

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
  const at = others.map(
    (curve) => new Map(curve.points.map((point, index) => [stepOf(curve, index), point])),
  );
  const count = others.length + 1;
  const points: LinePoint[] = [];
  const range: Band['points'][number][] = [];
  const deviation: Band['points'][number][] = [];
  first.points.forEach((point, index) => {
    const found = at.flatMap((points) => points.get(stepOf(first, index)) ?? []);
    if (found.length < others.length) return;
    const all = [point, ...found];
    const x = all.reduce((sum, one) => sum + one.x, 0) / count;
    const ys = all.map(({ y }) => y);
    const mean = ys.reduce((sum, y) => sum + y, 0) / count;
    const spread = Math.sqrt(ys.reduce((sum, y) => sum + (y - mean) ** 2, 0) / (count - 1));
    points.push({ x, y: mean, epoch: point.epoch });
    range.push({ x, low: Math.min(...ys), high: Math.max(...ys) });
    deviation.push({ x, low: mean - spread, high: mean + spread });
  });
  const bands = {
    range: { kind: 'range', points: range },
    deviation: { kind: 'deviation', points: deviation },
  } as const;
  return { count, points, bands };
}

function isSame(before: readonly SeedCurve[], now: readonly SeedCurve[]): boolean {
  return before.length === now.length && before.every(({ points }, index) => points === now[index]?.points);
}

function stepOf({ steps, points }: SeedCurve, index: number): number {
  return steps?.[index] ?? points[index]?.x ?? NaN;
}

function lastStep(curve: SeedCurve): number {
  return curve.points.length === 0 ? -1 : stepOf(curve, curve.points.length - 1);
}
