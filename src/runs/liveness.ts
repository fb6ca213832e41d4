import { statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../protocol/records.ts';
import { writing } from './disk.ts';
import { FILES } from './layout.ts';
import { processScope, startTimeOf, UNKNOWN_START, type ProcessIdentity } from './processes.ts';

export const HEARTBEAT_MILLISECONDS = 2_000;

/** A heartbeat older than this means that nobody is there; only asked where the pid tells nothing. */
export const HEARTBEAT_LOST_MILLISECONDS = 10_000;

/** Three beats missed: a living engine whose control thread stands still. */
const SILENT_MILLISECONDS = 6_000;

/** Touches the heartbeat file. */
export function beat(directory: string): void {
  const path = join(directory, FILES.heartbeat);
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    writing(path, () => writeFileSync(path, ''));
  }
}

/** When the heart beat last, null where it never did. */
export function lastHeartbeat(directory: string): string | null {
  const beaten = statSync(join(directory, FILES.heartbeat), { throwIfNoEntry: false });
  return beaten?.mtime.toISOString() ?? null;
}

/** Milliseconds since the last heartbeat, below 0 where its clock is ahead of this one; null without one. */
function heartbeatAge(directory: string): number | null {
  try {
    return Date.now() - statSync(join(directory, FILES.heartbeat)).mtimeMs;
  } catch {
    return null;
  }
}

/**
 * Whether an engine that lives gives no sign of it. A beat from the future is none either, where it is of this machine: the clock
 * was set back, and a heart that beats would have told the new time since. Clocks of other machines may differ.
 */
export function isSilent(identity: ProcessIdentity | undefined, directory: string): boolean {
  const age = heartbeatAge(directory) ?? 0;
  return age > SILENT_MILLISECONDS || (identity?.scope === processScope() && age < -SILENT_MILLISECONDS);
}

/**
 * Whether a process that wrote into the run directory still runs. Within one scope the system knows; from another
 * machine or container only the heartbeat does.
 */
export function isRunning(identity: ProcessIdentity, directory: string): boolean {
  if (identity.scope === processScope() && identity.startTime !== UNKNOWN_START) {
    return startTimeOf(identity.pid) === identity.startTime;
  }
  const age = heartbeatAge(directory);
  return age !== null && age < HEARTBEAT_LOST_MILLISECONDS;
}

/** Whether the engine of a run lives. */
export function isAlive(record: RunRecord, directory: string): boolean {
  return record.process !== undefined && isRunning(record.process, directory);
}
