import { backOffMilliseconds } from './back-off.ts';
import { settleAfterExit } from './crash.ts';
import type { RunDirectory } from './directory.ts';
import { launchEngine, type Launch } from './launch.ts';
import { beat } from './liveness.ts';
import { lockHolder, lockRun } from './lock.ts';
import { announceRun } from './machine.ts';
import type { RunQueue } from './queue.ts';
import { RecordFile } from './record-file.ts';
import { queueAgain, settle } from './settle.ts';
import { isFinal } from './status.ts';
import { UserError } from '../protocol/errors.ts';

const LOOK_MILLISECONDS = 500;

/** How the worker starts engines. */
export type EngineProgram = Pick<Launch, 'enginePath' | 'node' | 'permission'>;

/** Whether a worker serves this queue now. */
export function isServed(queue: RunQueue): boolean {
  return lockHolder(queue.folder) !== null;
}

/**
 * Starts what waits, one after another or as many at a time as the queue says, until nothing waits and nothing that it
 * started works. Returns at once where another worker serves the queue. A run whose engine vanished together with the worker
 * (a restart of the machine) goes on first; one that failed under its eyes stays for `kd queue retry`.
 */
export async function serveQueue(queue: RunQueue, program: EngineProgram): Promise<void> {
  let lock: ReturnType<typeof lockRun>;
  try {
    lock = lockRun(queue.folder);
  } catch (error) {
    if (error instanceof UserError && error.problem.code === 'KD5004') return;
    throw error;
  }
  try {
    await takeUpAgain(queue);
    const watched = new Set<string>();
    for (;;) {
      beat(queue.folder);
      await forgetEnded(queue);
      while (await startNext(queue, program, watched));
      const { order, started } = queue.state;
      if (order.length + started.length + watched.size === 0) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  } finally {
    lock.release();
  }
}

async function takeUpAgain(queue: RunQueue): Promise<void> {
  const again: string[] = [];
  for (const run of queue.started()) {
    if (run.status() !== 'interrupted') continue;
    queueAgain(run);
    new RecordFile(run.path).update({ waiting: true });
    again.push(run.id);
  }
  await queue.change(({ order, started }) => ({
    order: [...again, ...order.filter((id) => !again.includes(id))],
    started: started.filter((id) => !again.includes(id)),
  }));
}

async function forgetEnded(queue: RunQueue): Promise<void> {
  const working = queue.started().filter((run) => !isFinal(run.status()));
  const there = new Set(queue.waiting().map(({ id }) => id));
  const ids = working.map(({ id }) => id);
  const { order, started } = queue.state;
  if (started.length === ids.length && order.length === there.size) return;
  await queue.change((state) => ({
    started: state.started.filter((id) => ids.includes(id)),
    order: state.order.filter((id) => there.has(id)),
  }));
}

/**
 * Starts what may start now; false where nothing may. Queues of other folders do so too: each says what it is about to start, then
 * looks again. Of two the later one always sees the earlier, and both may step back, for different times.
 *
 * @param watched ids of the runs whose engine is still to be seen ending
 */
async function startNext(queue: RunQueue, program: EngineProgram, watched: Set<string>): Promise<boolean> {
  const run = queue.next();
  if (run === null) return false;
  const announcement = announceRun(run.path);
  try {
    if (queue.next()?.id === run.id) {
      await start(queue, run, program, watched);
      return true;
    }
  } finally {
    if (!watched.has(run.id)) announcement.withdraw();
  }
  await new Promise((resolve) => setTimeout(resolve, backOffMilliseconds(1)));
  return false;
}

async function start(
  queue: RunQueue,
  run: RunDirectory,
  program: EngineProgram,
  watched: Set<string>,
): Promise<void> {
  // Out of the order first: a worker that dies here leaves a run that is taken up again, never one that runs twice.
  await queue.change(({ order, started }) => ({
    order: order.filter((id) => id !== run.id),
    started: [...started, run.id],
  }));
  const file = new RecordFile(run.path);
  file.update({ waiting: false, queuedAt: new Date().toISOString() });
  try {
    const engine = await launchEngine({ directory: run.path, ...program });
    watched.add(run.id);
    void engine.exited
      .then((exit) => settleAfterExit(run, exit))
      // Another engine has the run by now: what happens to it is that one's to say.
      .catch(() => undefined)
      .finally(() => watched.delete(run.id));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { code, message, help } = error.problem;
    settle(run, 'failed', { code, message, help });
  }
}
