import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { claimPaths, readClaim } from '../runs/claims.ts';
import { writeAtomically, writing } from '../runs/disk.ts';
import { beat, isRunning } from '../runs/liveness.ts';
import { thisProcess, type ProcessIdentity } from '../runs/processes.ts';
import { BOOK_FILES } from './layout.ts';

/** A book that is read cannot be pruned. Returns what gives it free again. */
export function claimReading(folder: string): () => void {
  const claims = join(folder, BOOK_FILES.readers);
  writing(claims, () => mkdirSync(claims, { recursive: true }));
  const path = join(claims, `${process.pid}-${randomUUID()}.json`);
  writeAtomically(path, JSON.stringify(thisProcess()));
  beat(folder);
  return () => rmSync(path, { force: true });
}

/** Living processes that read a book; claims of dead ones are removed. */
export function readersOf(folder: string): readonly ProcessIdentity[] {
  return claimPaths(join(folder, BOOK_FILES.readers)).flatMap((path) => {
    const claim = readClaim(path);
    if (claim !== null && isRunning(claim.identity, folder)) return [claim.identity];
    rmSync(path, { force: true });
    return [];
  });
}
