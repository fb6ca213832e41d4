import { createHash } from 'node:crypto';
import { readCached, writeCached } from './cache-file.ts';
import { findCopies, type Copy } from './copies.ts';
import type { Samples } from './samples.ts';

/** Numbers that are hashed at once: one piece of 2 GB is more than the hash takes. */
const PIECE = 2 ** 26;
/** Change it when the search changes: what another version found is not used. */
const SEARCH_VERSION = 1;

/**
 * `findCopies`, searched once: what it found is kept by all that it depends on, the pixels, labels and shapes of the sets and `least`.
 * Every further run on the same data reads it.
 *
 * @param folder null: search every time
 */
export function knownCopies(sets: readonly Samples[], least: number, folder: string | null): readonly Copy[] {
  if (folder === null) return findCopies(sets, least);
  const name = `copies-${keyOf(sets, least)}.json`;
  const kept = readCached(folder, name);
  if (kept !== null) return JSON.parse(Buffer.from(kept).toString('utf8')) as readonly Copy[];
  const copies = findCopies(sets, least);
  writeCached(folder, name, [Buffer.from(JSON.stringify(copies))]);
  return copies;
}

function keyOf(sets: readonly Samples[], least: number): string {
  const hash = createHash('sha256').update(JSON.stringify([SEARCH_VERSION, least]));
  for (const { shape, pixels, labels } of sets) {
    hash.update(JSON.stringify([shape, pixels instanceof Float32Array, pixels.length]));
    for (let from = 0; from < pixels.length; from += PIECE) hash.update(pixels.subarray(from, from + PIECE));
    hash.update(labels);
  }
  return hash.digest('hex').slice(0, 32);
}
