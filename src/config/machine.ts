import { statfsSync } from 'node:fs';
import { totalmem } from 'node:os';

/** What an experiment must fit into. */
export interface Machine {
  /** Bytes of main memory that this process may use. */
  readonly memory: number;
  /** Bytes that can still be written below a folder; null where the system does not say. */
  freeDisk(folder: string): number | null;
}

/** Free space changes slowly, and a check runs at every keystroke. */
const DISK_KNOWN_MILLISECONDS = 30_000;

/** The machine that this runs on; a container counts with its limit. */
export const thisMachine: Machine = {
  memory: ownMemory(),
  freeDisk: remembered(readFreeDisk, DISK_KNOWN_MILLISECONDS),
};

function ownMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

function readFreeDisk(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // A folder that is gone or not allowed says nothing.
    return null;
  }
}

function remembered<T>(read: (key: string) => T, milliseconds: number): (key: string) => T {
  let last: { readonly key: string; readonly value: T; readonly until: number } | undefined;
  return (key) => {
    const now = performance.now();
    if (last?.key !== key || now >= last.until) last = { key, value: read(key), until: now + milliseconds };
    return last.value;
  };
}
