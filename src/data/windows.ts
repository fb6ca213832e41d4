/** How far a window may lie from the middle: this share of a side, and so many cells of a small picture. */
const FARTHEST = { share: 1 / 16, cells: 2 };
/** Cells of a window's sketch along each side. */
const SIDE = 8;
export const SKETCH_SIZE = SIDE * SIDE;

/**
 * The middle of a picture, and the windows of the same size around it. Where a picture was shifted, the middle of the original
 * stands in one of them, whatever came in across the edge.
 */
export class Windows {
  /** How far a window may lie from the middle, in cells. */
  readonly farthest: { readonly down: number; readonly right: number };
  readonly #rows: number;
  readonly #columns: number;
  /** Sums over everything above and to the left: `[rows + 1, columns + 1]`. */
  readonly #sums: Float64Array;
  /** Where the cells of a sketch begin and end, from the beginning of a window. */
  readonly #down: readonly Bounds[];
  readonly #across: readonly Bounds[];

  /** @param rows of the thumbnails, as many or more than are in a sketch and around the window */
  constructor(rows: number, columns: number) {
    this.#rows = rows;
    this.#columns = columns;
    this.#sums = new Float64Array((rows + 1) * (columns + 1));
    this.farthest = { down: farthestOf(rows), right: farthestOf(columns) };
    this.#down = boundsOf(rows - 2 * this.farthest.down);
    this.#across = boundsOf(columns - 2 * this.farthest.right);
  }

  /** False for pictures in which no window is left. */
  static fit(rows: number, columns: number): boolean {
    return [rows, columns].every((cells) => cells >= SIDE + 2 * farthestOf(cells));
  }

  /** The thumbnail that is looked at from now on. @param cells `[rows, columns]` */
  look(cells: Float32Array): void {
    const width = this.#columns + 1;
    for (let y = 0; y < this.#rows; y++) {
      let row = 0;
      for (let x = 0; x < this.#columns; x++) {
        row += cells[y * this.#columns + x] ?? 0;
        this.#sums[(y + 1) * width + x + 1] = (this.#sums[y * width + x + 1] ?? 0) + row;
      }
    }
  }

  /**
   * Means of the cells of a window, centred and scaled to length 1. False where they have (nearly) one brightness.
   *
   * @param right, down of the middle, in cells of the thumbnail
   * @param out `[SKETCH_SIZE]`
   */
  sketch(right: number, down: number, out: Float32Array): boolean {
    const [width, top, left] = [this.#columns + 1, this.farthest.down + down, this.farthest.right + right];
    let mean = 0;
    for (const [row, { begin, end }] of this.#down.entries()) {
      const [above, below] = [top + begin, top + end];
      for (const [column, across] of this.#across.entries()) {
        const [from, to] = [left + across.begin, left + across.end];
        const sum =
          (this.#sums[below * width + to] ?? 0) -
          (this.#sums[above * width + to] ?? 0) -
          (this.#sums[below * width + from] ?? 0) +
          (this.#sums[above * width + from] ?? 0);
        const cell = sum / ((below - above) * (to - from));
        out[row * SIDE + column] = cell;
        mean += cell / SKETCH_SIZE;
      }
    }
    let squares = 0;
    for (let k = 0; k < SKETCH_SIZE; k++) squares += ((out[k] ?? 0) - mean) ** 2;
    const length = Math.sqrt(squares);
    if (length <= FLATNESS) return false;
    for (let k = 0; k < SKETCH_SIZE; k++) out[k] = ((out[k] ?? 0) - mean) / length;
    return true;
  }
}

function farthestOf(cells: number): number {
  return Math.max(FARTHEST.cells, Math.ceil(cells * FARTHEST.share));
}

/** A window of less contrast than this share of the whole picture's says nothing. */
const FLATNESS = 1e-3;

interface Bounds {
  readonly begin: number;
  readonly end: number;
}

/** The cells of a window of this length: the same from either end, so that a mirror image has the same sketch, mirrored. */
function boundsOf(length: number): readonly Bounds[] {
  const begins = Array.from({ length: SIDE }, (_, k) => Math.floor((k * length) / SIDE));
  return begins.map((begin, k) => ({ begin, end: length - (begins[SIDE - 1 - k] ?? 0) }));
}

/** A sketch as it is in the mirror image. */
export function mirrored(sketch: Float32Array, out: Float32Array): Float32Array {
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++)
      out[row * SIDE + column] = sketch[row * SIDE + SIDE - 1 - column] ?? 0;
  return out;
}
