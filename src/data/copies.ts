import { createHash } from 'node:crypto';
import { normal, randomStream } from '../random/random.ts';
import type { Samples } from './samples.ts';
import { likeness, thumbnailOf } from './thumbnails.ts';

/** Two samples that show the same, by their positions among all samples of the sets in turn. */
export interface Copy {
  readonly first: number;
  readonly second: number;
  /** True: the same bytes; false: nearly the same picture. */
  readonly exact: boolean;
}

/** Sides of the thumbnails by which candidates are found, and by which they are compared. */
const SKETCH_SIDE = 12;
const COMPARED_SIDE = 32;
/**
 * Tables of hashes, and bits of each. A bit of two pictures of correlation ρ differs with arccos(ρ) / π: 3.2 % at 0.995, so that
 * they share the hash of a table with 63 %, of one table or more with all but 1 in 100,000.
 */
const TABLES = 12;
const BITS = 14;
/** More pictures than this under one hash say little; other tables find what is alike among them. */
const MOST_IN_BUCKET = 200;

/**
 * Samples that show the same picture: equal bytes, or a correlation of at least `least` after bringing both to grey and at
 * most 32 x 32. Resizing, re-encoding, brightness and contrast do not hide a copy; mirrored, turned and shifted ones are
 * not found. Each sample is named with the first that it is a copy of, so `n` copies of a picture give `n - 1` entries.
 *
 * Candidates come from signs of random projections (Charikar 2002), so that not all pairs are compared.
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
  return [...copies, ...nearCopies(sets, kept, least)];
}

interface Entry {
  readonly set: number;
  readonly n: number;
  readonly position: number;
}

function digestOf({ pixels }: Samples, n: number, size: number): string {
  const own = pixels.subarray(n * size, (n + 1) * size);
  return createHash('sha256')
    .update(new Uint8Array(own.buffer, own.byteOffset, own.byteLength))
    .digest('base64');
}

function nearCopies(sets: readonly Samples[], entries: readonly Entry[], least: number): Copy[] {
  const { sketches, size, signatures } = sketch(sets, entries);
  const mostBits = mostDifferingBits(least);
  const shown = ({ set, n }: Entry) => {
    const samples = sets[set];
    return samples === undefined ? null : thumbnailOf(samples, n, COMPARED_SIDE);
  };
  const areAlike = (at: number, other: number) => {
    if (differingBits(signatures, at, other, mostBits) > mostBits) return false;
    const row = (n: number) => sketches.subarray(n * size, (n + 1) * size);
    // Less detail makes pictures more alike: those that differ here differ in full.
    if (likeness(row(at), row(other)) < least) return false;
    const [one, two] = [entries[at], entries[other]];
    const [a, b] = [one === undefined ? null : shown(one), two === undefined ? null : shown(two)];
    return a !== null && b !== null && likeness(a, b) >= least;
  };
  const found = new Map<number, Copy>();
  for (let table = 0; table < TABLES; table++) {
    const buckets = new Map<number, number[]>();
    entries.forEach((entry, at) => {
      const hash = signatures[at * TABLES + table] ?? FLAT;
      if (hash === FLAT || found.has(at)) return;
      const bucket = buckets.get(hash) ?? [];
      buckets.set(hash, bucket);
      const like = bucket.find((other) => areAlike(at, other));
      if (like === undefined) {
        if (bucket.length < MOST_IN_BUCKET) bucket.push(at);
      } else found.set(at, { first: entries[like]?.position ?? 0, second: entry.position, exact: false });
    });
  }
  return [...found.values()];
}

/** Of a picture that has no signature. */
const FLAT = -1;

/** Bits in which signatures of pictures of this likeness differ, with five standard deviations to spare. */
function mostDifferingBits(least: number): number {
  const share = Math.acos(Math.min(1, least)) / Math.PI;
  const bits = TABLES * BITS;
  return Math.ceil(bits * share + 5 * Math.sqrt(bits * share * (1 - share)) + 1);
}

/** Of each picture: a small one, `[entries, size]`, and the signs of its random projections, `[entries, TABLES]`. */
function sketch(sets: readonly Samples[], entries: readonly Entry[]) {
  const [height = 0, width = 0] = sets[0]?.shape ?? [];
  const size = Math.min(SKETCH_SIDE, height) * Math.min(SKETCH_SIDE, width);
  const planes = normal(randomStream(0, 'copies'), 0, new Float32Array(TABLES * BITS * size));
  const signatures = new Int32Array(entries.length * TABLES).fill(FLAT);
  const sketches = new Float32Array(entries.length * size);
  entries.forEach(({ set, n }, at) => {
    const samples = sets[set];
    const small = samples === undefined ? null : thumbnailOf(samples, n, SKETCH_SIDE);
    if (small === null) return;
    sketches.set(small, at * size);
    for (let table = 0; table < TABLES; table++)
      signatures[at * TABLES + table] = signsOf(small, planes, table * BITS);
  });
  return { sketches, size, signatures };
}

function signsOf(sketch: Float32Array, planes: Float32Array, from: number): number {
  let signs = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const plane = (from + bit) * sketch.length;
    let sum = 0;
    for (let k = 0; k < sketch.length; k++) sum += (sketch[k] ?? 0) * (planes[plane + k] ?? 0);
    signs = signs * 2 + (sum >= 0 ? 1 : 0);
  }
  return signs;
}

const ONES = Uint8Array.from({ length: 2 ** BITS }, (_, word) => word.toString(2).replaceAll('0', '').length);

/** Of two signatures; counting ends where it is too many. */
function differingBits(signatures: Int32Array, a: number, b: number, most: number): number {
  let bits = 0;
  for (let table = 0; table < TABLES && bits <= most; table++) {
    const differing = (signatures[a * TABLES + table] ?? 0) ^ (signatures[b * TABLES + table] ?? 0);
    bits += ONES[differing] ?? 0;
  }
  return bits;
}
