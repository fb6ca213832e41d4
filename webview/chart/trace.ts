import type { LinePoints } from '../curves/points.ts';
import type { Projection, Range } from './projection.ts';

/** From which point to which the line is seen, with one more at each side, to which it leads. */
export function visibleSlice({ xs, isAscending }: LinePoints, [low, high]: Range): readonly [number, number] {
  if (!isAscending) return [0, xs.length];
  return [Math.max(0, firstAtLeast(xs, low) - 1), Math.min(xs.length, firstAbove(xs, high) + 1)];
}

/** Index of the first value of at least this; of values in ascending order. */
export function firstAtLeast(xs: Float64Array, value: number): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((xs[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(xs: Float64Array, value: number): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((xs[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The nearest point in x that has a value; -1: there is none. */
export function nearestIndex({ xs, ys, isAscending }: LinePoints, x: number): number {
  const hasValue = (index: number) => Number.isFinite(ys[index]);
  const distance = (index: number) => Math.abs((xs[index] ?? NaN) - x);
  if (!isAscending) {
    let best = -1;
    for (let index = 0; index < xs.length; index += 1) {
      if (hasValue(index) && (best === -1 || distance(index) < distance(best))) best = index;
    }
    return best;
  }
  let after = firstAtLeast(xs, x);
  let before = after - 1;
  while (after < xs.length && !hasValue(after)) after += 1;
  while (before >= 0 && !hasValue(before)) before -= 1;
  if (after === xs.length) return before;
  return before >= 0 && distance(before) <= distance(after) ? before : after;
}

/** Where more points than this share a column of pixels, only those are drawn that make a difference. */
const POINTS_IN_A_COLUMN = 4;

/**
 * The part of a line that is seen, as pixels: x and y in turn, NaN where the line is broken. In columns with many points
 * the first, the lowest, the highest and the last are drawn, which cover the same pixels as all of them. It is there until the next
 * path is made.
 */
export function pathOf(points: LinePoints, projection: Projection): Float32Array {
  const [from, to] = visibleSlice(points, projection.ranges.x);
  const columns = projection.area.right - projection.area.left;
  const isDense = points.isAscending && to - from > POINTS_IN_A_COLUMN * columns;
  return isDense
    ? densePath(points, projection, from, to)
    : projection.pathOf(points.xs, points.ys, from, to);
}

function densePath(points: LinePoints, projection: Projection, from: number, to: number): Float32Array {
  const path: number[] = [];
  const x = (index: number) => projection.x(points.xs[index] ?? NaN);
  for (let index = from; index < to;) {
    const column = Math.floor(x(index));
    const first = index;
    let [low, high, last, lowest, highest] = [index, index, index, -Infinity, Infinity];
    let isBroken = false;
    for (; index < to && Math.floor(x(index)) === column; index += 1) {
      const y = pixelOf(points, projection, index);
      if (Number.isNaN(y)) isBroken = true;
      if (y > lowest) [low, lowest] = [index, y];
      if (y < highest) [high, highest] = [index, y];
      last = index;
    }
    const kept = [...new Set([first, Math.min(low, high), Math.max(low, high), last])];
    for (const one of kept) path.push(x(one), pixelOf(points, projection, one));
    if (isBroken) path.push(x(last), NaN);
  }
  return Float32Array.from(path);
}

/** NaN where the point has no place: no finite number, or not above zero on a logarithmic axis. */
function pixelOf({ ys }: LinePoints, projection: Projection, index: number): number {
  const y = ys[index] ?? NaN;
  return Number.isFinite(y) ? projection.y(y) : NaN;
}
