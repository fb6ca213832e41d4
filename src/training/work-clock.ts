/** Counts the steps of the whole run and says what is left. It measures; no result depends on it. */
export class WorkClock {
  #totalSteps: number;
  readonly #checkpointEvery: number;
  #doneSteps: number;
  #lastCheckpoint: number;
  #first: { readonly time: number; readonly doneSteps: number } | null = null;

  /** @param checkpointEvery milliseconds between checkpoints within an epoch */
  constructor(totalSteps: number, doneSteps: number, checkpointEvery: number) {
    this.#totalSteps = totalSteps;
    this.#doneSteps = doneSteps;
    this.#checkpointEvery = checkpointEvery;
    this.#lastCheckpoint = this.now();
  }

  /** Milliseconds from some start. */
  now(): number {
    return performance.now();
  }

  stepDone(): void {
    this.#doneSteps++;
    this.#first ??= { time: this.now(), doneSteps: this.#doneSteps };
  }

  /** Steps that were planned and will not be taken. */
  skip(steps: number): void {
    this.#totalSteps -= steps;
  }

  /** After a pause, which is no work. */
  goOn(): void {
    this.#first = null;
    this.#lastCheckpoint = this.now();
  }

  checkpointIsDue(): boolean {
    return this.now() - this.#lastCheckpoint >= this.#checkpointEvery;
  }

  checkpointWritten(): void {
    this.#lastCheckpoint = this.now();
  }

  /** Share of all steps done, and seconds the rest takes at the pace so far, evaluation and all. */
  estimate(): { readonly done: number; readonly secondsLeft: number } {
    const left = Math.max(0, this.#totalSteps - this.#doneSteps);
    const steps = this.#first === null ? 0 : this.#doneSteps - this.#first.doneSteps;
    const pace = this.#first === null || steps === 0 ? 0 : (this.now() - this.#first.time) / steps;
    return { done: this.#doneSteps / Math.max(1, this.#totalSteps), secondsLeft: (left * pace) / 1000 };
  }
}
