import { normal, randomStream } from '../random/random.ts';

/**
 * Tables of hashes, and bits of each. A bit of two pictures of correlation ρ differs with arccos(ρ) / π: 3.2 % at 0.995, so that
 * they share the hash of a table with 63 %, of one table or more with all but 1 in 100,000.
 */
const TABLES = 12;
const BITS = 14;
/** More pictures than this under one hash say little; other tables find what is alike among them. */
const MOST_IN_BUCKET = 200;
/** Of what has no signature. */
const FLAT = -1;

const ONES = Uint8Array.from({ length: 2 ** BITS }, (_, word) => word.toString(2).replaceAll('0', '').length);

/**
 * Signs of random projections of vectors, by which those that are alike are found without comparing all pairs (Charikar
 * 2002).
 */
export class Signatures {
  readonly #planes: Float32Array;
  readonly #size: number;
  readonly #signs: Int32Array;

  /** @param size of the vectors */
  constructor(count: number, size: number) {
    this.#size = size;
    this.#planes = normal(randomStream(0, 'copies'), 0, new Float32Array(TABLES * BITS * size));
    this.#signs = new Int32Array(count * TABLES).fill(FLAT);
  }

  set(at: number, vector: Float32Array): void {
    for (let table = 0; table < TABLES; table++)
      this.#signs[at * TABLES + table] = this.#signsOf(vector, table * BITS);
  }

  /**
   * The first of those before with which each one is alike: `found(at, other)` for each `at` at most once. What has no signature
   * is left out.
   *
   * @param least correlation of the vectors of what is alike
   */
  match(
    least: number,
    isAlike: (at: number, other: number) => boolean,
    found: (at: number, other: number) => void,
  ): void {
    const most = mostDifferingBits(least);
    const count = this.#signs.length / TABLES;
    const done = new Set<number>();
    for (let table = 0; table < TABLES; table++) {
      const buckets = new Map<number, number[]>();
      for (let at = 0; at < count; at++) {
        const hash = this.#signs[at * TABLES + table] ?? FLAT;
        if (hash === FLAT || done.has(at)) continue;
        const bucket = buckets.get(hash) ?? [];
        buckets.set(hash, bucket);
        const like = bucket.find(
          (other) => this.#differingBits(at, other, most) <= most && isAlike(at, other),
        );
        if (like === undefined) {
          if (bucket.length < MOST_IN_BUCKET) bucket.push(at);
          continue;
        }
        done.add(at);
        found(at, like);
      }
    }
  }

  #signsOf(vector: Float32Array, from: number): number {
    let signs = 0;
    for (let bit = 0; bit < BITS; bit++) {
      const plane = (from + bit) * this.#size;
      let sum = 0;
      for (let k = 0; k < this.#size; k++) sum += (vector[k] ?? 0) * (this.#planes[plane + k] ?? 0);
      signs = signs * 2 + (sum >= 0 ? 1 : 0);
    }
    return signs;
  }

  /** Counting ends where it is too many. */
  #differingBits(a: number, b: number, most: number): number {
    let bits = 0;
    for (let table = 0; table < TABLES && bits <= most; table++) {
      const differing = (this.#signs[a * TABLES + table] ?? 0) ^ (this.#signs[b * TABLES + table] ?? 0);
      bits += ONES[differing] ?? 0;
    }
    return bits;
  }
}

/** Bits in which signatures of vectors of this likeness differ, with five standard deviations to spare. */
function mostDifferingBits(least: number): number {
  const share = Math.acos(Math.min(1, least)) / Math.PI;
  const bits = TABLES * BITS;
  return Math.ceil(bits * share + 5 * Math.sqrt(bits * share * (1 - share)) + 1);
}
