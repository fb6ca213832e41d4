import type { Band } from './line.ts';

/** One point of a line. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Zero-based. */
  readonly epoch: number;
  /** Where `y` is smoothed: the value recorded. */
  readonly raw?: number;
}

/** The columns of the points of a line, all of one length. */
export interface PointColumns {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly epochs: Float64Array;
  /** Null: `ys` are the values recorded. */
  readonly raws: Float64Array | null;
}

/**
 * The points of a line, column by column: of a hundred runs there are a hundred thousand, and each as an object would take three times
 * as much. They never change, so what is made of them may be kept.
 */
export class LinePoints implements PointColumns, Iterable<LinePoint> {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly epochs: Float64Array;
  readonly raws: Float64Array | null;
  /** A clock that was set back makes times that are not. */
  readonly isAscending: boolean;

  constructor({ xs, ys, epochs, raws }: PointColumns) {
    this.xs = xs;
    this.ys = ys;
    this.epochs = epochs;
    this.raws = raws;
    this.isAscending = isAscending(xs);
  }

  /** Of points one by one; smoothed are all of them or none. */
  static of(points: readonly LinePoint[]): LinePoints {
    const raws = points.flatMap(({ raw }) => raw ?? []);
    return new LinePoints({
      xs: Float64Array.from(points, ({ x }) => x),
      ys: Float64Array.from(points, ({ y }) => y),
      epochs: Float64Array.from(points, ({ epoch }) => epoch),
      raws: raws.length > 0 && raws.length === points.length ? Float64Array.from(raws) : null,
    });
  }

  get length(): number {
    return this.xs.length;
  }

  /** Undefined where there is none. */
  at(index: number): LinePoint | undefined {
    const [x, y, epoch] = [this.xs[index], this.ys[index], this.epochs[index]];
    if (x === undefined || y === undefined || epoch === undefined) return undefined;
    const raw = this.raws?.[index];
    return raw === undefined ? { x, y, epoch } : { x, y, epoch, raw };
  }

  /** What was recorded, point by point. */
  get recorded(): Float64Array {
    return this.raws ?? this.ys;
  }

  *[Symbol.iterator](): Generator<LinePoint, void, void> {
    for (let index = 0; index < this.length; index += 1) {
      const point = this.at(index);
      if (point !== undefined) yield point;
    }
  }
}

function isAscending(xs: Float64Array): boolean {
  for (let row = 1; row < xs.length; row += 1) if ((xs[row] ?? NaN) < (xs[row - 1] ?? NaN)) return false;
  return true;
}

/** The edges of a band, by their place in x. */
export function edgesOf(
  band: Band | undefined,
): ReadonlyMap<number, { readonly low: number; readonly high: number }> {
  const { xs, lows, highs } = band ?? { xs: [], lows: [], highs: [] };
  return new Map(Array.from(xs, (x, row) => [x, { low: lows[row] ?? NaN, high: highs[row] ?? NaN }]));
}
