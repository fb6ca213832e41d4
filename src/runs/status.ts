import type { RunRecord, RunStatus } from '../protocol/records.ts';

/** From each status, those that may follow. A resumed run is queued again until its engine is up. */
const FOLLOWS: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  queued: ['running', 'stopped', 'failed', 'interrupted'],
  running: ['pausing', 'paused', 'stopping', 'stopped', 'completed', 'failed', 'interrupted'],
  pausing: ['paused', 'running', 'stopping', 'stopped', 'completed', 'failed', 'interrupted'],
  paused: ['running', 'stopping', 'stopped', 'failed', 'interrupted'],
  stopping: ['stopped', 'completed', 'failed', 'interrupted'],
  stopped: ['queued', 'running', 'failed'],
  completed: [],
  failed: ['queued', 'running'],
  interrupted: ['queued', 'running', 'failed', 'stopped'],
};

/** Statuses that need a living engine to be true. */
const ACTIVE: readonly RunStatus[] = ['running', 'pausing', 'paused', 'stopping'];

export function isActive(status: RunStatus): boolean {
  return ACTIVE.includes(status);
}

/** No engine will change it any more, unless the run is resumed. */
export function isFinal(status: RunStatus): boolean {
  return !isActive(status) && status !== 'queued';
}

export function isResumable(status: RunStatus): boolean {
  return isFinal(status) && FOLLOWS[status].includes('queued');
}

/** The status after a change; throws on a change that makes no sense, which is a defect of ours. */
export function nextStatus(from: RunStatus, to: RunStatus): RunStatus {
  if (from !== to && !FOLLOWS[from].includes(to)) throw new Error(`A run cannot go from ${from} to ${to}.`);
  return to;
}

/** A start that left no engine behind is given up after this time. */
const QUEUED_SECONDS = 60;

/** What is true now: a record that speaks of an engine that is gone was interrupted. */
export function trueStatus(record: RunRecord, alive: boolean, now = Date.now()): RunStatus {
  if (isActive(record.status)) return alive ? record.status : 'interrupted';
  if (record.status === 'queued' && record.waiting === true) return 'queued';
  // A clock that was set back puts the start into the future, where it would stay for long.
  const age = Math.abs(now - Date.parse(record.queuedAt ?? record.createdAt)) / 1000;
  if (record.status === 'queued' && !alive && age > QUEUED_SECONDS) return 'interrupted';
  return record.status;
}
