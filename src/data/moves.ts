import type { Samples } from './samples.ts';

/** What was done to a picture: first mirrored left to right, then shifted, in pixels. */
export interface Move {
  readonly mirrored: boolean;
  readonly right: number;
  readonly down: number;
}

/** A grey picture, `[height, width]`. */
export interface Grey {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Pictures are compared at no more than this side. */
const COMPARED_SIDE = 32;

export function greyOf({ pixels, shape }: Samples, n: number): Grey {
  const [height, width, channels] = shape;
  const values = new Float32Array(height * width);
  let from = n * values.length * channels;
  for (let i = 0; i < values.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += pixels[from++] ?? 0;
    values[i] = sum / channels;
  }
  return { height, width, values };
}

/** Pixels of a picture in a cell of what is compared. */
function cellSide({ height, width }: Pick<Grey, 'height' | 'width'>): number {
  return Math.max(1, Math.max(height, width) / COMPARED_SIDE);
}

/**
 * Whether the second picture is the first after a move: what both show correlates with at least `least`. In a large picture the
 * move is known to a cell, and looked for ever more closely, each time until nothing around is more alike. Null where it is not.
 */
export function confirmMove(first: Grey, second: Grey, near: Move, least: number): Move | null {
  const cell = cellSide(first);
  let [best, reached] = [near, likenessAfter(first, second, near, cell)];
  for (let step = cell; step > 1;) {
    step = Math.ceil(step / 2);
    for (let before = -1; before < reached;) {
      before = reached;
      const { mirrored, right, down } = best;
      for (const y of [-step, 0, step]) {
        for (const x of [-step, 0, step]) {
          const move = { mirrored, right: right + x, down: down + y };
          const likeness = likenessAfter(first, second, move, cell);
          if (likeness > reached) [best, reached] = [move, likeness];
        }
      }
    }
  }
  return reached >= least ? best : null;
}

/** Correlation of what the first shows after the move with what the second shows there, by cells of so many pixels. */
function likenessAfter(first: Grey, second: Grey, { mirrored, right, down }: Move, cell: number): number {
  const { height, width } = first;
  const rows = Math.floor((height - Math.abs(down)) / cell);
  const columns = Math.floor((width - Math.abs(right)) / cell);
  if (rows < 1 || columns < 1 || second.height !== height || second.width !== width) return -1;
  const [top, left] = [Math.max(0, down), Math.max(0, right)];
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const y = top + Math.floor(row * cell);
    for (let column = 0; column < columns; column++) {
      const x = left + Math.floor(column * cell);
      const one = cellOf(first, y - down, x - right, cell, mirrored);
      const other = cellOf(second, y, x, cell, false);
      a += one;
      b += other;
      aa += one * one;
      bb += other * other;
      ab += one * other;
    }
  }
  const cells = rows * columns;
  const spread = (cells * aa - a * a) * (cells * bb - b * b);
  return spread <= 0 ? -1 : (cells * ab - a * b) / Math.sqrt(spread);
}

/** Mean of a cell. */
function cellOf({ width, height, values }: Grey, top: number, left: number, cell: number, mirrored: boolean) {
  const side = Math.max(1, Math.floor(cell));
  let [sum, count] = [0, 0];
  for (let y = top; y < Math.min(height, top + side); y++) {
    for (let x = left; x < Math.min(width, left + side); x++) {
      sum += values[y * width + (mirrored ? width - 1 - x : x)] ?? 0;
      count++;
    }
  }
  return sum / Math.max(1, count);
}
