import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { writeAtomically, writing } from './disk.ts';
import { FILES } from './layout.ts';
import { isRunning } from './liveness.ts';
import { thisProcess, type ProcessIdentity } from './processes.ts';

const ATTEMPTS = 5;
const BACK_OFF_MILLISECONDS = 80;

/** The right to write into a run directory. */
export interface RunLock {
  release(): void;
}

/**
 * Takes the run for this process, or throws KD5004 where another living process has it.
 *
 * Every applicant first writes a claim, then looks at all claims. Of two applicants the later one always sees the
 * claim of the earlier, so never both hold the run; claims of dead processes count for nothing and are removed.
 */
export function lockRun(directory: string): RunLock {
  const folder = join(directory, FILES.locks);
  writing(folder, () => mkdirSync(folder, { recursive: true }));
  const self = thisProcess();
  const own = `${self.pid}-${randomUUID()}.json`;
  const path = join(folder, own);
  for (let attempt = 1; ; attempt += 1) {
    writeAtomically(path, JSON.stringify(self));
    const holder = otherClaims(directory, own)[0];
    if (holder === undefined) return { release: () => rmSync(path, { force: true }) };
    rmSync(path, { force: true });
    if (attempt === ATTEMPTS) throw locked(directory, holder);
    // Two that applied in the same instant both step back, for different times, and one of them wins.
    pause(BACK_OFF_MILLISECONDS * attempt * (1 + (self.pid % 7) / 7));
  }
}

/** The process that holds the run, null where nobody does. */
export function lockHolder(directory: string): ProcessIdentity | null {
  return otherClaims(directory, '')[0] ?? null;
}

function otherClaims(directory: string, own: string): ProcessIdentity[] {
  const folder = join(directory, FILES.locks);
  const living: ProcessIdentity[] = [];
  for (const name of claimNames(folder)) {
    if (name === own) continue;
    const identity = readClaim(join(folder, name));
    if (identity !== null && isRunning(identity, directory)) living.push(identity);
    else if (own !== '') rmSync(join(folder, name), { force: true });
  }
  return living;
}

function claimNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

function readClaim(path: string): ProcessIdentity | null {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity>;
    const { pid, startTime, host, scope } = value;
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof scope !== 'string') return null;
    return { pid, startTime, scope, host: typeof host === 'string' ? host : '' };
  } catch {
    return null;
  }
}

function locked(directory: string, holder: ProcessIdentity): UserError {
  return new UserError({
    code: 'KD5004',
    message: `another process (pid ${holder.pid} on ${holder.host}) is working on this run`,
    help: 'watch it with `kd log RUN --follow`, or stop it with `kd stop RUN`',
    file: directory,
  });
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
