import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { hardwareOf, type Hardware } from '../protocol/hardware.ts';
import type { RunRecord } from '../protocol/records.ts';
import { userFolder } from '../protocol/user-folder.ts';
import { claimPaths, readClaim } from './claims.ts';
import { RunDirectory } from './directory.ts';
import { writeAtomically, writing } from './disk.ts';
import { isRunning } from './liveness.ts';
import { processScope, thisProcess, type ProcessIdentity } from './processes.ts';
import { isActive } from './status.ts';
import type { RunStore } from './store.ts';

const HASH_DIGITS = 16;

/** One file a process that works on a run or is about to; for this user alone. `KD_WORKING` names another folder. */
function workingFolder(): string {
  return userFolder('working', 'KD_WORKING');
}

/** What one process says of itself. */
interface Notice extends ProcessIdentity {
  /** The run directory. */
  readonly directory: string;
}

/** That this process works on a run, told to every other folder of this user on this machine. */
export interface Announcement {
  /** Why it could not be told; null where it was. */
  readonly trouble: string | null;
  withdraw(): void;
}

/** Tells other folders that this process works on a run, or is about to start its engine. Never throws. */
export function announceRun(directory: string): Announcement {
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, HASH_DIGITS);
  const folder = workingFolder();
  const path = join(folder, `${hash}-${process.pid}.json`);
  const notice: Notice = { ...thisProcess(), directory };
  try {
    writing(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
    writeAtomically(path, JSON.stringify(notice));
  } catch (error) {
    const { message, file = folder } =
      error instanceof UserError ? error.problem : { message: String(error) };
    return { trouble: `${message}: ${file}`, withdraw: () => undefined };
  }
  return { trouble: null, withdraw: () => remove(path) };
}

/** A run of another folder on this machine. */
export interface RunElsewhere {
  readonly run: RunDirectory;
  readonly record: RunRecord;
  /** Of its engine, or of who is starting it. */
  readonly pid: number;
}

/**
 * Runs of other folders of this user that an engine works on, or is being started for, and that may share their device with a run
 * that computes on `hardware`. Notices of processes that are gone are removed; those of other machines and containers that
 * share the home folder mean nothing here.
 *
 * @param hardware null: unknown, so that every run may be in its way
 */
export function runsElsewhere(store: RunStore, hardware: Hardware | null): RunElsewhere[] {
  const own = realPath(store.folder);
  const found = new Map<string, RunElsewhere>();
  for (const { directory, pid } of livingNotices()) {
    if (realPath(dirname(directory)) === own) continue;
    const run = new RunDirectory(directory);
    const record = recordOf(run);
    const status = record === null ? null : run.status(record);
    if (record === null || status === null || !(isActive(status) || status === 'queued')) continue;
    const its = hardwareOf(record);
    if (hardware !== null && its !== null && its !== hardware) continue;
    found.set(directory, { run, record, pid: record.process?.pid ?? pid });
  }
  return [...found.values()];
}

/** `run 2026-11-26-mnist-1 of /home/me/mnist (pid 4711)` */
export function elsewhereText({ record, pid }: RunElsewhere): string {
  return `run ${record.id} of ${record.root} (pid ${pid})`;
}

function livingNotices(): Notice[] {
  const living: Notice[] = [];
  for (const path of claimPaths(workingFolder())) {
    const claim = readClaim(path);
    const directory = claim?.said['directory'];
    if (claim === null || typeof directory !== 'string' || claim.identity.scope !== processScope()) continue;
    if (isRunning(claim.identity, directory)) living.push({ ...claim.identity, directory });
    else remove(path);
  }
  return living;
}

/** A folder that has become read-only keeps what is of no use. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It counts for nothing all the same.
  }
}

/** A run that was removed or is damaged is in nobody's way. */
function recordOf(run: RunDirectory): RunRecord | null {
  try {
    return run.record();
  } catch {
    return null;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
