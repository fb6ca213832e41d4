/** A part of the picture, in CSS pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** From the lower to the upper end. */
export type Range = readonly [number, number];

export interface Ranges {
  readonly x: Range;
  readonly y: Range;
  readonly isLogarithmic: boolean;
}

/** Skia loses precision far outside of the picture. */
const FURTHEST_PIXEL = 1e6;

/** A path is drawn as soon as it is made, so each lies where the one before did: a drag would leave megabytes a second behind. */
let room = new Float32Array(0);

function roomFor(numbers: number): Float32Array {
  if (room.length < numbers) room = new Float32Array(2 ** Math.ceil(Math.log2(numbers)));
  return room.subarray(0, numbers);
}

/** Values to pixels and back. The vertical axis grows upwards; on a logarithmic one values above zero have a place. */
export class Projection {
  readonly ranges: Ranges;
  readonly area: Area;
  readonly #y: (value: number) => number;
  readonly #low: number;
  readonly #xScale: number;
  readonly #yScale: number;

  constructor(ranges: Ranges, area: Area) {
    this.ranges = ranges;
    this.area = area;
    this.#y = ranges.isLogarithmic ? Math.log10 : (value) => value;
    this.#low = this.#y(ranges.y[0]);
    this.#xScale = (area.right - area.left) / (ranges.x[1] - ranges.x[0]);
    this.#yScale = (area.bottom - area.top) / (this.#y(ranges.y[1]) - this.#low);
  }

  x(value: number): number {
    return this.area.left + (value - this.ranges.x[0]) * this.#xScale;
  }

  /** NaN where the value has no place. */
  y(value: number): number {
    if (this.ranges.isLogarithmic && value <= 0) return NaN;
    const pixel = this.area.bottom - (this.#y(value) - this.#low) * this.#yScale;
    return Math.min(FURTHEST_PIXEL, Math.max(-FURTHEST_PIXEL, pixel));
  }

  /**
   * Pixels of the points from one place to another, x and y in turn: as `x` and `y`, of many at once. NaN where one has no place. They
   * are there until the next path is made.
   */
  pathOf(xs: Float64Array, ys: Float64Array, from: number, to: number): Float32Array {
    const path = roomFor(2 * (to - from));
    const { isLogarithmic, x } = this.ranges;
    const { left, bottom } = this.area;
    const [low, xScale, lowest, yScale] = [x[0], this.#xScale, this.#low, this.#yScale];
    for (let index = from, at = 0; index < to; index += 1, at += 2) {
      const value = ys[index] ?? NaN;
      path[at] = left + ((xs[index] ?? NaN) - low) * xScale;
      if (!Number.isFinite(value)) path[at + 1] = NaN;
      else if (isLogarithmic) path[at + 1] = this.y(value);
      else
        path[at + 1] = Math.min(
          FURTHEST_PIXEL,
          Math.max(-FURTHEST_PIXEL, bottom - (value - lowest) * yScale),
        );
    }
    return path;
  }

  valueAtX(pixel: number): number {
    return this.ranges.x[0] + (pixel - this.area.left) / this.#xScale;
  }

  valueAtY(pixel: number): number {
    const value = this.#low + (this.area.bottom - pixel) / this.#yScale;
    return this.ranges.isLogarithmic ? 10 ** value : value;
  }

  /** The same, lower in the picture. */
  movedDown(pixels: number): Projection {
    const { left, right, top, bottom } = this.area;
    return new Projection(this.ranges, { left, right, top: top + pixels, bottom: bottom + pixels });
  }

  /** The same scale, further to both sides by this share of the width: a larger picture to move about in. */
  widened(share: number): Projection {
    const { x, y, isLogarithmic } = this.ranges;
    const { left, right, top, bottom } = this.area;
    const pixels = Math.round(share * (right - left));
    const more = (pixels * (x[1] - x[0])) / (right - left);
    const ranges = { x: [x[0] - more, x[1] + more] as const, y, isLogarithmic };
    // What lies between two pixels here does so there.
    const [across, down] = [left % 1, top % 1];
    return new Projection(ranges, {
      left: across,
      right: across + right - left + 2 * pixels,
      top: down,
      bottom: down + bottom - top,
    });
  }
}
