import { CONTROL_VERSION } from '../protocol/control.ts';
import { formatProblem, UserError } from '../protocol/errors.ts';
import { EXIT_CODES, exitCodeOf } from '../protocol/exit-codes.ts';
import { RunDirectory } from '../runs/directory.ts';
import { openWriter, type DirectoryWriter } from '../runs/directory-writer.ts';
import { lockRun } from '../runs/lock.ts';
import { announceRun, type Announcement } from '../runs/machine.ts';
import { thisProcess } from '../runs/processes.ts';
import { RecordFile } from '../runs/record-file.ts';
import { forgetRequests } from '../runs/settle.ts';
import type { Checkpoint, RunControl } from '../runs/writer.ts';
import { startControlThread, type ControlThread } from './control-thread.ts';
import { problemOf, stackOf } from './failure.ts';

/** What the work of an engine gets. */
export interface WorkContext {
  readonly run: RunDirectory;
  readonly file: RecordFile;
  readonly writer: DirectoryWriter;
  /** Where to go on; null at the first start. */
  readonly resume: Checkpoint | null;
  readonly control: RunControl;
}

export type Work = (context: WorkContext) => Promise<'completed' | 'stopped'>;

/** Between two looks at whether a pause is over. */
const PAUSE_MILLISECONDS = 100;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * The life of an engine: takes the run, says that it runs, works, and writes how it ended. Returns the exit code of the
 * process. The record never says `running` once this has returned.
 */
export async function live(directory: string, workerPath: string, work: Work): Promise<number> {
  // Its file lies on the disk that may be full: that must not be what ends the process.
  process.stderr.on('error', () => undefined);
  const run = new RunDirectory(directory);
  // Without the lock nothing may be written: the run belongs to another engine.
  const lock = lockRun(run.path);
  try {
    const file = new RecordFile(run.path);
    requireQueued(file);
    const announcement = announceRun(run.path);
    const control = await startControlThread(run, workerPath);
    let end: (error: unknown) => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = reject;
    });
    ended.catch(() => undefined);
    // A first signal asks; one that comes when a stop was asked for ends the work where it is, between two steps or not.
    const onSignal = () => (control.request === 'stop' ? end(new Terminated()) : control.ask('stop'));
    for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
    try {
      return await liveWith(run, file, { control, announcement }, (context) =>
        Promise.race([work(context), ended]),
      );
    } finally {
      for (const signal of STOP_SIGNALS) process.removeListener(signal, onSignal);
      // How the work ended must not be hidden by a disk that takes nothing any more.
      await control.end().catch(complainOnly);
      announcement.withdraw();
      attempt(() => forgetRequests(run.path));
    }
  } finally {
    attempt(() => lock.release());
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    complainOnly(error);
  }
}

function complainOnly(error: unknown): void {
  process.stderr.write(`${stackOf(error)}\n`);
}

/** Thrown where the work is given up without a further checkpoint. */
export class Terminated extends Error {}

function requireQueued(file: RecordFile): void {
  const { status, id } = file.record;
  if (status === 'queued') return;
  throw new UserError({
    code: 'KD5020',
    message: `run ${id} is ${status}, not waiting for an engine`,
    help: `go on with it by \`kd resume ${id}\``,
    file: file.directory,
  });
}

async function liveWith(
  run: RunDirectory,
  file: RecordFile,
  { control, announcement }: { readonly control: ControlThread; readonly announcement: Announcement },
  work: Work,
): Promise<number> {
  let writer: DirectoryWriter | null = null;
  try {
    const { socket, token } = control;
    file.become('running', {
      startedAt: file.record.startedAt ?? new Date().toISOString(),
      process: { ...thisProcess(), socket, token, control: CONTROL_VERSION },
    });
    const opened = openWriter(file);
    writer = opened.writer;
    if (control.trouble !== null) {
      writer.event({
        kind: 'warning',
        message: `no control socket (${control.trouble}); stopping goes through the file`,
      });
    }
    if (announcement.trouble !== null) {
      const message = `Runs of other folders on this machine do not see this one: ${announcement.trouble}. Name a folder in KD_WORKING that can be written to.`;
      writer.event({ kind: 'note', message });
    }
    const context = { run, file, writer, resume: opened.resume, control: announcing(control, file, writer) };
    const outcome = await untilUncaught(work(context));
    writer.close();
    file.become(outcome, { finishedAt: new Date().toISOString() });
    return outcome === 'completed' ? EXIT_CODES.done : EXIT_CODES.stopped;
  } catch (error) {
    if (!(error instanceof Terminated)) return fail(file, writer, error);
    writer?.log('ended on request, without a further checkpoint');
    file.become('stopped', { finishedAt: new Date().toISOString() });
    throw error;
  }
}

/** Says in the record what the training loop does about a request, as soon as it sees it. */
function announcing(control: ControlThread, file: RecordFile, writer: DirectoryWriter): RunControl {
  return {
    get request() {
      const { request } = control;
      const { status } = file.record;
      if (request === 'stop' && status !== 'stopping') file.become('stopping');
      if (request === 'pause' && status === 'running') file.become('pausing');
      return request;
    },
    async untilResumed() {
      file.become('paused');
      writer.event({ kind: 'note', message: 'Paused, after a checkpoint.' });
      while (control.request === 'pause') {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
      }
      writer.event({ kind: 'note', message: 'The pause is over.' });
      if (control.request === 'none') file.become('running');
    },
  };
}

/** An error that escapes from a callback ends the work too, instead of the process without a word. */
async function untilUncaught<T>(work: Promise<T>): Promise<T> {
  let onError: (error: unknown) => void = () => undefined;
  const escaped = new Promise<never>((_, reject) => {
    onError = reject;
  });
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  try {
    return await Promise.race([work, escaped]);
  } finally {
    process.removeListener('uncaughtException', onError);
    process.removeListener('unhandledRejection', onError);
  }
}

function fail(file: RecordFile, writer: DirectoryWriter | null, error: unknown): number {
  const problem = problemOf(error);
  // The disk may be what failed, so every way to say why is tried on its own.
  const attempts = [
    () => writer?.log(`failed: ${formatProblem(problem)}`),
    () => (problem.code === 'KD5000' ? writer?.log(stackOf(error)) : undefined),
    () => {
      const { code, message, help } = problem;
      const place = [problem.file, problem.key].filter((part) => part !== undefined).join(': ');
      const failure = { code, message: place === '' ? message : `${place}: ${message}`, help };
      file.become('failed', { failure, finishedAt: new Date().toISOString() });
    },
    () => writer?.close(),
  ];
  attempts.forEach(attempt);
  process.stderr.write(`${formatProblem(problem)}\n`);
  return exitCodeOf(problem);
}
