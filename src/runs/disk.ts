import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../protocol/errors.ts';

/** The system's code of a failed file operation, for instance `ENOENT`; null for any other error. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** A failed write in words: KD5005 disk full, KD5006 not permitted, KD5007 the device failed. Others pass unchanged. */
export function writeFailure(error: unknown, path: string): unknown {
  switch (systemCode(error)) {
    // EFBIG: the limit on file size (`ulimit -f`), which some clusters use as a quota.
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new UserError(
        {
          code: 'KD5005',
          message: 'the disk is full, or the quota is used up; everything written before is kept',
          help: 'free some space (`kd rm RUN` moves runs to .kd/trash, delete that folder), then `kd resume` goes on from the last checkpoint',
          file: path,
        },
        { cause: error },
      );
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new UserError(
        {
          code: 'KD5006',
          message: 'this place cannot be written to',
          help: 'give yourself write permission on the folder, or move the experiment to a folder of your own',
          file: path,
        },
        { cause: error },
      );
    case 'EIO':
      return new UserError(
        {
          code: 'KD5007',
          message: 'the storage device reported a failure',
          help: 'copy the run directory to another disk, then resume it there',
          file: path,
        },
        { cause: error },
      );
    default:
      return error;
  }
}

/** Runs `write` and states a failure in words. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw writeFailure(error, path);
  }
}

/** Writes all bytes; `fs.writeSync` may stop early on a disk that fills up. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done);
  }
}

/** Makes a rename or a new file in `folder` survive a power cut. Windows cannot open folders and does without. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export interface AtomicOptions {
  readonly mode?: number;
  /** Survive a power cut, not only the end of the process. */
  readonly durable?: boolean;
}

/** End of the name of a file that is being written aside. */
export const ASIDE = '.new';

/** Replaces a file in one step: readers see the old content or the new, never a part. */
export function writeAtomically(
  path: string,
  content: string | Uint8Array,
  options: AtomicOptions = {},
): void {
  replaceFile(path, (aside) => {
    const descriptor = openSync(aside, 'w', options.mode ?? 0o644);
    try {
      writeFully(descriptor, typeof content === 'string' ? Buffer.from(content) : content);
      if (options.durable === true) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
  if (options.durable === true) writing(path, () => syncFolder(dirname(path)));
}

/** Puts in place of a file what `write` writes aside; nothing of it is left where that fails, and the failure is stated in words. */
export function replaceFile(path: string, write: (aside: string) => void): void {
  const aside = `${path}.${process.pid}${ASIDE}`;
  writing(path, () => {
    try {
      write(aside);
      renameSync(aside, path);
    } catch (error) {
      try {
        rmSync(aside, { force: true });
      } catch {
        // The first failure is the one to tell.
      }
      throw error;
    }
  });
}

/**
 * A file that grows by whole lines. A line that could not be written in full is taken back, so the file holds whole
 * lines only, also after the disk was full.
 */
export class LineFile {
  readonly path: string;
  readonly #descriptor: number;
  #length: number;
  /** What is on the disk is older; so it may be of a file that another process left. */
  #isAhead = true;

  /** Opens for appending and drops a last line that was torn by the end of the process that wrote it. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = writing(path, () => openSync(path, existsSync(path) ? 'r+' : 'w+'));
    this.#length = fstatSync(this.#descriptor).size;
    const whole = endOfLastLine(this.#descriptor, this.#length);
    if (whole < this.#length) this.cut(whole);
  }

  /** Bytes of whole lines. */
  get length(): number {
    return this.#length;
  }

  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    this.#isAhead = true;
    writing(this.path, () => {
      try {
        for (let done = 0; done < bytes.length;) {
          done += writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#length + done);
        }
        this.#length += bytes.length;
      } catch (error) {
        try {
          ftruncateSync(this.#descriptor, this.#length);
        } catch {
          // The first failure is the one to tell; whoever opens the file next drops a torn line.
        }
        throw error;
      }
    });
  }

  /** Keeps the first `length` bytes. */
  cut(length: number): void {
    this.#isAhead = true;
    writing(this.path, () => ftruncateSync(this.#descriptor, length));
    this.#length = length;
  }

  /** All lines survive a power cut; costs nothing where they do already. */
  sync(): void {
    if (!this.#isAhead) return;
    writing(this.path, () => fsyncSync(this.#descriptor));
    this.#isAhead = false;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

const BACKWARDS_BYTES = 64 * 1024;

/** Offset after the last newline. */
function endOfLastLine(descriptor: number, size: number): number {
  const block = Buffer.alloc(Math.min(BACKWARDS_BYTES, size));
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - block.length);
    const count = readSync(descriptor, block, 0, end - start, start);
    const newline = block.subarray(0, count).lastIndexOf(0x0a);
    if (newline !== -1) return start + newline + 1;
    end = start;
  }
  return 0;
}
