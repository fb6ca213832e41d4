import { execFile } from 'node:child_process';
import { systemCode } from './disk.ts';
import { processScope, startTimeOf, type ProcessIdentity } from './processes.ts';

const POLL_MILLISECONDS = 50;
const WAIT_MILLISECONDS = 5_000;

/**
 * Asks a process and its children to end: they may still write their end. True where it is gone in time; false where it is
 * not, or lives out of reach (another machine).
 */
export function terminateTree(
  target: ProcessIdentity,
  waitMilliseconds = WAIT_MILLISECONDS,
): Promise<boolean> {
  return end(target, waitMilliseconds, 'SIGTERM', ['/T']);
}

/** Ends a process and its children at once. True where it is gone; false where it lives out of reach (another machine). */
export function killTree(target: ProcessIdentity, waitMilliseconds = WAIT_MILLISECONDS): Promise<boolean> {
  return end(target, waitMilliseconds, 'SIGKILL', ['/T', '/F']);
}

async function end(
  target: ProcessIdentity,
  waitMilliseconds: number,
  signal: NodeJS.Signals,
  taskkill: readonly string[],
): Promise<boolean> {
  if (target.scope !== processScope()) return false;
  // The pid may belong to somebody else by now: never signal a process that is not the one meant.
  if (startTimeOf(target.pid) !== target.startTime) return true;
  if (process.platform === 'win32') await runTaskkill(target.pid, taskkill);
  else signalGroup(target.pid, signal);
  return isGoneWithin(target, waitMilliseconds);
}

/** Whether a process of this machine ends within that time. */
export async function isGoneWithin(target: ProcessIdentity, milliseconds: number): Promise<boolean> {
  for (let waited = 0; ; waited += POLL_MILLISECONDS) {
    if (startTimeOf(target.pid) !== target.startTime) return true;
    if (waited >= milliseconds) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** The engine is started detached and leads its own group; where it does not (started by hand), it alone is ended. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const id of [-pid, pid]) {
    try {
      process.kill(id, signal);
      return;
    } catch (error) {
      if (systemCode(error) !== 'ESRCH') throw error;
    }
  }
}

function runTaskkill(pid: number, options: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    execFile('taskkill', ['/PID', String(pid), ...options], { windowsHide: true }, () => resolve());
  });
}
