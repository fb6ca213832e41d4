import type { LinePoint } from './line.ts';

export interface SeedCurve {
  readonly seed: number;
  readonly points: readonly LinePoint[];
}

/**
 * The mean over the seeds that have come as far as the furthest: one that is still training joins when it has caught
 * up. The mean stands only where each of them has a value, so no point is invented. Null below two seeds.
 */
export function meanOfSeeds(curves: readonly SeedCurve[]): { count: number; points: LinePoint[] } | null {
  const lastOf = (curve: SeedCurve) => curve.points.at(-1)?.x ?? -1;
  const furthest = Math.max(-1, ...curves.map(lastOf));
  const [first, ...others] = curves.filter((curve) => lastOf(curve) === furthest && furthest >= 0);
  if (first === undefined || others.length === 0) return null;
  const values = others.map((curve) => new Map(curve.points.map(({ x, y }) => [x, y])));
  const points: LinePoint[] = [];
  for (const { x, y, epoch } of first.points) {
    const all = values.map((at) => at.get(x));
    if (all.includes(undefined)) continue;
    const sum = all.reduce<number>((total, value) => total + (value ?? 0), y);
    points.push({ x, y: sum / (others.length + 1), epoch });
  }
  return { count: others.length + 1, points };
}
