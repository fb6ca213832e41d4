import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './processes.ts';

/** What the file of a claim holds. */
export interface Claim {
  readonly identity: ProcessIdentity;
  /** All that the process says, its identity among it; nothing of it is checked. */
  readonly said: Readonly<Record<string, unknown>>;
}

/** The files of claims in a folder, which need not be there. */
export function claimPaths(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** What a process says of itself in a file; null where the file is gone, damaged or no claim. */
export function readClaim(path: string): Claim | null {
  try {
    const said = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const { pid, startTime, host, scope } = said;
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof scope !== 'string') return null;
    return { identity: { pid, startTime, scope, host: typeof host === 'string' ? host : '' }, said };
  } catch {
    return null;
  }
}
