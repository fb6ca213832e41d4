import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from './disk.ts';

/** A process for good: the system gives a pid again, but not with the same start time. */
export interface ProcessIdentity {
  readonly pid: number;
  /** As the system tells it; only compared, never read. */
  readonly startTime: string;
  readonly host: string;
  /** Boot and pid namespace; pids of another scope (container, reboot, other machine) mean nothing here. */
  readonly scope: string;
}

/** Where the system does not tell start times. */
export const UNKNOWN_START = 'unknown';

const QUERY_MILLISECONDS = 5_000;

/** Start time of a running process, null where there is none with this pid (or only its unreaped remains). */
export function startTimeOf(pid: number): string | null {
  switch (process.platform) {
    case 'linux':
      return startTimeOnLinux(pid);
    case 'win32':
      return query('powershell.exe', [
        '-NoProfile',
        '-NonInteractive',
        '-Command',
        `(Get-Process -Id ${pid} -ErrorAction Stop).StartTime.ToFileTimeUtc()`,
      ]);
    default:
      return exists(pid) ? query('ps', ['-o', 'lstart=', '-p', String(pid)]) : null;
  }
}

/** Field 22 of `/proc/<pid>/stat`: clock ticks since boot, so no change of the clock matters. */
function startTimeOnLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    if (state === 'Z' || state === 'X') return null;
    return fields[19] ?? null;
  } catch {
    return null;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function query(program: string, args: readonly string[]): string | null {
  try {
    const answer = execFileSync(program, args, {
      encoding: 'utf8',
      timeout: QUERY_MILLISECONDS,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return answer === '' ? null : answer;
  } catch {
    return null;
  }
}

let ownScope: string | undefined;

/** Within one scope a pid and its start time name one process. */
export function processScope(): string {
  ownScope ??= process.platform === 'linux' ? linuxScope() : hostname();
  return ownScope;
}

function linuxScope(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

export function thisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? UNKNOWN_START,
    host: hostname(),
    scope: processScope(),
  };
}
