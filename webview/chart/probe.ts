import type { Line, Mark } from '../curves/line.ts';
import type { LinePoint } from '../curves/points.ts';
import { strings } from '../strings.ts';
import type { Projection } from './projection.ts';
import { nearestIndex } from './trace.ts';

/** A point that is looked at. */
export interface Found {
  readonly line: Line;
  readonly point: LinePoint;
}

/** Points so near to each other, in pixels, are looked at together. */
const TOGETHER = 3;
const NEAR_MARK = 5;

/** The points nearest to a place in x: of each line one, those nearest to the pointer in y first. */
export function pointsNear(
  lines: readonly Line[],
  projection: Projection,
  pixelX: number,
  pixelY: number,
): Found[] {
  const x = projection.valueAtX(pixelX);
  const found = lines.filter(isLookedAt).flatMap((line) => {
    const point = line.points.at(nearestIndex(line.points, x));
    return point === undefined ? [] : [{ line, point }];
  });
  const { left, right } = projection.area;
  const inSight = found.filter(({ point }) => {
    const at = projection.x(point.x);
    return at >= left - 1 && at <= right + 1;
  });
  const away = ({ point }: Found) => Math.abs(projection.x(point.x) - pixelX);
  const nearest = Math.min(...inSight.map(away));
  const height = ({ point }: Found) => Math.abs(projection.y(point.y) - pixelY);
  return inSight.filter((one) => away(one) <= nearest + TOGETHER).sort((a, b) => height(a) - height(b));
}

/** The points of all lines at exactly this place. */
export function pointsAt(lines: readonly Line[], x: number): Found[] {
  return lines.filter(isLookedAt).flatMap((line) => {
    const point = line.points.at(nearestIndex(line.points, x));
    return point?.x === x ? [{ line, point }] : [];
  });
}

/** Every place at which a line has a point, in order. */
export function placesOf(lines: readonly Line[]): number[] {
  const all = new Set<number>();
  for (const { points } of lines.filter(isLookedAt)) {
    points.xs.forEach((x, row) => Number.isFinite(points.ys[row]) && all.add(x));
  }
  return [...all].sort((a, b) => a - b);
}

export function marksNear(marks: readonly Mark[], projection: Projection, pixelX: number): Mark[] {
  return marks.filter(({ x }) => Math.abs(projection.x(x) - pixelX) <= NEAR_MARK);
}

/** `student, train: 0.41 (smoothed 0.39)`: what was recorded always comes first. */
export function pointText({ line, point }: Found, yText: (y: number) => string): string {
  const { raw, y } = point;
  return raw === undefined
    ? strings.pointText(line.label, yText(y))
    : strings.smoothedPointText(line.label, yText(raw), yText(y));
}

/** What lies behind its mean, or behind the smoothed line, says nothing of its own. */
function isLookedAt({ role }: Line): boolean {
  return role === 'main';
}
