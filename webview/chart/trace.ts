import type { LinePoint } from '../curves/line.ts';
import type { Projection, Range } from './projection.ts';

/** The points of a line as numbers in a row. */
export interface Trace {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** A clock that was set back makes times that are not. */
  readonly isAscending: boolean;
}

/** Lists of points never change, so each is turned into numbers once. */
const known = new WeakMap<readonly LinePoint[], Trace>();

export function traceOf(points: readonly LinePoint[]): Trace {
  const found = known.get(points);
  if (found !== undefined) return found;
  const [xs, ys] = [new Float64Array(points.length), new Float64Array(points.length)];
  let isAscending = true;
  points.forEach(({ x, y }, index) => {
    xs[index] = x;
    ys[index] = y;
    if (index > 0 && x < (xs[index - 1] ?? -Infinity)) isAscending = false;
  });
  const made = { xs, ys, isAscending };
  known.set(points, made);
  return made;
}

/** From which point to which the line is seen, with one more at each side, to which it leads. */
export function visibleSlice({ xs, isAscending }: Trace, [low, high]: Range): readonly [number, number] {
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
export function nearestIndex({ xs, ys, isAscending }: Trace, x: number): number {
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
 * the first, the lowest, the highest and the last are drawn, which cover the same pixels as all of them.
 */
export function pathOf(trace: Trace, projection: Projection): Float32Array {
  const [from, to] = visibleSlice(trace, projection.ranges.x);
  const columns = projection.area.right - projection.area.left;
  const isDense = trace.isAscending && to - from > POINTS_IN_A_COLUMN * columns;
  return isDense ? densePath(trace, projection, from, to) : projection.pathOf(trace.xs, trace.ys, from, to);
}

function densePath(trace: Trace, projection: Projection, from: number, to: number): Float32Array {
  const path: number[] = [];
  const x = (index: number) => projection.x(trace.xs[index] ?? NaN);
  for (let index = from; index < to;) {
    const column = Math.floor(x(index));
    const first = index;
    let [low, high, last, lowest, highest] = [index, index, index, -Infinity, Infinity];
    let isBroken = false;
    for (; index < to && Math.floor(x(index)) === column; index += 1) {
      const y = pixelOf(trace, projection, index);
      if (Number.isNaN(y)) isBroken = true;
      if (y > lowest) [low, lowest] = [index, y];
      if (y < highest) [high, highest] = [index, y];
      last = index;
    }
    const kept = [...new Set([first, Math.min(low, high), Math.max(low, high), last])];
    for (const one of kept) path.push(x(one), pixelOf(trace, projection, one));
    if (isBroken) path.push(x(last), NaN);
  }
  return Float32Array.from(path);
}

/** NaN where the point has no place: no finite number, or not above zero on a logarithmic axis. */
function pixelOf({ ys }: Trace, projection: Projection, index: number): number {
  const y = ys[index] ?? NaN;
  return Number.isFinite(y) ? projection.y(y) : NaN;
}
