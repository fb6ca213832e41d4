import { execFile } from 'node:child_process';
import { systemCode } from './disk.ts';
import { processScope, startTimeOf, type ProcessIdentity } from './processes.ts';

const POLL_MILLISECONDS = 50;

/** Ends a process and its children at once. True where it is gone; false where it lives out of reach (another machine). */
export async function killTree(target: ProcessIdentity, waitMilliseconds = 5_000): Promise<boolean> {
  if (target.scope !== processScope()) return false;
  // The pid may belong to somebody else by now: never signal a process that is not the one meant.
  if (startTimeOf(target.pid) !== target.startTime) return true;
  if (process.platform === 'win32') await taskkill(target.pid);
  else signalGroup(target.pid);
  for (let waited = 0; waited < waitMilliseconds; waited += POLL_MILLISECONDS) {
    if (startTimeOf(target.pid) !== target.startTime) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
  return false;
}

/** The engine is started detached and leads its own group; where it does not (started by hand), it alone is ended. */
function signalGroup(pid: number): void {
  for (const id of [-pid, pid]) {
    try {
      process.kill(id, 'SIGKILL');
      return;
    } catch (error) {
      if (systemCode(error) !== 'ESRCH') throw error;
    }
  }
}

function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true }, () => resolve());
  });
}
