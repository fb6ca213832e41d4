import { totalmem } from 'node:os';
import type { FileAccess } from './files.ts';

/** What an experiment must fit into. */
export interface Machine {
  /** Bytes of main memory that this process may use. */
  readonly memory: number;
  /** Bytes that can still be written below a folder; null where the system does not say. */
  freeDisk(folder: string): number | null;
}

/** The machine that this runs on; a container counts with its limit. */
export function thisMachine({ freeBytes }: Pick<FileAccess, 'freeBytes'>): Machine {
  return { memory, freeDisk: freeBytes };
}

const memory = ownMemory();

function ownMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}
