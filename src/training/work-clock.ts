import type { CheckpointSettings } from '../config/experiment.ts';

/** Milliseconds in a minute. */
const MINUTE = 60_000;

/** What a run has taken so far, since its engine started and without pauses. */
export interface Spent {
  readonly seconds: number;
  readonly checkpoints: number;
  readonly checkpointSeconds: number;
}

/** Counts the steps of the whole run and says what is left. It measures; no result depends on it. */
export class WorkClock {
  #totalSteps: number;
  readonly #checkpoints: Pick<CheckpointSettings, 'every' | 'share'>;
  #doneSteps: number;
  #lastCheckpoint: number;
  /** When the run would have begun, had it never paused. */
  #began: number;
  #written = 0;
  /** Milliseconds that all checkpoints took, and the last one. */
  #cost = { all: 0, last: 0 };
  #first: { readonly time: number; readonly doneSteps: number } | null = null;

  constructor(
    totalSteps: number,
    doneSteps: number,
    checkpoints: Pick<CheckpointSettings, 'every' | 'share'>,
  ) {
    this.#totalSteps = totalSteps;
    this.#doneSteps = doneSteps;
    this.#checkpoints = checkpoints;
    this.#began = this.now();
    this.#lastCheckpoint = this.#began;
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

  /** After a pause, which is no work. @param paused when it began */
  goOn(paused: number): void {
    const now = this.now();
    this.#first = null;
    this.#lastCheckpoint = now;
    this.#began += now - paused;
  }

  /** Whether it is time for a checkpoint within an epoch. */
  checkpointIsDue(): boolean {
    const { minutes } = this.#checkpoints.every;
    return this.now() - this.#lastCheckpoint >= minutes * MINUTE && this.#hasRoom();
  }

  /** Whether it is time for one after so many epochs of a job. */
  epochCheckpointIsDue(epochs: number): boolean {
    return epochs % this.#checkpoints.every.epochs === 0 && this.#hasRoom();
  }

  /** One more like the last would stay within its share of the time so far: `all + last <= share * time`. */
  #hasRoom(): boolean {
    const { share } = this.#checkpoints;
    const { all, last } = this.#cost;
    return share === 1 || all + last <= share * (this.now() - this.#began);
  }

  /** @param began when its state was first read */
  checkpointWritten(began: number): void {
    this.#lastCheckpoint = this.now();
    const last = this.#lastCheckpoint - began;
    this.#cost = { all: this.#cost.all, last };
    this.checkpointBetween(began);
  }

  /** Of one between two jobs, which holds no state and says nothing of what the next one takes. */
  checkpointBetween(began: number): void {
    this.#written++;
    this.#cost = { ...this.#cost, all: this.#cost.all + this.now() - began };
  }

  spent(): Spent {
    return {
      seconds: (this.now() - this.#began) / 1000,
      checkpoints: this.#written,
      checkpointSeconds: this.#cost.all / 1000,
    };
  }

  /** Share of all steps done, and seconds the rest takes at the pace so far, evaluation and all. */
  estimate(): { readonly done: number; readonly secondsLeft: number } {
    const left = Math.max(0, this.#totalSteps - this.#doneSteps);
    const steps = this.#first === null ? 0 : this.#doneSteps - this.#first.doneSteps;
    const pace = this.#first === null || steps === 0 ? 0 : (this.now() - this.#first.time) / steps;
    return { done: this.#doneSteps / Math.max(1, this.#totalSteps), secondsLeft: (left * pace) / 1000 };
  }
}
