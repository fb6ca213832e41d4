import type { HostMessage, RunChanges } from '../../protocol/panel.ts';
import { MIN_MILLISECONDS_BETWEEN_UPDATES } from '../../protocol/panel.ts';
import type { RunModel } from './run-model.ts';
import { Telling } from './telling.ts';

/** Time, handed in so that tests need no clock. */
export interface Timer {
  now(): number;
  /** Calls back after so many milliseconds; the result takes it back. */
  after(milliseconds: number, call: () => void): () => void;
}

/** Of runs that are laid over the one shown, a round tells at least one and goes on up to so many points. */
const POINTS_A_ROUND = 100_000;
/** With each round the page draws all of them anew, which of a hundred takes time and memory. */
const MILLISECONDS_BETWEEN_OVERLAYS = 500;

/**
 * Tells a panel about a run, and about those laid over it: a snapshot when the panel becomes visible or the run changes, deltas
 * while it is visible, nothing while it is hidden.
 */
export class PanelFeed {
  readonly #post: (message: HostMessage) => void;
  readonly #timer: Timer;
  readonly #shown = new Telling(() => this.#nextStream());
  readonly #overlays = new Map<string, Telling>();
  #streams = 0;
  #isLive = false;
  #lastUpdate = -Infinity;
  /** Before, nothing is told of the runs laid over the one shown. */
  #overlaysDue = -Infinity;
  #cancel: (() => void) | null = null;

  constructor(post: (message: HostMessage) => void, timer: Timer) {
    this.#post = post;
    this.#timer = timer;
  }

  /** Shows another run, or the same one read afresh after its files were cut back. */
  show(model: RunModel | null): void {
    this.#shown.show(model);
    // A model that is just being filled is worth the wait: the page does not flash empty.
    this.#lastUpdate = this.#timer.now();
    this.#schedule();
  }

  /** Lays a run over the one shown; null: it cannot be read. */
  overlay(run: string, model: RunModel | null): void {
    const telling = this.#overlays.get(run) ?? new Telling(() => this.#nextStream(), run);
    this.#overlays.set(run, telling);
    telling.show(model);
    this.#schedule();
  }

  dropOverlay(run: string): void {
    this.#overlays.delete(run);
  }

  /** The page is loaded and visible, or no longer. A page that comes back knows nothing. */
  setLive(isLive: boolean): void {
    this.#isLive = isLive;
    this.#cancelUpdate();
    if (!isLive) return;
    this.#startAgain();
    this.#update();
  }

  /** The page lost something. */
  resync(): void {
    this.#startAgain();
    this.#schedule();
  }

  /** A model has changed. */
  changed(): void {
    this.#schedule();
  }

  dispose(): void {
    this.#isLive = false;
    this.#cancelUpdate();
  }

  #startAgain(): void {
    this.#overlaysDue = -Infinity;
    this.#shown.startAgain();
    for (const telling of this.#overlays.values()) telling.startAgain();
  }

  #nextStream(): number {
    this.#streams += 1;
    return this.#streams;
  }

  /** When the next round is; null: the page knows everything. */
  #due(): number | null {
    const soonest = this.#lastUpdate + MIN_MILLISECONDS_BETWEEN_UPDATES;
    if (this.#shown.hasNews) return soonest;
    const hasNews = [...this.#overlays.values()].some((telling) => telling.hasNews);
    return hasNews ? Math.max(soonest, this.#overlaysDue) : null;
  }

  #schedule(): void {
    this.#cancelUpdate();
    const due = this.#isLive ? this.#due() : null;
    if (due === null) return;
    const wait = due - this.#timer.now();
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

  /** One round: the run shown, then those laid over it as far as there is room. */
  #update(): void {
    const now = this.#timer.now();
    const overlays = now < this.#overlaysDue ? [] : [...this.#overlays.values()];
    const hadNews = overlays.some((telling) => telling.hasNews);
    let points = 0;
    for (const telling of [this.#shown, ...overlays]) {
      if (points > POINTS_A_ROUND) break;
      const message = telling.next();
      if (message === null) continue;
      this.#lastUpdate = now;
      points += pointsOf(message);
      this.#post(message);
    }
    // What had no room in this round has it in the next.
    const isAllTold = overlays.every((telling) => !telling.hasNews);
    if (hadNews && isAllTold) this.#overlaysDue = now + MILLISECONDS_BETWEEN_OVERLAYS;
    this.#schedule();
  }
}

function pointsOf(message: HostMessage): number {
  const changes: Pick<RunChanges, 'series'> | null =
    message.type === 'snapshot' ? message.content : message.type === 'delta' ? message.changes : null;
  return (changes?.series ?? []).reduce((sum, { steps }) => sum + steps.length, 0);
}
