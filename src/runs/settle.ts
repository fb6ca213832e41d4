import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../protocol/records.ts';
import { UserError } from '../protocol/errors.ts';
import type { RunDirectory } from './directory.ts';
import { FILES } from './layout.ts';
import { lockRun } from './lock.ts';
import { RecordFile } from './record-file.ts';
import { isFinal, isResumable, trueStatus } from './status.ts';

/** Content of the stop file where the engine is ended at once. */
export const STOP_NOW = 'now';

/** Removes what was asked of an engine that is gone. */
export function forgetRequests(directory: string): void {
  for (const name of [FILES.stop, FILES.pause]) rmSync(join(directory, name), { force: true });
}

/** Writes the end of a run whose engine is gone into its record. Does nothing where the record already has an end. */
export function settle(
  run: RunDirectory,
  status: 'stopped' | 'failed' | 'interrupted',
  failure?: RunRecord['failure'],
  crash?: RunRecord['crash'],
): void {
  const lock = lockRun(run.path);
  try {
    const file = new RecordFile(run.path);
    if (isFinal(file.record.status)) return;
    const finishedAt = new Date().toISOString();
    file.become(status, {
      finishedAt,
      ...(failure !== undefined && { failure }),
      ...(crash !== undefined && { crash }),
    });
    forgetRequests(run.path);
  } finally {
    lock.release();
  }
}

/**
 * Queues a run that has ended so that an engine can go on with it. Throws KD5004 while an engine has it, KD5016 where it
 * is complete.
 *
 * @param changes `engine.path=value`, recorded with the run; without any, it goes on as it was resumed before
 */
export function queueAgain(run: RunDirectory, changes: readonly string[] = []): void {
  const lock = lockRun(run.path);
  try {
    const file = new RecordFile(run.path);
    const status = trueStatus(file.record, false);
    if (status === 'completed') {
      throw new UserError({
        code: 'KD5016',
        message: `run ${run.id} is complete; there is nothing to go on with`,
        help: `see it with \`kd show ${run.id}\`, or start a new one with \`kd run\``,
        file: run.path,
      });
    }
    forgetRequests(run.path);
    file.forgetEnd();
    if (changes.length > 0) file.update({ resumedWith: changes });
    if (status === 'queued') return;
    if (!isResumable(status)) throw new Error(`A run cannot be resumed while it is ${status}.`);
    // What an engine that died last wrote was never true afterwards.
    if (!isFinal(file.record.status)) file.become('interrupted');
    file.become('queued', { queuedAt: new Date().toISOString() });
  } finally {
    lock.release();
  }
}
