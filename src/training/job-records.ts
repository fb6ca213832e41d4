import type { JsonNumber, Split } from '../protocol/records.ts';
import type { RunWriter } from '../runs/writer.ts';
import { emptyAverages, forRecord, meansOf } from './averages.ts';
import type { JobProgress } from './job-progress.ts';
import type { Job } from './jobs.ts';
import type { WorkClock } from './work-clock.ts';

/** Records of the training loss in an epoch: enough for a curve, however long the epoch is. */
const RECORDS_PER_EPOCH = 20;

/** Writes what a job measures into the run. */
export class JobRecords {
  readonly #writer: RunWriter;
  readonly #clock: WorkClock;
  readonly #job: Job;
  readonly #progress: JobProgress;

  constructor(writer: RunWriter, clock: WorkClock, job: Job, progress: JobProgress) {
    this.#writer = writer;
    this.#clock = clock;
    this.#job = job;
    this.#progress = progress;
  }

  /** Whether the training loss is recorded after the step just done; the last step of an epoch has a record of its own. */
  isDue(stepsPerEpoch: number): boolean {
    const { stepInEpoch } = this.#progress;
    return stepInEpoch < stepsPerEpoch && stepInEpoch % Math.ceil(stepsPerEpoch / RECORDS_PER_EPOCH) === 0;
  }

  /** Means since the last record of training, the learning rate of the last step, and what else there is to say. */
  training(learningRate: number, extra: Readonly<Record<string, number>>): void {
    const means = meansOf(this.#progress.recentAverages);
    this.#progress.recentAverages = emptyAverages();
    this.write('train', this.#progress.epoch, { ...means, learningRate, ...extra });
    this.progress();
  }

  write(split: Split, epoch: number, numbers: Readonly<Record<string, number>>): Record<string, JsonNumber> {
    const values = forRecord(numbers);
    const { phase, seed } = this.#job;
    this.#writer.metrics({ phase: phase.name, seed, epoch, step: this.#progress.step, split, values });
    return values;
  }

  progress(): void {
    const { phase, seed } = this.#job;
    const { epoch, step } = this.#progress;
    const spent = this.#clock.spent();
    const left = this.#clock.estimate();
    this.#writer.progress({ phase: phase.name, seed, epoch, epochs: phase.epochs, step, ...left, spent });
  }
}
