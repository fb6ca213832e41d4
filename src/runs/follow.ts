import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type {
  EventRecord,
  GapRecord,
  LayersRecord,
  MetricsRecord,
  PictureRecord,
  RunRecord,
  RunStatus,
  SimilarityRecord,
  Verdict,
} from '../protocol/records.ts';
import type { RunDirectory } from './directory.ts';
import { layersStamp } from './layers.ts';
import { FILES } from './layout.ts';
import { isFinal } from './status.ts';
import { parseRecords } from './records.ts';
import { sampleLines } from './sampled-history.ts';
import { LineTail } from './tail.ts';

export type FollowedStream = 'metrics' | 'events' | 'gap' | 'similarity' | 'pictures' | 'log';

/** What changed in a run directory. */
export type RunChange =
  /** `run.json` changed, or what is true about its engine. */
  | {
      readonly type: 'record';
      readonly record: RunRecord;
      readonly status: RunStatus;
      /** Its engine is there and gives no sign of life. */
      readonly silent: boolean;
    }
  | { readonly type: 'metrics'; readonly records: readonly MetricsRecord[] }
  | { readonly type: 'events'; readonly records: readonly EventRecord[] }
  | { readonly type: 'gap'; readonly records: readonly GapRecord[] }
  | { readonly type: 'similarity'; readonly records: readonly SimilarityRecord[] }
  | { readonly type: 'pictures'; readonly records: readonly PictureRecord[] }
  | { readonly type: 'log'; readonly lines: readonly string[] }
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'layers'; readonly record: LayersRecord }
  /** The stream was cut back (a resumed run): drop its records from number `from` on; for metrics that is their `seq`. */
  | { readonly type: 'cut'; readonly stream: FollowedStream; readonly from: number };

export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Which streams to read; all by default. */
  readonly streams?: readonly FollowedStream[];
  /** End once the run has ended and everything is read; otherwise only `signal` ends it. */
  readonly untilFinal?: boolean;
  /** How often to look where the system announces no changes. */
  readonly pollMilliseconds?: number;
  /** Of a long history of metrics read a part from everywhere, in bounded time and memory; all that comes is read. */
  readonly sampled?: boolean;
  /** Called once, when all that was there at the beginning has been yielded. */
  readonly onCaughtUp?: () => void;
}

const ALL_STREAMS: readonly FollowedStream[] = ['metrics', 'events', 'gap', 'similarity', 'pictures', 'log'];
const POLL_MILLISECONDS = 500;
/** Announcements come in bursts; readers get at most ten rounds a second. */
const SETTLE_MILLISECONDS = 100;

/**
 * Yields a run from its beginning and then whatever is added, in bounded pieces. The first change is always a `record`;
 * the `record` that says that the run has ended comes after all that was written before.
 */
export async function* followRun(
  run: RunDirectory,
  options: FollowOptions = {},
): AsyncGenerator<RunChange, void, void> {
  const streams = options.streams ?? ALL_STREAMS;
  const tails = streams.map((stream) => ({ stream, tail: new LineTail(join(run.path, FILES[stream])) }));
  const waiter = new ChangeWaiter(run.path, options.pollMilliseconds ?? POLL_MILLISECONDS, options.signal);
  const aborted = () => options.signal?.aborted === true;
  let known = '';
  let verdict = '';
  let layers = '';
  try {
    while (!aborted()) {
      const record = run.record();
      const status = run.status(record);
      const silent = !isFinal(status) && run.isSilent(record);
      const now = JSON.stringify([record, status, silent]);
      const first = known === '';
      const changed = now !== known;
      known = now;
      const final = isFinal(status);
      if (first || (changed && !final)) yield { type: 'record', record, status, silent };
      for (const { stream, tail } of tails) {
        if (first && options.sampled === true && stream === 'metrics') {
          const records = sampledHistory(join(run.path, FILES.metrics), tail);
          if (records.length > 0) yield { type: 'metrics', records };
        }
        for (let more = true; more && !aborted();) {
          const read = tail.read();
          more = read.more;
          if (read.cut !== null) yield { type: 'cut', stream, from: read.cut };
          if (read.lines.length > 0) yield deltaOf(stream, read.lines);
          // A long history is read in pieces, so that nothing else in this process has to wait for it.
          if (more) await new Promise(setImmediate);
        }
      }
      const found = run.verdict();
      if (found !== null && JSON.stringify(found) !== verdict) {
        verdict = JSON.stringify(found);
        yield { type: 'verdict', verdict: found };
      }
      const stamp = layersStamp(run.path);
      if (stamp !== layers) {
        layers = stamp;
        const meetings = run.layers();
        if (meetings !== null) yield { type: 'layers', record: meetings };
      }
      if (!first && changed && final) yield { type: 'record', record, status, silent };
      if (first) options.onCaughtUp?.();
      if (final && options.untilFinal === true) return;
      await waiter.wait();
    }
  } finally {
    waiter.close();
  }
}

/** Metrics from all of a long file; `tail` goes on behind them. Empty where the file is short and read as any other. */
function sampledHistory(path: string, tail: LineTail): readonly MetricsRecord[] {
  const sample = sampleLines(path);
  if (sample === null) return [];
  let known = -1;
  const records = parseRecords('metrics', sample.lines).filter(({ seq }) => {
    const isNew = seq > known;
    known = Math.max(known, seq);
    return isNew;
  });
  const last = sample.lines.at(-1);
  if (last === undefined || records.at(-1) === undefined) return [];
  tail.skipTo(known, last, sample.end);
  return records;
}

function deltaOf(stream: FollowedStream, lines: readonly string[]): RunChange {
  switch (stream) {
    case 'metrics':
      return { type: 'metrics', records: parseRecords('metrics', lines) };
    case 'events':
      return { type: 'events', records: parseRecords('events', lines) };
    case 'gap':
      return { type: 'gap', records: parseRecords('gap', lines) };
    case 'similarity':
      return { type: 'similarity', records: parseRecords('similarity', lines) };
    case 'pictures':
      return { type: 'pictures', records: parseRecords('pictures', lines) };
    case 'log':
      return { type: 'log', lines };
  }
}

/** Waits for a change in a folder: announced by the system, or the time of the next look, whichever comes first. */
class ChangeWaiter {
  readonly #poll: number;
  readonly #signal: AbortSignal | undefined;
  #watcher: FSWatcher | null = null;
  #changed = false;
  #wake: (() => void) | null = null;

  constructor(folder: string, poll: number, signal: AbortSignal | undefined) {
    this.#poll = poll;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    try {
      this.#watcher = watch(folder, { persistent: false }, () => {
        this.#changed = true;
        this.#wake?.();
      });
      // Network file systems and exhausted watch limits: looking at intervals is enough.
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      this.#watcher = null;
    }
  }

  async wait(): Promise<void> {
    const started = performance.now();
    if (!this.#changed) await this.#sleep(this.#poll);
    const elapsed = performance.now() - started;
    if (this.#signal?.aborted !== true && elapsed < SETTLE_MILLISECONDS) {
      this.#wake = null;
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(this.#poll, SETTLE_MILLISECONDS) - elapsed),
      );
    }
    this.#changed = false;
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#watcher?.close();
  }

  readonly #onAbort = () => this.#wake?.();

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      this.#wake = done;
      function done() {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
