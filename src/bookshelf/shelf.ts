import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { addFidelity, EXACT, type Fidelity } from '../book/fidelity.ts';
import {
  differences,
  differenceText,
  fingerprintHash,
  type Difference,
  type Fingerprint,
} from '../book/fingerprint.ts';
import {
  BOOK_NAME,
  LARGEST_MANIFEST_BYTES,
  MANIFEST_FILE,
  parseManifest,
  planOf,
  type BookManifest,
} from '../book/manifest.ts';
import { bookSize, shardsOf } from '../book/plan.ts';
import { UserError } from '../protocol/errors.ts';
import { systemCode, writing } from '../runs/disk.ts';
import { lockHolder } from '../runs/lock.ts';
import { BOOK_FILES, BOOKS_FOLDER } from './layout.ts';
import { readersOf } from './readers.ts';
import { readShardList } from './shard-list.ts';

export interface ListedBook {
  readonly name: string;
  readonly folder: string;
  /** Null: it cannot be read. */
  readonly manifest: BookManifest | null;
  readonly state: 'complete' | 'unfinished' | 'being written' | 'unreadable';
  /** Of the rows that are there. */
  readonly bytes: number;
  /** Of all rows, when it is complete. */
  readonly wholeBytes: number;
  readonly fidelity: Fidelity;
  /** Processes that read it. */
  readonly readers: number;
  /** When a run opened it last, or it was begun; milliseconds since 1970. */
  readonly usedAt: number;
}

/** All books below the root of an experiment: `<root>/.kd/books`. */
export class Bookshelf {
  readonly folder: string;

  constructor(root: string) {
    this.folder = join(resolve(root), BOOKS_FOLDER);
  }

  folderOf(name: string): string {
    if (!BOOK_NAME.test(name)) throw this.#unknown(name);
    return join(this.folder, name);
  }

  /** By name. */
  list(): readonly ListedBook[] {
    return this.#names().map((name) => this.#look(name));
  }

  /** @throws UserError KD4033 where there is no such book */
  book(name: string): ListedBook {
    if (!this.#names().includes(name)) throw this.#unknown(name);
    return this.#look(name);
  }

  /** The manifest of a book; null where there is none, or it cannot be read. */
  manifest(name: string): BookManifest | null {
    const path = join(this.folderOf(name), MANIFEST_FILE);
    try {
      return statSync(path).size > LARGEST_MANIFEST_BYTES ? null : parseManifest(readFileSync(path, 'utf8'));
    } catch {
      return null;
    }
  }

  /**
   * A book that serves, finished or not: finished ones first, then by name. With a name only that one is looked at.
   * @throws UserError KD4030 where the book of this name stands on something else
   */
  find(wanted: Fingerprint, name: string | null): ListedBook | null {
    if (name !== null) {
      const manifest = this.manifest(name);
      if (manifest === null) return null;
      const [first] = differences(wanted, manifest.fingerprint);
      if (first !== undefined) throw refused(name, this.folderOf(name), first);
      return this.#look(name);
    }
    const serving = this.list().filter(
      ({ manifest }) => manifest !== null && differences(wanted, manifest.fingerprint).length === 0,
    );
    return serving.find(({ state }) => state === 'complete') ?? serving[0] ?? null;
  }

  /** The books of a teacher that do not serve, with the first difference of each. */
  unlike(
    wanted: Partial<Fingerprint>,
    teachers: readonly string[],
  ): readonly { readonly book: ListedBook; readonly difference: Difference }[] {
    return this.list().flatMap((book) => {
      if (book.manifest === null || book.manifest.teachers.join() !== teachers.join()) return [];
      const [difference] = differences(wanted, book.manifest.fingerprint);
      return difference === undefined ? [] : [{ book, difference }];
    });
  }

  /** Says that a book was needed now. */
  touch(name: string): void {
    const path = join(this.folderOf(name), BOOK_FILES.used);
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      writing(path, () => writeFileSync(path, ''));
    }
  }

  /**
   * Deletes a book. Its answers can be asked for again.
   * @throws UserError KD4033 where there is none, KD4034 while a process reads or writes it
   */
  remove(name: string): void {
    const folder = this.folderOf(name);
    this.book(name);
    const [holder] = [lockHolder(folder), ...readersOf(folder)].filter((one) => one !== null);
    if (holder !== undefined) {
      throw new UserError({
        code: 'KD4034',
        message: `the book "${name}" is in use (pid ${holder.pid} on ${holder.host})`,
        help: 'let the run end, or stop it with `kd stop RUN`',
        file: folder,
      });
    }
    // Renamed first: a half removed folder is never taken for a book.
    const gone = join(this.folder, `${REMOVED}${name}-${process.pid}`);
    writing(folder, () => {
      renameSync(folder, gone);
      rmSync(gone, { recursive: true, force: true });
    });
  }

  /** Bytes that may still be written there; null where the system does not say. */
  freeBytes(): number | null {
    try {
      mkdirSync(this.folder, { recursive: true });
      const { bavail, bsize } = statfsSync(this.folder);
      return bavail * bsize;
    } catch {
      return null;
    }
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.folder)
        .filter((name) => BOOK_NAME.test(name))
        .sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #look(name: string): ListedBook {
    const folder = join(this.folder, name);
    const manifest = this.manifest(name);
    const common = { name, folder, manifest, readers: readersOf(folder).length, usedAt: usedAt(folder) };
    if (manifest === null)
      return { ...common, state: 'unreadable', bytes: 0, wholeBytes: 0, fidelity: EXACT };
    const plan = planOf(manifest);
    const written = readShardList(folder);
    const shards = shardsOf(plan);
    const there = shards.filter(({ file }) => written.has(file));
    const state =
      lockHolder(folder) !== null
        ? 'being written'
        : there.length === shards.length
          ? 'complete'
          : 'unfinished';
    return {
      ...common,
      state,
      bytes: there.reduce((sum, { bytes }) => sum + bytes, 0),
      wholeBytes: bookSize(plan).bytes,
      fidelity: [...written.values()].reduce((sum, { fidelity }) => addFidelity(sum, fidelity), EXACT),
    };
  }

  #unknown(name: string): UserError {
    const names = this.#names();
    return new UserError({
      code: 'KD4033',
      message: `there is no book "${name}"`,
      help:
        names.length === 0 ? 'none is written yet: `kd book build FILE`' : `there are: ${names.join(', ')}`,
      file: this.folder,
    });
  }
}

/** Beginning of the names of folders that are being deleted: no name of a book begins so. */
const REMOVED = '.removed-';

/** The name of a book that is found by what it stands on. */
export function automaticName(teachers: readonly string[], fingerprint: Fingerprint): string {
  const names = teachers
    .join('-')
    .replace(/[^\w.-]/g, '-')
    .slice(0, LONGEST_NAME);
  return `${/^[A-Za-z0-9]/.test(names) ? names : `book-${names}`}-${fingerprintHash(fingerprint)}`;
}
const LONGEST_NAME = 60;

function refused(name: string, folder: string, difference: Difference): UserError {
  return new UserError({
    code: 'KD4030',
    message: `the book "${name}" does not belong to this experiment: ${differenceText(difference)}`,
    help: `write it anew (\`kd book prune ${name}\`), choose another \`distill.book.name\`, or leave the name out: a book that serves is found or written then`,
    file: folder,
    key: 'distill.book',
  });
}

function usedAt(folder: string): number {
  const times = [BOOK_FILES.used, MANIFEST_FILE].map((file) => {
    try {
      return statSync(join(folder, file)).mtimeMs;
    } catch {
      return 0;
    }
  });
  return Math.max(...times);
}
