import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { systemCode } from './disk.ts';

/** Files up to this size are read whole: some 50,000 records. */
export const WHOLE_BYTES = 16 * 1024 * 1024;
/** The beginning and the end are read whole: there one looks closest. */
const EDGE_BYTES = 1024 * 1024;
/** Places between them, each with so many bytes: some ten records. */
const PLACES = 1_000;
const PLACE_BYTES = 4096;

/** A part of a long file of records, in order, and where its last whole line ends. */
export interface SampledLines {
  readonly lines: readonly string[];
  readonly end: number;
}

/**
 * Lines from everywhere in a long file without reading it: all at its edges, and a few at places evenly spaced between. Each
 * record carries its number, so lines need no index beside them. Null where the file is short, or lines are longer than a place.
 */
export function sampleLines(path: string): SampledLines | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    if (size <= WHOLE_BYTES) return null;
    const middle = size - 2 * EDGE_BYTES;
    const lines = wholeLines(descriptor, 0, EDGE_BYTES, true);
    for (let place = 0; place < PLACES; place += 1) {
      const at = EDGE_BYTES + Math.floor((place / PLACES) * middle);
      lines.push(...wholeLines(descriptor, at, PLACE_BYTES, false));
    }
    const tail = Buffer.alloc(EDGE_BYTES);
    const start = size - readSync(descriptor, tail, 0, EDGE_BYTES, size - EDGE_BYTES);
    const [first, last] = [tail.indexOf(0x0a), tail.lastIndexOf(0x0a)];
    if (first === last) return null;
    lines.push(
      ...tail
        .subarray(first + 1, last)
        .toString('utf8')
        .split('\n'),
    );
    return { lines, end: start + last + 1 };
  } finally {
    closeSync(descriptor);
  }
}

/** @param fromStart whether a line begins at `at` */
function wholeLines(descriptor: number, at: number, bytes: number, fromStart: boolean): string[] {
  const block = Buffer.alloc(bytes);
  const count = readSync(descriptor, block, 0, bytes, at);
  const read = block.subarray(0, count);
  const first = fromStart ? 0 : read.indexOf(0x0a) + 1;
  const last = read.lastIndexOf(0x0a);
  return last < first ? [] : read.subarray(first, last).toString('utf8').split('\n');
}
