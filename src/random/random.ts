import { philox, type Key } from './philox.ts';

/**
 * A source of random numbers that remembers nothing: every draw is a function of seed, name, step and element, so what
 * was drawn elsewhere, or before an interruption, changes nothing.
 */
export interface RandomStream {
  readonly key: Key;
}

const WORDS = 4;
const TO_UNIT = 2 ** -32;

/**
 * @param seed a whole number; up to 53 bits count
 * @param name what is drawn: `init/student/stem.conv/kernel`, `order`, `crop`
 */
export function randomStream(seed: number, name: string): RandomStream {
  const words = new Uint32Array(WORDS);
  const counter = [fingerprint(name, 0x811c9dc5), fingerprint(name, 0x2b5f3a91), name.length, 0] as const;
  philox(counter, [seed | 0, Math.floor(seed / 2 ** 32) | 0], words);
  return { key: [at(words, 0), at(words, 1)] };
}

/** Elements 0 to `count` of a step, 32 random bits each. */
export function randomWords(stream: RandomStream, step: number, count: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(count / WORDS) * WORDS);
  for (let block = 0; block * WORDS < count; block++) writeBlock(stream, step, block, words, block * WORDS);
  return words.subarray(0, count);
}

/** Values in [0, 1), each a multiple of 2^-24: exact in float32. Fills and returns `out`. */
export function uniform(stream: RandomStream, step: number, out: Float32Array): Float32Array {
  const words = randomWords(stream, step, out.length);
  for (let i = 0; i < out.length; i++) out[i] = (at(words, i) >>> 8) * 2 ** -24;
  return out;
}

const oneBlock = new Uint32Array(WORDS);

/** One element of `uniform`, in 32 bits: for draws that belong to a sample wherever it stands in a batch. */
export function uniformAt(stream: RandomStream, step: number, element: number): number {
  writeBlock(stream, step, Math.floor(element / WORDS), oneBlock, 0);
  return at(oneBlock, element % WORDS) * TO_UNIT;
}

/** Standard normal values after Box and Muller: √(−2 ln u) · (cos 2πv, sin 2πv). Fills and returns `out`. */
export function normal(stream: RandomStream, step: number, out: Float32Array): Float32Array {
  const words = randomWords(stream, step, out.length + (out.length % 2));
  for (let i = 0; i < out.length; i += 2) {
    // u lies in (0, 1]: its logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - at(words, i) * TO_UNIT));
    const angle = 2 * Math.PI * at(words, i + 1) * TO_UNIT;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/** `count` whole numbers from 0 to below `bound`, which is at most 2^32. */
export function integers(stream: RandomStream, step: number, count: number, bound: number): Uint32Array {
  const words = randomWords(stream, step, 2 * count);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor(unit53(words, i) * bound));
}

/** The numbers 0 to below `count` in random order (Fisher and Yates). */
export function permutation(stream: RandomStream, step: number, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const words = randomWords(stream, step, 2 * count);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(unit53(words, last) * (last + 1));
    const moved = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = moved;
  }
  return order;
}

/** Counter of a block: its number in two words, the step in two words. */
function writeBlock(
  stream: RandomStream,
  step: number,
  block: number,
  out: Uint32Array,
  offset: number,
): void {
  const counter = [block | 0, Math.floor(block / 2 ** 32), step | 0, Math.floor(step / 2 ** 32)] as const;
  philox(counter, stream.key, out, offset);
}

/** A value in [0, 1) of 53 bits from two words: a bound below 2^32 then picks every number alike to one part in 2^21. */
function unit53(words: Uint32Array, index: number): number {
  return ((at(words, 2 * index) >>> 5) * 2 ** 26 + (at(words, 2 * index + 1) >>> 6)) * 2 ** -53;
}

/** 32-bit FNV-1a over the UTF-16 units of a name. */
function fingerprint(name: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}

function at(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}
