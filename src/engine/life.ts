import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatProblem, UserError } from '../protocol/errors.ts';
import { EXIT_CODES, exitCodeOf } from '../protocol/exit-codes.ts';
import { RunDirectory } from '../runs/directory.ts';
import { openWriter, type DirectoryWriter } from '../runs/directory-writer.ts';
import { FILES } from '../runs/layout.ts';
import { lockRun } from '../runs/lock.ts';
import { thisProcess } from '../runs/processes.ts';
import { RecordFile } from '../runs/record-file.ts';
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

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * The life of an engine: takes the run, says that it runs, works, and writes how it ended. Returns the exit code of the
 * process. The record never says `running` once this has returned.
 */
export async function live(directory: string, workerPath: string, work: Work): Promise<number> {
  const run = new RunDirectory(directory);
  // Without the lock nothing may be written: the run belongs to another engine.
  const lock = lockRun(run.path);
  try {
    const file = new RecordFile(run.path);
    requireQueued(file);
    const control = await startControlThread(run, workerPath);
    const askStop = () => control.ask('stop');
    for (const signal of STOP_SIGNALS) process.on(signal, askStop);
    try {
      return await liveWith(run, file, control, work);
    } finally {
      for (const signal of STOP_SIGNALS) process.removeListener(signal, askStop);
      await control.end();
      rmSync(join(run.path, FILES.stop), { force: true });
    }
  } finally {
    lock.release();
  }
}

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
  control: ControlThread,
  work: Work,
): Promise<number> {
  let writer: DirectoryWriter | null = null;
  try {
    const { socket, token } = control;
    file.become('running', {
      startedAt: file.record.startedAt ?? new Date().toISOString(),
      process: { ...thisProcess(), socket, token },
    });
    const opened = openWriter(file);
    writer = opened.writer;
    if (control.trouble !== null) {
      writer.event({
        kind: 'warning',
        message: `no control socket (${control.trouble}); stopping goes through the file`,
      });
    }
    const context = { run, file, writer, resume: opened.resume, control: announcing(control, file) };
    const outcome = await untilUncaught(work(context));
    writer.close();
    file.become(outcome, { finishedAt: new Date().toISOString() });
    return outcome === 'completed' ? EXIT_CODES.done : EXIT_CODES.stopped;
  } catch (error) {
    return fail(file, writer, error);
  }
}

/** Says `stopping` in the record as soon as the training loop sees the request. */
function announcing(control: ControlThread, file: RecordFile): RunControl {
  return {
    get request() {
      const { request } = control;
      if (request === 'stop' && file.record.status === 'running') file.become('stopping');
      return request;
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
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (second) {
      process.stderr.write(`${stackOf(second)}\n`);
    }
  }
  process.stderr.write(`${formatProblem(problem)}\n`);
  return exitCodeOf(problem);
}
