import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { connectEngine } from './control-client.ts';
import type { RunDirectory } from './directory.ts';
import { writing } from './disk.ts';
import { FILES } from './layout.ts';
import { settle, STOP_NOW } from './settle.ts';
import { killTree } from './terminate.ts';

/** How a request to stop reached the engine. */
export type StopOutcome = 'socket' | 'file' | 'notRunning';

/**
 * Asks the engine to finish its step, write a checkpoint and end. The file works also where no socket reaches; a run
 * that only waits for its engine is stopped as soon as it starts.
 */
export async function requestStop(run: RunDirectory): Promise<StopOutcome> {
  const record = run.record();
  if (!run.isAlive(record) && record.status !== 'queued') return 'notRunning';
  writeRequest(run, 'stop');
  if (record.process === undefined) return 'file';
  try {
    const connection = await connectEngine(record.process);
    try {
      await connection.request('stop', {});
    } finally {
      connection.close();
    }
    return 'socket';
  } catch {
    return 'file';
  }
}

/** Ends the engine without a further step; the last checkpoint stays. Throws KD5015 where the engine is out of reach. */
export async function stopNow(run: RunDirectory): Promise<void> {
  const record = run.record();
  // Whoever sees the engine vanish knows by this that it was meant to.
  writeRequest(run, STOP_NOW);
  if (record.process !== undefined && run.isAlive(record) && !(await killTree(record.process))) {
    throw new UserError({
      code: 'KD5015',
      message: `the engine (pid ${record.process.pid} on ${record.process.host}) cannot be ended from here`,
      help: `run \`kd stop ${run.id}\` to ask it to stop, or end it on that machine`,
      file: run.path,
    });
  }
  settle(run, 'stopped');
}

function writeRequest(run: RunDirectory, request: string): void {
  const path = join(run.path, FILES.stop);
  writing(path, () => writeFileSync(path, `${request}\n`));
}
