import type { Experiment } from '../config/experiment.ts';
import type { Batch, Batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { describe } from '../models/describe.ts';
import { dropoutMasks } from '../models/dropout.ts';
import type { JsonNumber, PhaseResult } from '../protocol/records.ts';
import type { RunControl, RunWriter } from '../runs/writer.ts';
import { addToAverages, emptyAverages, forRecord, meansOf } from './averages.ts';
import { realSamples, trainingBatches } from './data.ts';
import { evaluate, predict, type Evaluation } from './evaluate.ts';
import {
  diverged,
  firstBadTensor,
  firstNonFinite,
  requireEffect,
  WATCHED_STEPS,
  type PartSigns,
} from './guards.ts';
import { toCheckpoint, type JobProgress } from './job-progress.ts';
import { modelName, type Job } from './jobs.ts';
import { isDue, recordGap, recordSimilarity } from './measurements.ts';
import type { PhaseProgram } from './phase-program.ts';
import { valueAt, type Moment } from './schedules.ts';
import type { TeacherAnswers } from './teacher-answers.ts';
import { termScalars, termWeight } from './terms.ts';
import type { WorkClock } from './work-clock.ts';

/** Records of the training loss in an epoch: enough for a curve, however long the epoch is. */
const RECORDS_PER_EPOCH = 20;

/** What the teacher of a phase says, fetched once for all seeds. */
export interface Teaching {
  readonly training: TeacherAnswers;
  readonly validation: TeacherAnswers;
  /** `[validation samples, classes]` */
  readonly validationLogits: Float32Array;
}

export interface JobContext {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly writer: RunWriter;
  readonly control: RunControl;
  readonly clock: WorkClock;
  readonly finished: readonly PhaseResult[];
}

export type JobOutcome =
  { readonly kind: 'finished'; readonly result: PhaseResult } | { readonly kind: 'stop' | 'pause' };

/** One phase under one seed: epochs of steps, each epoch measured on validation, the best weights kept. */
export class TrainingJob {
  readonly #context: JobContext;
  readonly #job: Job;
  readonly #index: number;
  readonly #program: PhaseProgram;
  readonly #teaching: Teaching | null;
  readonly #progress: JobProgress;
  readonly #batches: Batches;
  readonly #stepsPerEpoch: number;
  readonly #signs: Record<string, PartSigns>[] = [];

  constructor(
    context: JobContext,
    job: Job,
    index: number,
    program: PhaseProgram,
    teaching: Teaching | null,
    progress: JobProgress,
  ) {
    this.#context = context;
    this.#job = job;
    this.#index = index;
    this.#program = program;
    this.#teaching = teaching;
    this.#progress = progress;
    const { augment } = context.experiment.data;
    this.#batches = trainingBatches(context.dataset, program.sizes.train, job.seed, augment);
    this.#stepsPerEpoch = this.#batches.count;
  }

  async run(): Promise<JobOutcome> {
    const progress = this.#progress;
    while (progress.epoch < this.#job.phase.epochs) {
      const asked = await this.#trainEpoch();
      if (asked !== 'none') return { kind: asked };
      await this.#endEpoch();
    }
    return { kind: 'finished', result: await this.#finish() };
  }

  /** Steps of the epoch that are left, or until somebody asks to stop. */
  async #trainEpoch(): Promise<RunControl['request']> {
    const { control, clock } = this.#context;
    const progress = this.#progress;
    while (progress.stepInEpoch < this.#stepsPerEpoch) {
      if (control.request !== 'none') {
        await this.#writeCheckpoint();
        return control.request;
      }
      await this.#trainOn(this.#batches.batch(progress.epoch, progress.stepInEpoch));
      if (clock.checkpointIsDue()) await this.#writeCheckpoint();
    }
    return 'none';
  }

  async #trainOn(batch: Batch): Promise<void> {
    const { clock } = this.#context;
    const progress = this.#progress;
    const began = clock.now();
    const size = batch.count;
    const feeds = {
      ...realSamples(batch),
      ...(await this.#teaching?.training(batch)),
      ...this.#scalars(this.#moment(progress.step)),
      ...this.#masks(size),
    };
    const full = size === this.#program.sizes.train;
    if (full && this.#wantsShares()) await this.#measureShares(feeds);
    const fetched = await this.#program.run(full ? 'train' : 'trainLast', feeds);
    const values: Record<string, number> = {};
    for (const [name, value] of Object.entries(fetched)) values[name] = value[0] ?? NaN;
    const bad = firstNonFinite(values);
    if (bad !== null) throw diverged(this.#job, progress.step, await this.#culprit(bad));

    const { correct = 0, ...losses } = values;
    const means = { ...losses, accuracy: correct / size };
    addToAverages(progress.epochAverages, means, size);
    addToAverages(progress.recentAverages, means, size);
    progress.step++;
    progress.stepInEpoch++;
    const spent = clock.now() - began;
    progress.milliseconds += spent;
    clock.stepDone(spent);
    const every = Math.ceil(this.#stepsPerEpoch / RECORDS_PER_EPOCH);
    if (progress.stepInEpoch === this.#stepsPerEpoch) return;
    if (progress.stepInEpoch % every === 0) this.#recordTraining({});
  }

  /** Where a value that is not finite came from: the weights, where the step before spoiled them. */
  async #culprit(part: string): Promise<string> {
    const tensor = firstBadTensor(await this.#program.readModel(this.#program.plan.learner));
    const name =
      part === 'loss/ce'
        ? 'the cross-entropy'
        : part.startsWith('loss/')
          ? `the term "${part.slice(5)}"`
          : 'the loss';
    return tensor === null ? `${name} is not finite` : `the step before made "${tensor}" not finite`;
  }

  /** At the start of the job, to see that every term works, and once an epoch. */
  #wantsShares(): boolean {
    const { step, stepInEpoch } = this.#progress;
    return this.#teaching !== null && (stepInEpoch === 0 || step < WATCHED_STEPS);
  }

  /** Shares of the parts of the loss in the sum of the norms of their weighted gradients, 0..1. */
  async #measureShares(feeds: Parameters<PhaseProgram['run']>[1]): Promise<void> {
    const { terms, hardLabelWeight } = this.#program.plan;
    const { step } = this.#progress;
    const moment = this.#moment(step);
    const fetched = await this.#program.run('shares', feeds);
    const weights: Record<string, number> = { ce: valueAt(hardLabelWeight, moment) };
    for (const term of terms) weights[term.id] = termWeight(term, moment);
    const signs: Record<string, PartSigns> = {};
    const pulls: Record<string, number> = {};
    for (const [part, weight] of Object.entries(weights)) {
      const gradientNorm = fetched[`gradientNorm/${part}`]?.[0] ?? NaN;
      signs[part] = { value: fetched[`loss/${part}`]?.[0] ?? NaN, gradientNorm };
      pulls[part] = Math.abs(weight) * gradientNorm;
    }
    const sum = Object.values(pulls).reduce((total, pull) => total + pull, 0);
    this.#progress.gradientShares = Object.fromEntries(
      Object.entries(pulls).map(([part, pull]) => [`gradientShare/${part}`, sum === 0 ? 0 : pull / sum]),
    );
    if (step >= WATCHED_STEPS) return;
    for (const [part, { gradientNorm }] of Object.entries(signs)) {
      if (!Number.isFinite(gradientNorm))
        throw diverged(this.#job, step, `the gradient of "${part}" is not finite`);
    }
    this.#signs.push(signs);
    if (this.#signs.length === Math.min(WATCHED_STEPS, this.#stepsPerEpoch * this.#job.phase.epochs)) {
      requireEffect(
        this.#signs,
        terms.map((term) => term.id),
      );
    }
  }

  async #endEpoch(): Promise<void> {
    const { experiment, writer, dataset } = this.#context;
    const { phase } = this.#job;
    const progress = this.#progress;
    const { epoch } = progress;
    const { accuracy = NaN, loss = NaN } = meansOf(progress.epochAverages);
    this.#recordTraining({
      ...progress.gradientShares,
      epochLoss: loss,
      epochAccuracy: accuracy,
      ...this.#speed(),
    });
    if (dataset.splits.validation.count > 0) {
      const { logits, values } = await this.#validate();
      progress.lastValues = this.#record('validation', epoch, values);
      if (progress.best === null || (values['accuracy'] ?? 0) > progress.best.accuracy)
        await this.#keepBest(values);
      const measured = this.#teaching;
      if (measured !== null && isDue(experiment.measure.gap, epoch, phase.epochs)) {
        recordGap(writer, this.#job, epoch, dataset, measured.validationLogits, logits);
      }
      if (measured !== null && isDue(experiment.measure.similarity, epoch, phase.epochs)) {
        await recordSimilarity(writer, this.#job, epoch, dataset, this.#program);
      }
    }
    progress.epoch++;
    progress.stepInEpoch = 0;
    progress.epochAverages = emptyAverages();
    await this.#writeCheckpoint();
  }

  /** The learner on validation; `loss` is weighted as in the last step. */
  async #validate(): Promise<Evaluation> {
    const { dataset } = this.#context;
    if (this.#teaching === null) {
      const evaluation = await predict(this.#program, dataset, 'validation');
      return { ...evaluation, values: { ...evaluation.values, loss: evaluation.values['loss/ce'] ?? NaN } };
    }
    const moment = this.#moment(this.#progress.step - 1);
    const scalars = this.#scalars(moment);
    const { logits, values } = await evaluate(
      this.#program,
      dataset,
      'validation',
      this.#teaching.validation,
      scalars,
    );
    const { terms, hardLabelWeight } = this.#program.plan;
    let loss = valueAt(hardLabelWeight, moment) * (values['loss/ce'] ?? NaN);
    for (const term of terms) loss += termWeight(term, moment) * (values[`loss/${term.id}`] ?? NaN);
    return { logits, values: { ...values, loss } };
  }

  async #keepBest(values: Readonly<Record<string, number>>): Promise<void> {
    this.#progress.best = {
      epoch: this.#progress.epoch,
      accuracy: values['accuracy'] ?? 0,
      values: forRecord(values),
      tensors: await this.#program.readModel(this.#program.plan.learner),
    };
  }

  /** Keeps the best weights as the phase's model and reads the test split with them, this once. */
  async #finish(): Promise<PhaseResult> {
    const { dataset, writer } = this.#context;
    const { learner } = this.#program.plan;
    const progress = this.#progress;
    if (progress.best === null) {
      // Without a validation split there is nothing to choose by: the last weights are kept.
      progress.epoch--;
      await this.#keepBest({});
      progress.epoch++;
    }
    const best = progress.best as NonNullable<JobProgress['best']>;
    await this.#program.writeModel(learner, best.tensors);
    const own = Object.entries(best.tensors).filter(([name]) => !name.startsWith('term:'));
    writer.saveModel(modelName(this.#job), Object.fromEntries(own));
    const { values } = await predict(this.#program, dataset, 'test');
    const test = this.#record('test', best.epoch, { ...values, loss: values['loss/ce'] ?? NaN });
    const { parameters, multiplyAdds } = describe(learner.graph);
    return {
      phase: this.#job.phase.name,
      model: learner.model,
      seed: this.#job.seed,
      epochs: this.#job.phase.epochs,
      validation: best.values,
      test,
      bestEpoch: best.epoch,
      lastEpoch: this.#job.phase.epochs - 1,
      lastValidation: progress.lastValues,
      parameters,
      multiplyAdds,
      bytes: own.reduce((sum, [, { data: numbers }]) => sum + numbers.byteLength, 0),
      ...this.#pace(),
    };
  }

  async #writeCheckpoint(): Promise<void> {
    const { writer, clock, finished } = this.#context;
    const learner = await this.#program.readLearner();
    const bad = firstBadTensor(learner);
    // A checkpoint of broken weights would replace the last good one.
    if (bad !== null)
      throw diverged(this.#job, this.#progress.step, `the last step made "${bad}" not finite`);
    writer.checkpoint(
      toCheckpoint(this.#job, this.#index, writer.nextSeq, finished, this.#progress, learner),
    );
    clock.checkpointWritten();
    this.#tellProgress();
  }

  /** Means since the last record, and the learning rate of the last step. */
  #recordTraining(extra: Readonly<Record<string, number>>): void {
    const progress = this.#progress;
    const { learningRate } = this.#program.plan.optimizer;
    const means = meansOf(progress.recentAverages);
    progress.recentAverages = emptyAverages();
    const rate = valueAt(learningRate, this.#moment(progress.step - 1));
    this.#record('train', progress.epoch, { ...means, learningRate: rate, ...extra });
    this.#tellProgress();
  }

  #record(
    split: 'train' | 'validation' | 'test',
    epoch: number,
    numbers: Readonly<Record<string, number>>,
  ): Record<string, JsonNumber> {
    const values = forRecord(numbers);
    const { phase, seed } = this.#job;
    this.#context.writer.metrics({
      phase: phase.name,
      seed,
      epoch,
      step: this.#progress.step,
      split,
      values,
    });
    return values;
  }

  #tellProgress(): void {
    const { writer, clock } = this.#context;
    const { epoch, step } = this.#progress;
    const { phase, seed } = this.#job;
    writer.progress({ phase: phase.name, seed, epoch, epochs: phase.epochs, step, ...clock.estimate() });
  }

  #moment(step: number): Moment {
    return { step, stepsPerEpoch: this.#stepsPerEpoch };
  }

  #scalars(moment: Moment): Record<string, Float32Array> {
    const { optimizer, terms, hardLabelWeight } = this.#program.plan;
    const scalars: Record<string, number> = {
      learningRate: valueAt(optimizer.learningRate, moment),
      hardLabelWeight: valueAt(hardLabelWeight, moment),
      ...optimizer.scalars(moment.step),
    };
    for (const term of terms) Object.assign(scalars, termScalars(term, moment));
    return Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)]));
  }

  /** Drawn by model, not by instance: student and baseline of one seed drop the same activations. */
  #masks(batch: number): Record<string, Float32Array> {
    const { graph, model } = this.#program.plan.learner;
    const draw = { seed: this.#job.seed, instance: model, step: this.#progress.step };
    const masks = Object.entries(dropoutMasks(graph, batch, draw));
    return Object.fromEntries(masks.map(([path, mask]) => [`dropout/${path}`, mask]));
  }

  #pace(): { readonly millisecondsPerStep: number; readonly imagesPerSecond: number } {
    const { milliseconds, step } = this.#progress;
    const images = (step / this.#stepsPerEpoch) * this.#context.dataset.splits.train.count;
    return {
      millisecondsPerStep: milliseconds / Math.max(1, step),
      imagesPerSecond: milliseconds === 0 ? 0 : (images / milliseconds) * 1000,
    };
  }

  #speed(): Record<string, number> {
    return { ...this.#pace(), memoryMegabytes: process.memoryUsage.rss() / 2 ** 20 };
  }
}
