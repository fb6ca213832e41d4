import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
  const claims = join(folder, BOOK_FILES.readers);
  return namesIn(claims).flatMap((name) => {
    const path = join(claims, name);
    const identity = identityIn(path);
    if (identity !== null && isRunning(identity, folder)) return [identity];
    rmSync(path, { force: true });
    return [];
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

function identityIn(path: string): ProcessIdentity | null {
  try {
    const { pid, startTime, host, scope } = JSON.parse(
      readFileSync(path, 'utf8'),
    ) as Partial<ProcessIdentity>;
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof scope !== 'string') return null;
    return { pid, startTime, scope, host: host ?? '' };
  } catch {
    return null;
  }
}
