import type { Samples } from './samples.ts';

/**
 * A small grey picture: mean over channels and over the pixels of each cell, then centred and scaled to length 1, so that
 * brightness and contrast do not count. Null where all cells have (nearly) one brightness: there is nothing to compare.
 *
 * @param side of the thumbnail; images with fewer pixels keep their own size
 * @returns `[rows · columns]`
 */
export function thumbnailOf({ pixels, shape }: Samples, n: number, side: number): Float32Array | null {
  const [height, width, channels] = shape;
  const [rows, columns] = [Math.min(side, height), Math.min(side, width)];
  const cells = new Float32Array(rows * columns);
  const counts = new Float32Array(rows * columns);
  let from = n * height * width * channels;
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x++) {
      const cell = row + Math.floor((x * columns) / width);
      for (let c = 0; c < channels; c++) cells[cell] = (cells[cell] ?? 0) + (pixels[from++] ?? 0);
      counts[cell] = (counts[cell] ?? 0) + channels;
    }
  }
  let mean = 0;
  for (let i = 0; i < cells.length; i++) {
    cells[i] = (cells[i] ?? 0) / (counts[i] ?? 1);
    mean += (cells[i] ?? 0) / cells.length;
  }
  let squares = 0;
  for (const cell of cells) squares += (cell - mean) ** 2;
  const length = Math.sqrt(squares);
  if (length <= FLATNESS * (1 + Math.abs(mean)) * Math.sqrt(cells.length)) return null;
  for (let i = 0; i < cells.length; i++) cells[i] = ((cells[i] ?? 0) - mean) / length;
  return cells;
}

/** Deviations below this share of the mean are rounding. */
const FLATNESS = 1e-6;

/** Correlation of two thumbnails, -1..1; 0 for those of different sizes. */
export function likeness(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return 0;
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] ?? 0) * (b[k] ?? 0);
  return sum;
}
