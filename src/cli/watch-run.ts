import { EXIT_CODES, exitCodeOf } from '../protocol/exit-codes.ts';
import type { RunRecord, RunStatus, RunStreamRecord } from '../protocol/records.ts';
import {
  isFinal,
  launchEngine,
  requestStop,
  settle,
  settleAfterExit,
  stopNow,
  thisNode,
  type LaunchedEngine,
  type RunChange,
  type RunDirectory,
} from '../runs/index.ts';
import { UserError } from '../protocol/errors.ts';
import { enginePath } from './command-context.ts';
import type { Output } from './output.ts';
import { createDisplay, type Display } from './progress/display.ts';
import { summaryText } from './summary.ts';

/** An engine that has written its end is gone well within this time. */
const EXIT_MILLISECONDS = 5_000;

export interface WatchOptions {
  readonly output: Output;
  /** Return as soon as the engine trains. */
  readonly detach: boolean;
}

/**
 * Starts the engine of a queued run and follows it to its end: prints the stream, passes interrupts on, ends with the
 * summary. Records from before this start (a resumed run) are not printed again. Returns the exit code.
 */
export function startAndWatch(run: RunDirectory, options: WatchOptions): Promise<number> {
  return watchOn(run, options, null);
}

/**
 * Follows a run to its end as `startAndWatch` does.
 * @param goOn wakes an engine that is there; null: one is started
 */
export async function watchOn(
  run: RunDirectory,
  options: WatchOptions,
  goOn: (() => Promise<unknown>) | null,
): Promise<number> {
  const watch = new Watch(run, options, goOn);
  const interrupts = new Interrupts(run, (words) => watch.note(words));
  try {
    await watch.follow();
    return interrupts.count > 1 ? EXIT_CODES.interruptedTwice : watch.exitCode;
  } finally {
    interrupts.dispose();
  }
}

class Watch {
  readonly #run: RunDirectory;
  readonly #output: Output;
  readonly #detach: boolean;
  readonly #display: Display | null;
  readonly #abort = new AbortController();
  readonly #goOn: (() => Promise<unknown>) | null;
  #engine: Promise<unknown> | null = null;
  #startFailed: unknown = null;
  /** The engine is gone and its record says why. */
  #settled: Promise<void> = Promise.resolve();
  #announced = false;
  /** Records that came before the engine had said what it runs on: `started` is always the first. */
  #early: RunStreamRecord[] = [];
  #record: RunRecord;
  #status: RunStatus = 'queued';

  constructor(run: RunDirectory, { output, detach }: WatchOptions, goOn: (() => Promise<unknown>) | null) {
    this.#run = run;
    this.#goOn = goOn;
    this.#output = output;
    this.#detach = detach;
    this.#record = run.record();
    this.#display = output.json || detach ? null : createDisplay(output);
  }

  note(words: string): void {
    if (this.#display === null) this.#output.complain(words);
    else this.#display.note(words);
  }

  get exitCode(): number {
    switch (this.#status) {
      case 'completed':
        return EXIT_CODES.done;
      case 'stopped':
        return EXIT_CODES.stopped;
      case 'failed':
      case 'interrupted':
        return exitCodeOf(this.#record.failure ?? { code: '' });
      default:
        return EXIT_CODES.done;
    }
  }

  async follow(): Promise<void> {
    const streams = ['events', 'metrics'] as const;
    const onCaughtUp = () => {
      this.#engine = this.#goOn === null ? this.#launch() : this.#goOn();
      this.#engine.catch((error: unknown) => {
        this.#startFailed = error;
        this.#abort.abort();
      });
    };
    const options = { signal: this.#abort.signal, streams, untilFinal: true, onCaughtUp };
    try {
      for await (const change of this.#run.follow(options)) {
        this.#take(change);
        if (!this.#detach || !this.#announced) continue;
        this.#finishDetached();
        return;
      }
    } finally {
      this.#display?.end();
    }
    if (this.#startFailed !== null) throw this.#giveUp(this.#startFailed);
    await this.#untilSettled();
    this.#record = this.#run.record();
    this.#status = this.#run.status(this.#record);
    this.#finish();
  }

  async #launch(): Promise<LaunchedEngine> {
    const engine = await launchEngine({
      directory: this.#run.path,
      enginePath: enginePath(),
      node: thisNode(),
      // Whoever types the command trusts the folder.
      permission: () => true,
    });
    this.#settled = engine.exited
      .then((exit) => settleAfterExit(this.#run, exit))
      // Another engine has the run by now: what happens to it is that one's to say.
      .catch((error: unknown) => this.note(error instanceof Error ? error.message : String(error)));
    return engine;
  }

  async #untilSettled(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, EXIT_MILLISECONDS);
    });
    await Promise.race([this.#settled, patience]);
    clearTimeout(timer);
  }

  /** A run that never got an engine says so in its record. */
  #giveUp(error: unknown): unknown {
    if (error instanceof UserError && this.#goOn === null) {
      const { code, message, help } = error.problem;
      settle(this.#run, 'failed', { code, message, help });
    }
    return error;
  }

  #take(change: RunChange): void {
    if (change.type === 'record') {
      this.#record = change.record;
      this.#status = change.status;
    }
    // History, before this start.
    if (this.#engine === null && change.type !== 'record') return;
    this.#announceWhenKnown();
    this.#display?.take(change);
    if (change.type === 'metrics') {
      for (const record of change.records) this.#emit({ type: 'metrics', ...record });
    }
    if (change.type === 'events') {
      for (const record of change.records) this.#emit(record);
    }
  }

  /** Says which run it is and what it runs on, as soon as that is known. */
  #announceWhenKnown(): void {
    const { environment } = this.#record;
    // An engine that is woken is detached from as soon as it works again.
    if (this.#goOn !== null && this.#status !== 'running' && !isFinal(this.#status)) return;
    if (this.#engine === null || environment === undefined || isFinal(this.#status)) return;
    this.#announce(environment.executor);
  }

  #announce(executor: string): void {
    if (this.#announced) return;
    this.#announced = true;
    const { id } = this.#record;
    this.#output.emit({ type: 'started', run: id, directory: this.#run.path, executor });
    for (const record of this.#early.splice(0)) this.#output.emit(record);
    this.#display?.note(`run ${id} on ${executor}`);
  }

  #finishDetached(): void {
    const { id } = this.#record;
    if (!this.#output.json) {
      this.#output.say(
        `run ${id} goes on in the background\n  follow: kd log ${id} --follow\n  stop:   kd stop ${id}`,
      );
    }
  }

  #finish(): void {
    const { id, results } = this.#record;
    const [run, directory, status] = [id, this.#run.path, this.#status];
    // A run that failed before it had an executor has started nevertheless.
    this.#announce(this.#record.environment?.executor ?? 'none');
    this.#emit({ type: 'finished', run, directory, status, results: results ?? null });
    if (!this.#output.json) this.#output.say(`\n${summaryText(this.#record, status, directory)}`);
  }

  #emit(record: RunStreamRecord): void {
    if (this.#announced) this.#output.emit(record);
    else this.#early.push(record);
  }
}

/** The first Ctrl+C lets the engine finish its step and write a checkpoint, the second ends it at once. */
class Interrupts {
  count = 0;
  readonly #run: RunDirectory;
  readonly #say: (words: string) => void;

  constructor(run: RunDirectory, say: (words: string) => void) {
    this.#run = run;
    this.#say = say;
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onInterrupt);
  }

  dispose(): void {
    process.removeListener('SIGINT', this.#onInterrupt);
    process.removeListener('SIGTERM', this.#onInterrupt);
  }

  readonly #onInterrupt = () => {
    this.count += 1;
    if (this.count === 1) {
      this.#say('stopping after this step with a checkpoint; Ctrl+C again ends it at once');
      this.#try(requestStop(this.#run));
    } else if (this.count === 2) {
      this.#say('ending at once; the last checkpoint stays');
      this.#try(stopNow(this.#run));
    }
  };

  #try(stopping: Promise<unknown>): void {
    stopping.catch((error: unknown) => {
      this.#say(error instanceof Error ? error.message : String(error));
    });
  }
}
