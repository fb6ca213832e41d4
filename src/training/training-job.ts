import type { Experiment } from '../config/experiment.ts';
import type { Batch, Batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { describe } from '../models/describe.ts';
import type { PhaseResult } from '../protocol/records.ts';
import type { RunControl, RunWriter } from '../runs/writer.ts';
import { addToAverages, emptyAverages, forRecord, meansOf } from './averages.ts';
import { realSamples, trainingBatches } from './data.ts';
import { Draws } from './draws.ts';
import { evaluate, predict, type Evaluation } from './evaluate.ts';
import { updatePosition } from './gradient-accumulation.ts';
import { measureShares, wantsShares } from './gradient-shares.ts';
import { diverged, firstBadTensor, firstNonFinite, partName } from './guards.ts';
import { toCheckpoint, type Best, type JobProgress } from './job-progress.ts';
import { JobRecords } from './job-records.ts';
import { modelName, type Job } from './jobs.ts';
import { isDue, recordGap, recordSimilarity } from './measurements.ts';
import type { PhaseProgram } from './phase-program.ts';
import { valueAt, type Moment } from './schedules.ts';
import { masksAt, partWeights, scalarsAt } from './step-feeds.ts';
import type { Teaching } from './teaching.ts';
import type { WorkClock } from './work-clock.ts';

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
  readonly #records: JobRecords;
  readonly #batches: Batches;
  readonly #draws: Draws;
  readonly #stepsPerEpoch: number;

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
    this.#records = new JobRecords(context.writer, context.clock, job, progress);
    const { augment } = context.experiment.data;
    this.#batches = trainingBatches(context.dataset, program.sizes.train, job.seed, augment);
    this.#stepsPerEpoch = this.#batches.count;
    this.#draws = new Draws(program.plan, context.dataset.splits.train.labels, job.seed);
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
      const { request } = control;
      if (request !== 'none') {
        await this.#writeCheckpoint();
        return request;
      }
      await this.#trainOn(this.#batches.batch(progress.epoch, progress.stepInEpoch));
      if (this.#records.isDue(this.#stepsPerEpoch)) this.#records.training(this.#learningRate(), {});
      if (clock.checkpointIsDue()) await this.#writeCheckpoint();
    }
    return 'none';
  }

  async #trainOn(batch: Batch): Promise<void> {
    const { clock } = this.#context;
    const { plan, sizes } = this.#program;
    const progress = this.#progress;
    const began = clock.now();
    const size = batch.count;
    const { update, firstStep, updates } = this.#position(progress.step);
    const moment = this.#moment(progress.step);
    const feeds = {
      ...realSamples(batch),
      ...(await this.#teaching?.training(batch)),
      ...scalarsAt(plan, moment, update),
      gradientSamples: Float32Array.of((progress.step - firstStep) * sizes.train + size),
      ...this.#draws.at(batch, 'training', progress.step),
      ...masksAt(plan, size, this.#job.seed, progress.step),
    };
    const full = size === sizes.train;
    if (this.#teaching !== null && full && wantsShares(progress)) {
      await measureShares(this.#program, this.#job, progress, moment, feeds);
    }
    const fetched = await this.#program.run(!updates ? 'accumulate' : full ? 'train' : 'trainLast', feeds);
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
    progress.milliseconds += clock.now() - began;
    clock.stepDone();
  }

  /** Where a value that is not finite came from: the weights, where the step before spoiled them. */
  async #culprit(part: string): Promise<string> {
    const tensor = firstBadTensor(await this.#program.readModel(this.#program.plan.learner));
    return tensor === null
      ? `${partName(part)} is not finite`
      : `the step before made "${tensor}" not finite`;
  }

  async #endEpoch(): Promise<void> {
    const { experiment, writer, dataset } = this.#context;
    const { phase } = this.#job;
    const progress = this.#progress;
    const { epoch } = progress;
    const { accuracy = NaN, loss = NaN } = meansOf(progress.epochAverages);
    this.#records.training(this.#learningRate(), {
      ...progress.gradientShares,
      epochLoss: loss,
      epochAccuracy: accuracy,
      ...this.#pace(),
      memoryMegabytes: process.memoryUsage.rss() / 2 ** 20,
    });
    if (dataset.splits.validation.count > 0) {
      const { logits, values } = await this.#validate();
      progress.lastValues = this.#records.write('validation', epoch, values);
      const { accuracy: reached = 0 } = values;
      if (progress.best === null || reached > progress.best.accuracy)
        progress.best = await this.#keep(epoch, values);
      if (this.#teaching !== null && isDue(experiment.measure.gap, epoch, phase.epochs)) {
        recordGap(writer, this.#job, epoch, dataset, this.#teaching.validationLogits, logits);
      }
      if (this.#teaching !== null && isDue(experiment.measure.similarity, epoch, phase.epochs)) {
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
    const { plan } = this.#program;
    const moment = this.#moment(this.#progress.step - 1);
    const teaching = this.#teaching;
    // The same draws in every epoch, so that its losses can be compared.
    const drawsAt = (batch: Batch) => this.#draws.at(batch, 'validation', batch.indices[0] ?? 0);
    const { logits, values } =
      teaching === null
        ? await predict(this.#program, dataset, 'validation')
        : await evaluate(
            this.#program,
            dataset,
            'validation',
            async (batch) => ({ ...(await teaching.validation(batch)), ...drawsAt(batch) }),
            scalarsAt(plan, moment),
          );
    let loss = 0;
    for (const [part, weight] of Object.entries(partWeights(plan, moment)))
      loss += weight * (values[`loss/${part}`] ?? NaN);
    return { logits, values: { ...values, loss } };
  }

  /** The weights as they are now, with what they reached on validation. */
  async #keep(epoch: number, values: Readonly<Record<string, number>>): Promise<Best> {
    const tensors = await this.#program.readEvaluated();
    return { epoch, accuracy: values['accuracy'] ?? 0, values: forRecord(values), tensors };
  }

  /** Keeps the best weights as the phase's model and reads the test split with them, this once. */
  async #finish(): Promise<PhaseResult> {
    const { dataset, writer } = this.#context;
    const { learner } = this.#program.plan;
    const lastEpoch = this.#job.phase.epochs - 1;
    // Without a validation split there is nothing to choose by: the last weights are kept.
    const best = this.#progress.best ?? (await this.#keep(lastEpoch, {}));
    await this.#program.writeEvaluated(best.tensors);
    const own = Object.entries(best.tensors).filter(([name]) => !name.startsWith('term:'));
    writer.saveModel(modelName(this.#job), Object.fromEntries(own));
    const { values } = await predict(this.#program, dataset, 'test');
    const test = this.#records.write('test', best.epoch, { ...values, loss: values['loss/ce'] ?? NaN });
    const { parameters, multiplyAdds } = describe(learner.graph);
    return {
      phase: this.#job.phase.name,
      model: learner.model,
      seed: this.#job.seed,
      epochs: this.#job.phase.epochs,
      validation: best.values,
      test,
      bestEpoch: best.epoch,
      lastEpoch,
      lastValidation: this.#progress.lastValues,
      parameters,
      multiplyAdds,
      bytes: own.reduce((sum, [, { data }]) => sum + data.byteLength, 0),
      ...this.#pace(),
    };
  }

  async #writeCheckpoint(): Promise<void> {
    const { writer, clock, finished } = this.#context;
    const progress = this.#progress;
    const learner = await this.#program.readLearner();
    const bad = firstBadTensor(learner);
    // A checkpoint of broken weights would replace the last good one.
    if (bad !== null) throw diverged(this.#job, progress.step, `the last step made "${bad}" not finite`);
    writer.checkpoint(toCheckpoint(this.#job, this.#index, writer.nextSeq, finished, progress, learner));
    clock.checkpointWritten();
    this.#records.progress();
  }

  #position(step: number) {
    return updatePosition(step, this.#stepsPerEpoch, this.#program.plan.settings.gradientAccumulation);
  }

  /** When the scalars of a step are taken: batches that move the weights together have the same. */
  #moment(step: number): Moment {
    return { step: this.#position(step).firstStep, stepsPerEpoch: this.#stepsPerEpoch };
  }

  /** Of the last step. */
  #learningRate(): number {
    return valueAt(this.#program.plan.optimizer.learningRate, this.#moment(this.#progress.step - 1));
  }

  #pace(): { readonly millisecondsPerStep: number; readonly imagesPerSecond: number } {
    const { milliseconds, step } = this.#progress;
    const images = (step / this.#stepsPerEpoch) * this.#context.dataset.splits.train.count;
    return {
      millisecondsPerStep: milliseconds / Math.max(1, step),
      imagesPerSecond: milliseconds === 0 ? 0 : (images / milliseconds) * 1000,
    };
  }
}
