import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Fidelity } from '../book/fidelity.ts';
import { MANIFEST_FILE, planOf, type BookManifest } from '../book/manifest.ts';
import { shardsOf, type ShardPlace } from '../book/plan.ts';
import { ASIDE, LineFile, writeAtomically, writing } from '../runs/disk.ts';
import { beat } from '../runs/liveness.ts';
import { lockRun, type RunLock } from '../runs/lock.ts';
import { BOOK_FILES } from './layout.ts';
import { readShardList, type WrittenShard } from './shard-list.ts';

/**
 * Writes a book shard by shard. A shard is written aside, flushed and renamed, and only then listed: killed at any byte, a
 * book holds whole shards only, and goes on with those that are missing.
 */
export class BookWriter {
  readonly folder: string;
  readonly manifest: BookManifest;
  readonly #lock: RunLock;
  readonly #list: LineFile;
  readonly #written: Map<string, WrittenShard>;

  private constructor(folder: string, manifest: BookManifest, lock: RunLock) {
    this.folder = folder;
    this.manifest = manifest;
    this.#lock = lock;
    this.#list = new LineFile(join(folder, BOOK_FILES.shards));
    this.#written = readShardList(folder);
  }

  /**
   * Takes a book for this process: a new one, or one that was begun with the same manifest.
   * @throws UserError KD5004 where another living process writes it, KD5005 to KD5007 where it cannot be written
   */
  static open(folder: string, manifest: BookManifest): BookWriter {
    const rows = join(folder, BOOK_FILES.rows);
    writing(folder, () => mkdirSync(rows, { recursive: true }));
    const lock = lockRun(folder);
    try {
      beat(folder);
      const path = join(folder, MANIFEST_FILE);
      if (!existsSync(path))
        writeAtomically(path, `${JSON.stringify(manifest, null, 2)}\n`, { durable: true });
      for (const name of readdirSync(rows))
        if (name.endsWith(ASIDE)) rmSync(join(rows, name), { force: true });
      return new BookWriter(folder, manifest, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Shards that are not there, or not as long as they must be, in order. */
  missing(): readonly ShardPlace[] {
    return shardsOf(planOf(this.manifest)).filter(
      ({ file, bytes }) => !this.#written.has(file) || lengthOf(this.#path(file)) !== bytes,
    );
  }

  /** @throws UserError KD5005 to KD5007; shards written before stay */
  write({ file }: ShardPlace, bytes: Uint8Array, fidelity: Fidelity): void {
    beat(this.folder);
    const path = this.#path(file);
    writeAtomically(path, bytes, { durable: true });
    const shard = { file, sha256: createHash('sha256').update(bytes).digest('hex'), fidelity };
    this.#list.append(JSON.stringify(shard));
    this.#list.sync();
    this.#written.set(file, shard);
  }

  /** Says that these shards are not to be trusted: they are written again. Until then they stay, for another run may read from them. */
  discard(files: readonly string[]): void {
    for (const file of files) this.#written.delete(file);
    this.#list.cut(0);
    for (const shard of this.#written.values()) this.#list.append(JSON.stringify(shard));
    this.#list.sync();
  }

  close(): void {
    this.#list.close();
    this.#lock.release();
  }

  #path(file: string): string {
    return join(this.folder, BOOK_FILES.rows, file);
  }
}

function lengthOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return -1;
  }
}
