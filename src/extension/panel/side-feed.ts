import { COMPARE_LIMITS } from '../../protocol/compare-shapes.ts';
import type { HostMessage } from '../../protocol/panel.ts';
import type { Watched } from '../../protocol/panel-compare.ts';
import { isWorking, type RunEntry } from '../runs/run-entry.ts';
import type { Timer } from './feed.ts';
import { filesOf } from './run-files.ts';
import { tableRowOf } from './table-row.ts';

/** Between two tables, or two looks at the files of a run that works. */
const PAUSE_MILLISECONDS = 1_000;
const NOTHING: Watched = { table: false, files: false };

interface Sources {
  readonly entries: () => readonly RunEntry[];
  /** Directory of the run that is shown. */
  readonly run: () => string | null;
}

/** Tells a panel what it watches beside its run: the table of all runs, the files of one. Nothing else, and at most once a second. */
export class SideFeed {
  readonly #post: (message: HostMessage) => void;
  readonly #sources: Sources;
  readonly #timer: Timer;
  #watched = NOTHING;
  #told: Record<'table' | 'files', string> = { table: '', files: '' };
  #cancel: (() => void) | null = null;

  constructor(post: (message: HostMessage) => void, sources: Sources, timer: Timer) {
    this.#post = post;
    this.#sources = sources;
    this.#timer = timer;
  }

  /** What the page has in sight from now on; it knows nothing of it yet. */
  watch(watched: Watched): void {
    this.#watched = watched;
    this.#told = { table: '', files: '' };
    this.#tell();
  }

  /** The page is gone or hidden: it will say anew what it watches. */
  reset(): void {
    this.#watched = NOTHING;
    this.dispose();
  }

  /** Runs have changed, or another one is shown. */
  changed(): void {
    if (this.#cancel === null && (this.#watched.table || this.#watched.files)) this.#schedule();
  }

  dispose(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #schedule(): void {
    this.#cancel = this.#timer.after(PAUSE_MILLISECONDS, () => {
      this.#cancel = null;
      this.#tell();
    });
  }

  #tell(): void {
    const { table, files } = this.#watched;
    const entries = this.#sources.entries();
    if (table) this.#send({ type: 'table', rows: entries.slice(0, COMPARE_LIMITS.rows).map(tableRowOf) });
    const shown = entries.find(({ directory }) => directory === this.#sources.run());
    if (!files || shown === undefined) return;
    this.#send({ type: 'files', ...filesOf(shown.directory, shown.record) });
    // The log of a run that works grows without anything else changing.
    if (isWorking(shown) && this.#cancel === null) this.#schedule();
  }

  #send(message: Extract<HostMessage, { type: 'table' | 'files' }>): void {
    const now = JSON.stringify(message);
    if (now === this.#told[message.type]) return;
    this.#told[message.type] = now;
    this.#post(message);
  }
}
