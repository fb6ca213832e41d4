import type { HostMessage } from '../../protocol/panel.ts';
import { MIN_MILLISECONDS_BETWEEN_UPDATES } from '../../protocol/panel.ts';
import type { RunModel } from './run-model.ts';

/** Time, handed in so that tests need no clock. */
export interface Timer {
  now(): number;
  /** Calls back after so many milliseconds; the result takes it back. */
  after(milliseconds: number, call: () => void): () => void;
}

/**
 * Tells a panel about a run: a snapshot when it becomes visible or the run changes, deltas while it is visible, nothing
 * while it is hidden.
 */
export class PanelFeed {
  readonly #post: (message: HostMessage) => void;
  readonly #timer: Timer;
  #model: RunModel | null = null;
  #isLive = false;
  #owesSnapshot = true;
  #stream = 0;
  #told = -1;
  #lastUpdate = -Infinity;
  #cancel: (() => void) | null = null;

  constructor(post: (message: HostMessage) => void, timer: Timer) {
    this.#post = post;
    this.#timer = timer;
  }

  /** Shows another run, or the same one read afresh after its files were cut back. */
  show(model: RunModel | null): void {
    this.#model = model;
    this.#owesSnapshot = true;
    // A model that is just being filled is worth the wait: the page does not flash empty.
    this.#lastUpdate = this.#timer.now();
    this.#schedule();
  }

  /** The page is loaded and visible, or no longer. A page that comes back knows nothing. */
  setLive(isLive: boolean): void {
    this.#isLive = isLive;
    this.#cancelUpdate();
    if (!isLive) return;
    this.#owesSnapshot = true;
    this.#update();
  }

  /** The page lost something. */
  resync(): void {
    this.#owesSnapshot = true;
    this.#schedule();
  }

  /** The model has changed. */
  changed(): void {
    this.#schedule();
  }

  dispose(): void {
    this.#isLive = false;
    this.#cancelUpdate();
  }

  #schedule(): void {
    if (!this.#isLive || this.#cancel !== null) return;
    const wait = this.#lastUpdate + MIN_MILLISECONDS_BETWEEN_UPDATES - this.#timer.now();
    if (wait <= 0) {
      this.#update();
      return;
    }
    this.#cancel = this.#timer.after(wait, () => {
      this.#cancel = null;
      this.#update();
    });
  }

  #cancelUpdate(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #update(): void {
    const model = this.#model;
    if (this.#owesSnapshot || model?.needsSnapshot === true) {
      this.#owesSnapshot = false;
      this.#stream += 1;
      this.#told = model?.through ?? -1;
      this.#post({
        type: 'snapshot',
        stream: this.#stream,
        through: this.#told,
        content: model?.snapshot() ?? null,
      });
    } else if (model?.hasChanges === true) {
      const after = this.#told;
      this.#told = model.through;
      this.#post({
        type: 'delta',
        stream: this.#stream,
        after,
        through: this.#told,
        changes: model.takeChanges(),
      });
    } else return;
    this.#lastUpdate = this.#timer.now();
  }
}
