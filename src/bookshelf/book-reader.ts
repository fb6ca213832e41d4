import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { join } from 'node:path';
import { planOf, type BookManifest } from '../book/manifest.ts';
import {
  bookSize,
  layoutOfSet,
  rowsAShard,
  shardFile,
  shardsOf,
  type BookPlan,
  type BookSet,
} from '../book/plan.ts';
import type { RowLayout } from '../book/row.ts';
import { BOOK_FILES } from './layout.ts';
import { claimReading } from './readers.ts';
import { readShardList } from './shard-list.ts';

/** All books of a process that are held in memory together; of those that find no room only the rows of two batches are. */
const RESIDENT_BYTES = 256 * 2 ** 20;
let residentOfAll = 0;
/** Read at once while checksums are computed. */
const BLOCK_BYTES = 4 * 2 ** 20;
/** Files that stay open from one batch to the next. */
const MOST_OPEN = 64;

export interface ReaderOptions {
  /** Most that all open books of this process may hold in memory; default: 256 MB. */
  readonly residentBytes?: number;
}

/** The rows of some samples, one after another in the order that was asked for. */
export interface Rows {
  readonly layout: RowLayout;
  readonly view: DataView;
}

/** Reads rows of a book that is whole. */
export class BookReader {
  readonly manifest: BookManifest;
  readonly plan: BookPlan;
  readonly #folder: string;
  readonly #sets: ReadonlyMap<string, BookSet>;
  readonly #resident = new Map<string, Uint8Array>();
  readonly #open = new Map<string, number>();
  readonly #release: () => void;
  /** Reads under way: no file may be closed meanwhile. */
  #reading = 0;
  /** What was begun ahead, by the set it is of. */
  readonly #expected = new Map<string, { readonly indices: Int32Array; readonly rows: Promise<Rows> }>();

  private constructor(folder: string, manifest: BookManifest) {
    this.#folder = folder;
    this.manifest = manifest;
    this.plan = planOf(manifest);
    this.#sets = new Map(this.plan.sets.map((set) => [set.key, set]));
    this.#release = claimReading(folder);
  }

  /**
   * Opens a book and compares every shard with its checksum, in bounded pieces.
   * @returns the files that are damaged in place of a reader, where there are any
   */
  static open(
    folder: string,
    manifest: BookManifest,
    { residentBytes = RESIDENT_BYTES }: ReaderOptions = {},
  ): BookReader | readonly string[] {
    const reader = new BookReader(folder, manifest);
    const damaged = reader.#verify(residentOfAll + bookSize(reader.plan).bytes <= residentBytes);
    if (damaged.length > 0) {
      reader.#release();
      return damaged;
    }
    residentOfAll += reader.residentBytes;
    return reader;
  }

  /** Bytes of rows that are held in memory. */
  get residentBytes(): number {
    return [...this.#resident.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  }

  #verify(keep: boolean): readonly string[] {
    const written = readShardList(this.#folder);
    const block = new Uint8Array(BLOCK_BYTES);
    return shardsOf(this.plan).flatMap(({ file, bytes }) => {
      const whole = keep ? new Uint8Array(bytes) : null;
      if (hashOf(this.#path(file), bytes, whole, block) !== written.get(file)?.sha256) return [file];
      if (whole !== null) this.#resident.set(file, whole);
      return [];
    });
  }

  /** The rows of these samples of a set, in this order. */
  rows(key: string, indices: Int32Array): Promise<Rows> {
    const expected = this.#expected.get(key);
    this.#expected.delete(key);
    return expected !== undefined && equal(expected.indices, indices)
      ? expected.rows
      : this.#read(key, indices);
  }

  /** Begins to read what will be asked for next, so that it comes while something else is computed. */
  expect(key: string, indices: Int32Array): void {
    if (this.#resident.size > 0) return;
    const rows = this.#read(key, indices);
    // Whoever asks for the rows is told; where nobody does, nothing is lost.
    rows.catch(() => undefined);
    this.#expected.set(key, { indices: indices.slice(), rows });
  }

  async #read(key: string, indices: Int32Array): Promise<Rows> {
    const set = this.#sets.get(key);
    if (set === undefined) throw new Error(`the book has no part "${key}"`);
    if (this.#reading === 0 && this.#open.size > MOST_OPEN) this.#closeFiles();
    const layout = layoutOfSet(this.plan, set);
    const rows = new Uint8Array(indices.length * layout.bytes);
    const most = rowsAShard(layout);
    const reading = Array.from(indices, (index, i) => {
      if (index < 0 || index >= set.count) throw new RangeError(`sample ${index} of ${set.count}`);
      const shard = Math.floor(index / most);
      const file = shardFile(key, shard);
      const place = { file, at: (index - shard * most) * layout.bytes };
      return this.#readRow(place, rows.subarray(i * layout.bytes, (i + 1) * layout.bytes));
    });
    this.#reading += 1;
    try {
      await Promise.all(reading.filter((one) => one !== null));
    } finally {
      this.#reading -= 1;
    }
    return { layout, view: new DataView(rows.buffer) };
  }

  /** Null: it is there already. */
  #readRow(
    { file, at }: { readonly file: string; readonly at: number },
    row: Uint8Array,
  ): Promise<void> | null {
    const held = this.#resident.get(file);
    if (held !== undefined) {
      row.set(held.subarray(at, at + row.length));
      return null;
    }
    const descriptor = this.#descriptor(file);
    return new Promise((resolve, reject) => {
      read(descriptor, row, 0, row.length, at, (error, count) => {
        if (error !== null) reject(error);
        else if (count < row.length) reject(new Error(`${file} is cut short`));
        else resolve();
      });
    });
  }

  #descriptor(file: string): number {
    const known = this.#open.get(file);
    if (known !== undefined) return known;
    const descriptor = openSync(this.#path(file), 'r');
    this.#open.set(file, descriptor);
    return descriptor;
  }

  #path(file: string): string {
    return join(this.#folder, BOOK_FILES.rows, file);
  }

  #closeFiles(): void {
    for (const descriptor of this.#open.values()) closeSync(descriptor);
    this.#open.clear();
  }

  /** Ends reading; what was begun ahead is waited for. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#expected.values()].map(({ rows }) => rows));
    this.#expected.clear();
    this.#closeFiles();
    residentOfAll -= this.residentBytes;
    this.#resident.clear();
    this.#release();
  }
}

function equal(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** SHA-256 of a file of exactly this length, else null; its bytes go to `whole`, where they are wanted. */
function hashOf(path: string, bytes: number, whole: Uint8Array | null, block: Uint8Array): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    if (fstatSync(descriptor).size !== bytes) return null;
    const hash = createHash('sha256');
    for (let at = 0; at < bytes;) {
      const target = whole === null ? block : whole.subarray(at);
      const count = readSync(descriptor, target, 0, Math.min(target.length, BLOCK_BYTES), at);
      if (count === 0) return null;
      hash.update(target.subarray(0, count));
      at += count;
    }
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
  }
}
