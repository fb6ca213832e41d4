/** Milliseconds between checkpoints within an epoch. */
export const CHECKPOINT_MILLISECONDS = 60_000;

/** Counts the steps of the whole run and says what is left. It measures; no result depends on it. */
export class WorkClock {
  readonly now: () => number;
  readonly #totalSteps: number;
  readonly #checkpointEvery: number;
  #doneSteps: number;
  #lastCheckpoint: number;
  #measured = 0;
  #milliseconds = 0;

  constructor(totalSteps: number, doneSteps: number, checkpointEvery: number, now: () => number) {
    this.now = now;
    this.#totalSteps = totalSteps;
    this.#doneSteps = doneSteps;
    this.#checkpointEvery = checkpointEvery;
    this.#lastCheckpoint = now();
  }

  stepDone(milliseconds: number): void {
    this.#doneSteps++;
    this.#measured++;
    this.#milliseconds += milliseconds;
  }

  checkpointIsDue(): boolean {
    return this.now() - this.#lastCheckpoint >= this.#checkpointEvery;
  }

  checkpointWritten(): void {
    this.#lastCheckpoint = this.now();
  }

  /** Share of all steps done, and seconds the rest takes at the mean pace so far. */
  estimate(): { readonly done: number; readonly secondsLeft: number } {
    const left = Math.max(0, this.#totalSteps - this.#doneSteps);
    const pace = this.#measured === 0 ? 0 : this.#milliseconds / this.#measured;
    return { done: this.#doneSteps / Math.max(1, this.#totalSteps), secondsLeft: (left * pace) / 1000 };
  }
}
