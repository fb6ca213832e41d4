import { createHash } from 'node:crypto';
import { findMoved } from './moved-copies.ts';
import type { Move } from './moves.ts';
import type { Samples } from './samples.ts';
import { Signatures } from './signatures.ts';
import { likeness, thumbnailOf } from './thumbnails.ts';

/** Two samples that show the same, by their positions among all samples of the sets in turn. */
export interface Copy {
  readonly first: number;
  readonly second: number;
  /** True: the same bytes; false: nearly the same picture. */
  readonly exact: boolean;
  /** How the second was moved; absent where it was not. */
  readonly moved?: Move;
}

/** Sides of the thumbnails by which candidates are found, and by which they are compared. */
const SKETCH_SIDE = 12;
const COMPARED_SIDE = 32;

/**
 * Samples that show the same picture: equal bytes, or a correlation of at least `least` after bringing both to grey and at
 * most 32 x 32, or the same within one class after mirroring or a small shift (`findMoved`). Resizing, re-encoding, brightness and
 * contrast do not hide a copy; turned ones are not found. Each sample is named with the first that it is a copy of, so `n` copies
 * of a picture give `n - 1` entries.
 */
export function findCopies(sets: readonly Samples[], least: number): readonly Copy[] {
  const copies: Copy[] = [];
  const unique = new Map<string, number>();
  const offsets = sets.map((_, i) => sets.slice(0, i).reduce((sum, { count }) => sum + count, 0));
  const kept: Entry[] = [];
  sets.forEach((samples, set) => {
    const size = samples.count === 0 ? 0 : samples.pixels.length / samples.count;
    for (let n = 0; n < samples.count; n++) {
      const digest = digestOf(samples, n, size);
      const known = unique.get(digest);
      const second = (offsets[set] ?? 0) + n;
      if (known === undefined) {
        unique.set(digest, second);
        kept.push({ set, n, position: second });
      } else copies.push({ first: known, second, exact: true });
    }
  });
  const near = nearCopies(sets, kept, least);
  const positionOf = (at: number) => kept[at]?.position ?? 0;
  for (const [at, other] of near)
    copies.push({ first: positionOf(other), second: positionOf(at), exact: false });
  findMoved(
    sets,
    kept,
    least,
    (at) => near.has(at),
    (at, other, move) => {
      const copy = { first: positionOf(other), second: positionOf(at), exact: false };
      copies.push(isStill(move) ? copy : { ...copy, moved: move });
    },
  );
  return copies;
}

interface Entry {
  readonly set: number;
  readonly n: number;
  readonly position: number;
}

function isStill({ mirrored, right, down }: Move): boolean {
  return !mirrored && right === 0 && down === 0;
}

function digestOf({ pixels }: Samples, n: number, size: number): string {
  const own = pixels.subarray(n * size, (n + 1) * size);
  return createHash('sha256')
    .update(new Uint8Array(own.buffer, own.byteOffset, own.byteLength))
    .digest('base64');
}

/** By number among the entries, the first of those before that shows the same. */
function nearCopies(
  sets: readonly Samples[],
  entries: readonly Entry[],
  least: number,
): ReadonlyMap<number, number> {
  const [height = 0, width = 0] = sets[0]?.shape ?? [];
  const size = Math.min(SKETCH_SIDE, height) * Math.min(SKETCH_SIDE, width);
  const signatures = new Signatures(entries.length, size);
  const sketches = new Float32Array(entries.length * size);
  const shown = (at: number, side: number) => {
    const entry = entries[at];
    const samples = entry === undefined ? undefined : sets[entry.set];
    return entry === undefined || samples === undefined ? null : thumbnailOf(samples, entry.n, side);
  };
  entries.forEach((_, at) => {
    const small = shown(at, SKETCH_SIDE);
    if (small === null) return;
    sketches.set(small, at * size);
    signatures.set(at, small);
  });
  const sketch = (at: number) => sketches.subarray(at * size, (at + 1) * size);
  const isAlike = (at: number, other: number) => {
    // Less detail makes pictures more alike: those that differ here differ in full.
    if (likeness(sketch(at), sketch(other)) < least) return false;
    const [one, two] = [shown(at, COMPARED_SIDE), shown(other, COMPARED_SIDE)];
    return one !== null && two !== null && likeness(one, two) >= least;
  };
  const found = new Map<number, number>();
  signatures.match(least, isAlike, (at, other) => found.set(at, other));
  return found;
}
