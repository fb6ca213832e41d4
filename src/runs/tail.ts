import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { systemCode } from './disk.ts';

/** What a reader has not seen yet. */
export interface NewLines {
  /** Set where the file was cut: the reader drops all lines from this number on; `lines` continue there. */
  readonly cut: number | null;
  readonly lines: readonly string[];
  /** True: more is waiting than one read may take. */
  readonly more: boolean;
}

/** Memory of one read. A single longer line is read nevertheless, up to the limit below. */
const READ_BYTES = 1024 * 1024;
const LONGEST_LINE_BYTES = 64 * 1024 * 1024;
/** Lines between two places that a cut reader can go back to. */
const ANCHOR_EVERY = 256;

/** Where a line ends, and the line itself, to notice that something else stands there now. */
interface Anchor {
  readonly line: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/**
 * Reads a file that grows by lines, and may be cut back and grow again (a resumed run). A last line without its end is
 * left for the next read. A cut is noticed by looking again at the line read last: records carry their time, so no
 * other line is equal to it.
 */
export class LineTail {
  readonly #path: string;
  #anchors: Anchor[] = [];
  #last: Anchor | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Goes on after a line that was read otherwise: its number, its text, and where it ends. */
  skipTo(line: number, text: string, end: number): void {
    this.#last = { line, end, bytes: Buffer.from(text) };
  }

  /** Lines read so far. */
  get count(): number {
    return this.#last === null ? 0 : this.#last.line + 1;
  }

  read(): NewLines {
    let descriptor: number;
    try {
      descriptor = openSync(this.#path, 'r');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      return { cut: this.#forget(null), lines: [], more: false };
    }
    try {
      const cut = this.#findCut(descriptor);
      return { cut, ...this.#readOn(descriptor) };
    } finally {
      closeSync(descriptor);
    }
  }

  #findCut(descriptor: number): number | null {
    if (this.#last === null || stillThere(descriptor, this.#last)) return null;
    // Newest first: the cut is most often near the end.
    for (let anchor = this.#anchors.pop(); anchor !== undefined; anchor = this.#anchors.pop()) {
      if (!stillThere(descriptor, anchor)) continue;
      this.#anchors.push(anchor);
      return this.#forget(anchor);
    }
    return this.#forget(null);
  }

  #forget(back: Anchor | null): number | null {
    if (this.#last === back) return null;
    this.#last = back;
    if (back === null) this.#anchors = [];
    return this.count;
  }

  #readOn(descriptor: number): { lines: string[]; more: boolean } {
    const start = this.#last?.end ?? 0;
    const size = fstatSync(descriptor).size;
    const block = readLines(descriptor, start, size);
    const lines: string[] = [];
    for (let at = 0; at < block.length;) {
      const end = block.indexOf(0x0a, at);
      const bytes = block.subarray(at, end);
      lines.push(bytes.toString('utf8'));
      const line = this.count;
      at = end + 1;
      const anchored = line % ANCHOR_EVERY === 0;
      if (anchored || at >= block.length) {
        // A copy, for a view would keep the whole block alive.
        this.#last = { line, end: start + at, bytes: Buffer.from(bytes) };
        if (anchored) this.#anchors.push(this.#last);
      } else {
        this.#last = { line, end: start + at, bytes };
      }
    }
    return { lines, more: lines.length > 0 && start + block.length < size };
  }
}

function stillThere(descriptor: number, anchor: Anchor): boolean {
  const length = anchor.bytes.length + 1;
  const now = Buffer.alloc(length);
  if (readSync(descriptor, now, 0, length, anchor.end - length) < length) return false;
  return now[length - 1] === 0x0a && now.subarray(0, -1).equals(anchor.bytes);
}

/** Whole lines from `start`, at most `READ_BYTES` unless a single line is longer. */
function readLines(descriptor: number, start: number, size: number): Buffer {
  for (let limit = READ_BYTES; ; limit *= 4) {
    const length = Math.min(limit, size - start);
    if (length <= 0) return Buffer.alloc(0);
    const block = Buffer.alloc(length);
    const count = readSync(descriptor, block, 0, length, start);
    const newline = block.subarray(0, count).lastIndexOf(0x0a);
    if (newline !== -1) return block.subarray(0, newline + 1);
    if (count < limit || limit >= LONGEST_LINE_BYTES) return Buffer.alloc(0);
  }
}
