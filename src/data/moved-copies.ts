import { randomStream, uniform } from '../random/random.ts';
import { confirmMove, greyOf, type Move } from './moves.ts';
import type { Samples } from './samples.ts';
import { likeness, thumbnailOf } from './thumbnails.ts';
import { mirrored, SKETCH_SIZE, Windows } from './windows.ts';

/** Where a sample stands: set and number in it. */
export interface Place {
  readonly set: number;
  readonly n: number;
}

/**
 * Sides of the thumbnails whose windows are taken. Up to this size a shift is a whole number of cells; in larger pictures half a
 * cell may be left, 1/28 of what a cell of a sketch shows.
 */
const SIDE = 128;
/**
 * Tables of hashes, and bits of each: a moved copy has the same sketch up to rounding or that half of a cell, and so the same bits
 * in all but a few cases. A picture is looked for with its least certain bit both ways (Lv 2007).
 */
const TABLES = 2;
const BITS = 24;
/** Cells that a bit compares with as many others. */
const CELLS = 8;
/** Correlation of sketches from which the pictures themselves are compared: of whole shifts, and where half a cell may be left. */
const PROMISING = { whole: 0.99, rounded: 0.97 };
/** More pictures than this under one hash say little. */
const MOST_IN_BUCKET = 50;
/**
 * A picture has fifty chances to be like another one that may be moved, and one that may not: what then counts as the same must
 * be closer, by this share of what is missing from 1.
 */
const CLOSER = 0.4;

/**
 * Pictures of one class that show the same mirrored left to right, or shifted by up to 1/16 of a side, or both: `found(at, other,
 * move)` for each with the first of those before. Turned, cut and scaled copies are not found.
 *
 * The middle of each picture is sketched, and hashed by comparisons of its cells; the windows around the middle of another one,
 * also in the mirror, are looked up among them.
 *
 * @param skips those that are known to be copies
 * @param least correlation of pictures that are alike and not moved
 */
export function findMoved(
  sets: readonly Samples[],
  places: readonly Place[],
  least: number,
  skips: (at: number) => boolean,
  found: (at: number, other: number, move: Move) => void,
): void {
  const [height = 0, width = 0] = sets[0]?.shape ?? [];
  const [rows, columns] = [Math.min(SIDE, height), Math.min(SIDE, width)];
  if (!Windows.fit(rows, columns)) return;
  const search = new Search(sets, places, new Windows(rows, columns), 1 - CLOSER * (1 - least));
  places.forEach((_, at) => {
    if (skips(at) || !search.look(at)) return;
    const match = search.find();
    if (match === null) search.keep();
    else found(at, match.other, match.move);
  });
}

class Search {
  readonly #sets: readonly Samples[];
  readonly #places: readonly Place[];
  readonly #windows: Windows;
  readonly #least: number;
  readonly #promising: number;
  /** Of each picture that is kept, the sketch of its middle. */
  readonly #middles = new Map<number, Float32Array>();
  readonly #tables = Array.from({ length: TABLES }, () => new Map<number, number[]>());
  readonly #compared = comparisons();
  readonly #sketch = new Float32Array(SKETCH_SIZE);
  readonly #mirror = new Float32Array(SKETCH_SIZE);
  #at = 0;

  constructor(sets: readonly Samples[], places: readonly Place[], windows: Windows, least: number) {
    this.#sets = sets;
    this.#places = places;
    this.#windows = windows;
    this.#least = least;
    const isWhole = Math.max(...(sets[0]?.shape.slice(0, 2) ?? [])) <= SIDE;
    this.#promising = isWhole ? PROMISING.whole : PROMISING.rounded;
  }

  /** Turns to a picture. False where it shows nothing. */
  look(at: number): boolean {
    this.#at = at;
    const { samples, n } = this.#sampleOf(at);
    const cells = thumbnailOf(samples, n, SIDE);
    if (cells !== null) this.#windows.look(cells);
    return cells !== null;
  }

  /** Makes the picture one that others may be copies of. */
  keep(): void {
    const middle = new Float32Array(SKETCH_SIZE);
    if (!this.#windows.sketch(0, 0, middle)) return;
    this.#middles.set(this.#at, middle);
    this.#tables.forEach((table, number) => {
      const { hash } = this.#hashOf(middle, number);
      const bucket = table.get(hash);
      if (bucket === undefined) table.set(hash, [this.#at]);
      else if (bucket.length < MOST_IN_BUCKET) bucket.push(this.#at);
    });
  }

  /** The first of those that are kept of which the picture is a moved copy; null: of none. */
  find(): { readonly other: number; readonly move: Move } | null {
    const { farthest } = this.#windows;
    for (let down = -farthest.down; down <= farthest.down; down++) {
      for (let right = -farthest.right; right <= farthest.right; right++) {
        if (!this.#windows.sketch(right, down, this.#sketch)) continue;
        const match =
          this.#among(this.#sketch, { mirrored: false, right, down }) ??
          this.#among(mirrored(this.#sketch, this.#mirror), { mirrored: true, right, down });
        if (match !== null) return match;
      }
    }
    return null;
  }

  /** @param near the move in cells of the thumbnail */
  #among(sketch: Float32Array, near: Move) {
    const label = this.#labelOf(this.#at);
    for (const [number, table] of this.#tables.entries()) {
      const { hash, uncertain } = this.#hashOf(sketch, number);
      for (const one of [hash, hash ^ uncertain]) {
        for (const other of table.get(one) ?? []) {
          // A letter mirrored is another letter; asked first, since it is cheap and most others are of other classes.
          if (this.#labelOf(other) !== label) continue;
          const middle = this.#middles.get(other);
          if (middle === undefined || likeness(sketch, middle) < this.#promising) continue;
          const move = this.#moveFrom(other, near);
          if (move !== null) return { other, move };
        }
      }
    }
    return null;
  }

  #moveFrom(other: number, { mirrored, right, down }: Move): Move | null {
    const [first, second] = [this.#sampleOf(other), this.#sampleOf(this.#at)];
    const [from, to] = [greyOf(first.samples, first.n), greyOf(second.samples, second.n)];
    const pixels = (cells: number, side: number) => Math.round((cells * side) / Math.min(SIDE, side));
    const near = { mirrored, right: pixels(right, from.width), down: pixels(down, from.height) };
    return confirmMove(from, to, near, this.#least);
  }

  #labelOf(at: number): number | undefined {
    const { samples, n } = this.#sampleOf(at);
    return samples.labels[n];
  }

  #sampleOf(at: number): { readonly samples: Samples; readonly n: number } {
    const place = this.#places[at];
    const samples = place === undefined ? undefined : this.#sets[place.set];
    if (place === undefined || samples === undefined) throw new Error(`there is no sample ${at}`);
    return { samples, n: place.n };
  }

  /** `uncertain`: the bit of the comparison that was closest. */
  #hashOf(sketch: Float32Array, table: number): { readonly hash: number; readonly uncertain: number } {
    let [hash, uncertain, closest] = [0, 0, Infinity];
    for (let bit = 0; bit < BITS; bit++) {
      const from = (table * BITS + bit) * 2 * CELLS;
      let sum = 0;
      for (let k = 0; k < CELLS; k++) {
        sum += sketch[this.#compared[from + k] ?? 0] ?? 0;
        sum -= sketch[this.#compared[from + CELLS + k] ?? 0] ?? 0;
      }
      if (sum >= 0) hash |= 1 << bit;
      if (Math.abs(sum) >= closest) continue;
      [closest, uncertain] = [Math.abs(sum), 1 << bit];
    }
    return { hash, uncertain };
  }
}

/** Of each bit, the cells that are added and those that are taken away: sparse random projections (Achlioptas 2003). */
function comparisons(): Uint8Array {
  const count = TABLES * BITS * 2 * CELLS;
  const drawn = uniform(randomStream(0, 'moved copies'), 0, new Float32Array(count));
  return Uint8Array.from(drawn, (value) => Math.floor(value * SKETCH_SIZE));
}
