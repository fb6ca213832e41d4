import type { Line, ReferenceLine } from '../curves/line.ts';
import type { Range, Ranges } from './projection.ts';
import { visibleSlice } from './trace.ts';

/** Share of an axis within which a value counts as being at its end. */
const NEAR = 0.1;
/** Room above and below the curves. */
const ROOM = 0.04;
/** Beyond it the span of two values may not be a finite number. */
const LARGEST = 1e300;
const SMALLEST_POSITIVE = 1e-300;
/** A zoom ends at this share of the whole axis. */
const NARROWEST = 1e-6;

/** What of a chart the person looks at; null: all. */
export interface Look {
  readonly x: Range | null;
  readonly y: Range | null;
}
export const ALL: Look = { x: null, y: null };

/** What the ranges of a chart follow from. */
export interface RangeSource {
  readonly lines: readonly Line[];
  readonly references: readonly ReferenceLine[];
  readonly isLogarithmic: boolean;
  /** No value can be higher: the axis ends there. */
  readonly highest?: number;
}

/** Lists of lines never change, and a drag asks for each place anew. */
const known = new WeakMap<readonly Line[], Range>();

/** The whole x axis: from zero, or the first value below, to the last. */
export function wholeX(lines: readonly Line[]): Range {
  const found = known.get(lines) ?? extentOf(lines);
  known.set(lines, found);
  return found;
}

function extentOf(lines: readonly Line[]): Range {
  let [low, high] = [0, -Infinity];
  for (const {
    points: { xs },
  } of lines) {
    // Not `of`: it makes an object of each number.
    for (let row = 0; row < xs.length; row += 1) {
      const x = xs[row] ?? NaN;
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  return high > low ? [clamp(low), clamp(high)] : [low, low + 1];
}

/** The y axis that shows all that lies within a part of the x axis. */
export function fittedY(source: RangeSource, x: Range): Range {
  const { isLogarithmic, highest } = source;
  const all = extremes(source, x);
  if (isLogarithmic) {
    const [low, high] = all ?? [0.1, 1];
    return low < high ? [low / (high / low) ** ROOM, high * (high / low) ** ROOM] : [low / 2, high * 2];
  }
  let [low, high] = all ?? [0, 1];
  if (low === high) {
    const room = low === 0 ? 1 : Math.abs(low) * NEAR;
    [low, high] = [low - room, high + room];
  }
  const room = ROOM * (high - low);
  const fromZero = low >= 0 && low < NEAR * high;
  const toHighest = highest !== undefined && high > (1 - NEAR) * highest && high <= highest;
  return [fromZero ? 0 : low - room, toHighest ? highest : high + room];
}

/** What is seen: what the person looks at, else all. */
export function rangesOf(source: RangeSource, look: Look): Ranges {
  const x = look.x ?? wholeX(source.lines);
  const y = look.y !== null && !(source.isLogarithmic && look.y[0] <= 0) ? look.y : fittedY(source, x);
  return { x, y, isLogarithmic: source.isLogarithmic };
}

/** Nearer to (`factor` < 1) or further from a value that stays where it is, but never beyond the whole. */
export function zoomed(range: Range, whole: Range, factor: number, around: number): Range | null {
  const width = whole[1] - whole[0];
  const span = Math.max(NARROWEST * width, (range[1] - range[0]) * factor);
  if (span >= width) return null;
  const share = (around - range[0]) / (range[1] - range[0]);
  return within([around - share * span, around + (1 - share) * span], whole);
}

/** Moved by a difference, but never beyond the whole. */
export function moved(range: Range, whole: Range, by: number): Range {
  return within([range[0] + by, range[1] + by], whole);
}

function within([low, high]: Range, whole: Range): Range {
  const by = Math.max(0, whole[0] - low) - Math.max(0, high - whole[1]);
  return [low + by, high + by];
}

function extremes({ lines, references, isLogarithmic }: RangeSource, x: Range): Range | null {
  // The lowest that has a place on the axis.
  const least = isLogarithmic ? Number.MIN_VALUE : -Number.MAX_VALUE;
  let [low, high] = [Infinity, -Infinity];
  const takeColumn = (values: Float64Array, from: number, to: number) => {
    const [lowest, highest] = extremesOf(values, from, to, least);
    low = Math.min(low, lowest);
    high = Math.max(high, highest);
  };
  for (const { points, band } of lines) {
    takeColumn(points.ys, ...visibleSlice(points, x));
    if (band === undefined) continue;
    band.xs.forEach((at, row) => {
      if (at < x[0] || at > x[1]) return;
      takeColumn(band.lows, row, row + 1);
      takeColumn(band.highs, row, row + 1);
    });
  }
  takeColumn(
    Float64Array.from(references, ({ value }) => value),
    0,
    references.length,
  );
  if (low > high) return null;
  const limited: Range = [clamp(low), clamp(high)];
  return isLogarithmic
    ? [Math.max(SMALLEST_POSITIVE, limited[0]), Math.max(SMALLEST_POSITIVE, limited[1])]
    : limited;
}

/** The lowest and the highest finite number of at least `least`; infinite where there is none. */
function extremesOf(values: Float64Array, from: number, to: number, least: number): Range {
  // Numbers that stay within one function are no objects, and a hundred runs have a hundred thousand for each picture.
  let [low, high] = [Infinity, -Infinity];
  for (let row = from; row < to; row += 1) {
    const value = values[row] ?? NaN;
    if (!(value >= least && value < Infinity)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function clamp(value: number): number {
  return Math.min(LARGEST, Math.max(-LARGEST, value));
}
