import { NO_LABELS, type RunLabels } from '../../protocol/labels.ts';
import type { RunRecord, RunStatus } from '../../protocol/records.ts';
import { soundRecord } from '../../protocol/sound-record.ts';
import { isActive, isFinal } from '../../runs/index.ts';

/** One run as the window sees it. */
export interface RunEntry {
  /** Absolute path of the run directory; names the run among all folders of the workspace. */
  readonly directory: string;
  readonly record: RunRecord;
  /** What is true now. */
  readonly status: RunStatus;
  /** Its engine is there and gives no sign of life. */
  readonly silent?: boolean;
  /** Absent: nothing is said of it. */
  readonly labels?: RunLabels;
}

export function entryOf(
  directory: string,
  record: RunRecord,
  status: RunStatus,
  { silent = false, labels = NO_LABELS }: { readonly silent?: boolean; readonly labels?: RunLabels } = {},
): RunEntry {
  return {
    directory,
    record: soundRecord(record),
    status,
    ...(silent && { silent }),
    ...(labels !== NO_LABELS && { labels }),
  };
}

export function labelsOfEntry({ labels = NO_LABELS }: Pick<RunEntry, 'labels'>): RunLabels {
  return labels;
}

/** It waits for its turn in the queue. */
export function isQueued({ status, record }: Pick<RunEntry, 'status' | 'record'>): boolean {
  return status === 'queued' && record.waiting === true;
}

/** An engine has it, or will. */
export function isWorking({ status }: Pick<RunEntry, 'status'>): boolean {
  return isActive(status) || status === 'queued';
}

/** Its engine is there and waits to go on. */
export function isWaiting(status: RunStatus): boolean {
  return status === 'pausing' || status === 'paused';
}

/** Newest first. */
export function sortRuns(entries: Iterable<RunEntry>): readonly RunEntry[] {
  return [...entries].sort(
    (a, b) =>
      b.record.createdAt.localeCompare(a.record.createdAt) ||
      b.record.id.localeCompare(a.record.id, 'en', { numeric: true }),
  );
}

/** The run that the status bar speaks of: the newest that works. */
export function currentRun(entries: readonly RunEntry[]): RunEntry | null {
  return entries.find((entry) => isWorking(entry) && !isQueued(entry)) ?? null;
}

/** Newest run of a config file. */
export function newestRunOf(entries: readonly RunEntry[], config: string): RunEntry | null {
  return entries.find(({ record }) => record.config === config) ?? null;
}

/**
 * Which of the runs that were expected to end have ended, and which are waited for now. One that is not listed (right
 * after a reload) is still waited for while its directory is there.
 *
 * @param before directories of the runs that worked at the last look
 */
export function expected(
  before: readonly string[],
  now: readonly RunEntry[],
  exists: (directory: string) => boolean,
): { readonly ended: readonly RunEntry[]; readonly waiting: readonly string[] } {
  const listed = new Set(now.map(({ directory }) => directory));
  const unlisted = before.filter((directory) => !listed.has(directory) && exists(directory));
  return {
    ended: now.filter(({ directory, status }) => before.includes(directory) && isFinal(status)),
    waiting: [...unlisted, ...now.filter(isWorking).map(({ directory }) => directory)],
  };
}

/** Whether two views of the runs would be drawn alike. */
export function sameRuns(a: readonly RunEntry[], b: readonly RunEntry[]): boolean {
  return a.length === b.length && JSON.stringify(a) === JSON.stringify(b);
}
