import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { isWithin } from '../config/root.ts';
import type { Question, Reply } from './lookups.ts';

/** Whoever can be asked about the file system and may never answer. */
export interface Looker {
  look(question: Question, answered: (reply: Reply) => void): void;
}

/** A thread that looks at one thing at a time. */
export interface Thread {
  /** False once it has ended by itself. */
  isAlive(): boolean;
  ask(question: Question, answered: (reply: Reply) => void): void;
  end(): void;
}

/** A thread that takes longer than this is not waited for: others look at the rest. */
const PATIENCE_MILLISECONDS = 100;
/** After this long it may hang, and others keep away from the folder that it looks into. */
const DOUBT_MILLISECONDS = 500;
const MOST_THREADS = 8;

interface Job {
  readonly question: Question;
  readonly answered: (reply: Reply) => void;
}

/**
 * Asks in threads. One that hangs in a call of the system cannot be interrupted, so it is left behind, and what lies in the
 * same folder waits for it instead of being lost in the same way.
 */
export class LookupThreads implements Looker {
  private readonly idle: Thread[];
  private readonly busy = new Map<Thread, { readonly question: Question; readonly since: number }>();
  private readonly waiting: Job[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly start: () => Thread,
    private readonly now: () => number = () => performance.now(),
  ) {
    // Ready when the first file is opened.
    this.idle = [start()];
  }

  /** True while some thread has not come back for a while; it would keep the process from ending. */
  get isStuck(): boolean {
    return [...this.busy.values()].some(({ since }) => this.now() - since >= DOUBT_MILLISECONDS);
  }

  look(question: Question, answered: (reply: Reply) => void): void {
    this.waiting.push({ question, answered });
    this.goOn();
  }

  private goOn(): void {
    for (const job of [...this.waiting]) {
      if (this.isBlocked(job)) continue;
      const thread = this.freeThread();
      if (thread === null) break;
      this.waiting.splice(this.waiting.indexOf(job), 1);
      this.ask(thread, job);
    }
    if (this.waiting.length > 0) this.lookAgain();
  }

  private ask(thread: Thread, { question, answered }: Job): void {
    this.busy.set(thread, { question, since: this.now() });
    thread.ask(question, (reply) => {
      this.busy.delete(thread);
      // One is enough while all is well.
      if (this.idle.length === 0 && thread.isAlive()) this.idle.push(thread);
      else thread.end();
      answered(reply);
      this.goOn();
    });
  }

  /** Null while those that are at work are worth waiting for, or too many are stuck. */
  private freeThread(): Thread | null {
    const idle = this.idle.pop();
    if (idle !== undefined) return idle;
    const since = [...this.busy.values()].map((job) => job.since);
    const allSlow = since.every((start) => this.now() - start >= PATIENCE_MILLISECONDS);
    return allSlow && this.busy.size < MOST_THREADS ? this.start() : null;
  }

  /** Whether it lies where a thread is stuck already. */
  private isBlocked({ question }: Job): boolean {
    const [path] = question.parameters;
    return [...this.busy.values()].some(
      ({ question: { parameters }, since }) =>
        this.now() - since >= DOUBT_MILLISECONDS && isWithin(dirname(parameters[0]), path),
    );
  }

  private lookAgain(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.goOn();
    }, PATIENCE_MILLISECONDS);
    this.timer.unref();
  }
}

/** A thread of this process. @param module the bundle of `lookup-thread.ts` */
export function startThread(module: string): Thread {
  const worker = new Worker(module);
  let alive = true;
  worker.unref();
  let waiting: ((reply: Reply) => void) | undefined;
  const settle = (reply: Reply): void => {
    const answered = waiting;
    waiting = undefined;
    answered?.(reply);
  };
  worker.on('message', settle);
  worker.on('error', (error) => settle({ error: String(error) }));
  worker.on('exit', () => {
    alive = false;
    settle({ error: 'the thread has ended' });
  });
  return {
    isAlive: () => alive,
    ask(question, answered) {
      waiting = answered;
      worker.postMessage(question);
    },
    end: () => void worker.terminate(),
  };
}
