import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_VERSION } from '../protocol/control.ts';
import { UserError } from '../protocol/errors.ts';
import type { RunRecord } from '../protocol/records.ts';
import { connectEngine } from './control-client.ts';
import type { RunDirectory } from './directory.ts';
import { writing } from './disk.ts';
import { FILES } from './layout.ts';
import { whileControlling } from './lock.ts';
import { settle, STOP_NOW } from './settle.ts';
import { isGoneWithin, killTree, terminateTree } from './terminate.ts';

/** How a request reached the engine. */
export type RequestOutcome = 'socket' | 'file' | 'notRunning';

/**
 * Asks the engine to finish its step, write a checkpoint and end. The file works also where no socket reaches; a run
 * that only waits for its engine is stopped as soon as it starts.
 *
 * This and all below throw KD5025 where somebody else controls the run at this moment, KD5026 where its engine is of a
 * version that speaks otherwise: such a run is watched, never touched.
 */
export function requestStop(run: RunDirectory): Promise<RequestOutcome> {
  return whileControlling(run.path, () => ask(run, 'stop'));
}

/** Asks the engine to finish its step, write a checkpoint and wait. */
export function requestPause(run: RunDirectory): Promise<RequestOutcome> {
  return whileControlling(run.path, () => ask(run, 'pause'));
}

/** Asks an engine that waits to go on. */
export function requestResume(run: RunDirectory): Promise<RequestOutcome> {
  return whileControlling(run.path, () => ask(run, 'resume'));
}

async function ask(run: RunDirectory, request: 'stop' | 'pause' | 'resume'): Promise<RequestOutcome> {
  const record = run.record();
  if (!run.isAlive(record) && record.status !== 'queued') return 'notRunning';
  requireSameVersion(run, record);
  if (request === 'resume') rmSync(join(run.path, FILES.pause), { force: true });
  else writeFile(run, request === 'stop' ? FILES.stop : FILES.pause, request);
  if (record.process === undefined) return 'file';
  try {
    const connection = await connectEngine(record.process);
    try {
      await connection.request(request, {});
    } finally {
      connection.close();
    }
    return 'socket';
  } catch {
    return 'file';
  }
}

/** Ends the engine without a further step; the last checkpoint stays. Throws KD5015 where the engine is out of reach. */
export function stopNow(run: RunDirectory): Promise<void> {
  return whileControlling(run.path, () => endNow(run));
}

/** How a stop in stages came to its end. */
export type StopStage = 'asked' | 'terminated' | 'killed' | 'notRunning';

/**
 * Stops in stages, each only where the one before did not help in time: the engine finishes its step and writes a checkpoint;
 * it ends where it is; it is killed with all that it started. Throws KD5015 where the engine is out of reach.
 */
export function stopWithin(run: RunDirectory, milliseconds: number): Promise<StopStage> {
  return whileControlling(run.path, async () => {
    if ((await ask(run, 'stop')) === 'notRunning') return 'notRunning';
    const engine = run.record().process;
    if (engine === undefined) return 'asked';
    if (await isGoneWithin(engine, milliseconds)) return 'asked';
    if (await terminateTree(engine)) {
      settle(run, 'stopped');
      return 'terminated';
    }
    await endNow(run);
    return 'killed';
  });
}

async function endNow(run: RunDirectory): Promise<void> {
  const record = run.record();
  requireSameVersion(run, record);
  // Whoever sees the engine vanish knows by this that it was meant to.
  writeFile(run, FILES.stop, STOP_NOW);
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

/** An engine outlives updates of the product; what an older one understands by a request is not for a newer one to guess. */
function requireSameVersion(run: RunDirectory, record: RunRecord): void {
  const { control = 1 } = record.process ?? { control: CONTROL_VERSION };
  if (control === CONTROL_VERSION || !run.isAlive(record)) return;
  const product = record.environment?.product ?? 'another version';
  throw new UserError({
    code: 'KD5026',
    message: `the engine of run ${run.id} was started by ${product} of this product, which is controlled otherwise (version ${control}, here ${CONTROL_VERSION}); it is only watched`,
    help: `let it end, or make an empty file named "${FILES.stop}" in the run directory: every version stops at that with a checkpoint`,
    file: run.path,
  });
}

function writeFile(run: RunDirectory, name: string, request: string): void {
  const path = join(run.path, name);
  writing(path, () => writeFileSync(path, `${request}\n`));
}
