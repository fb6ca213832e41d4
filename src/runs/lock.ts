import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError, type Problem } from '../protocol/errors.ts';
import { backOffMilliseconds } from './back-off.ts';
import { claimPaths, readClaim } from './claims.ts';
import { writeAtomically, writing } from './disk.ts';
import { FILES } from './layout.ts';
import { isRunning } from './liveness.ts';
import { processScope, thisProcess, type ProcessIdentity } from './processes.ts';

const ATTEMPTS = 5;
/** A claim to control from another machine, whose processes cannot be seen from here, counts for so long. */
const DISTANT_MILLISECONDS = 60_000;

/** The right to write into a run directory, or to control its engine. */
export interface RunLock {
  release(): void;
}

/** Takes the run for this process, or throws KD5004 where another living process has it. */
export function lockRun(directory: string): RunLock {
  return claim(directory, FILES.locks, isRunning, ({ pid, host }) => ({
    code: 'KD5004',
    message: `another process (pid ${pid} on ${host}) is working on this run`,
    help: 'watch it with `kd log RUN --follow`, or stop it with `kd stop RUN`',
  }));
}

/** The process that holds the run, null where nobody does. */
export function lockHolder(directory: string): ProcessIdentity | null {
  return otherClaims(directory, FILES.locks, isRunning, '')[0] ?? null;
}

/**
 * Does something with a run's engine while nobody else can: of several windows and terminals one controls it at a time, all
 * others read along. Throws KD5025 where another living process is at it.
 */
export async function whileControlling<T>(directory: string, action: () => T | Promise<T>): Promise<T> {
  const lock = claim(directory, FILES.control, isControlling, ({ pid, host }) => ({
    code: 'KD5025',
    message: `another window or terminal (pid ${pid} on ${host}) is stopping, pausing or resuming this run`,
    help: 'wait until it has done so; `kd show RUN` tells how the run stands',
  }));
  try {
    return await action();
  } finally {
    lock.release();
  }
}

type IsHeld = (identity: ProcessIdentity, directory: string, path: string) => boolean;

/** The heartbeat in the run directory is the engine's, and tells nothing of who controls it. */
function isControlling(identity: ProcessIdentity, directory: string, path: string): boolean {
  if (identity.scope === processScope()) return isRunning(identity, directory);
  const claimed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Math.abs(Date.now() - claimed) < DISTANT_MILLISECONDS;
}

/**
 * Every applicant first writes a claim, then looks at all claims. Of two applicants the later one always sees the
 * claim of the earlier, so never both hold it; claims of dead processes count for nothing and are removed.
 */
function claim(
  directory: string,
  kind: string,
  isHeld: IsHeld,
  refusal: (holder: ProcessIdentity) => Problem,
): RunLock {
  const folder = join(directory, kind);
  writing(folder, () => mkdirSync(folder, { recursive: true }));
  const self = thisProcess();
  const own = `${self.pid}-${randomUUID()}.json`;
  const path = join(folder, own);
  for (let attempt = 1; ; attempt += 1) {
    writeAtomically(path, JSON.stringify(self));
    const holder = otherClaims(directory, kind, isHeld, own)[0];
    if (holder === undefined) return { release: () => rmSync(path, { force: true }) };
    rmSync(path, { force: true });
    if (attempt === ATTEMPTS) throw new UserError({ ...refusal(holder), file: directory });
    // Two that applied in the same instant both step back, for different times, and one of them wins.
    pause(backOffMilliseconds(attempt));
  }
}

function otherClaims(directory: string, kind: string, isHeld: IsHeld, own: string): ProcessIdentity[] {
  const living: ProcessIdentity[] = [];
  for (const path of claimPaths(join(directory, kind))) {
    if (basename(path) === own) continue;
    const identity = readClaim(path)?.identity ?? null;
    if (identity !== null && isHeld(identity, directory, path)) living.push(identity);
    else if (own !== '') rmSync(path, { force: true });
  }
  return living;
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
