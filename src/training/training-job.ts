import type { Experiment } from '../config/experiment.ts';
import type { Batch } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { describe } from '../models/describe.ts';
import type { JsonNumber, PhaseResult } from '../protocol/records.ts';
import type { RunControl, RunWriter } from '../runs/writer.ts';
import { addToAverages, emptyAverages, forRecord, meansOf } from './averages.ts';
import { Copies } from './copies.ts';
import { evaluate, predict, type Evaluation } from './evaluate.ts';
import { updatePosition } from './gradient-accumulation.ts';
import { isGeneratorsTurn } from './generator.ts';
import { measureShares, wantsShares } from './gradient-shares.ts';
import { diverged, firstBadTensor, firstNonFinite, partName } from './guards.ts';
import { keptTensors, withoutPeers } from './kept.ts';
import { toCheckpoint, type Best, type JobProgress } from './job-progress.ts';
import { JobRecords } from './job-records.ts';
import { modelName, type Job } from './jobs.ts';
import { isDue, recordGap, recordSimilarity } from './measurements.ts';
import { partOutput } from './objective.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { Learner } from './plan.ts';
import { valueAt, type Moment } from './schedules.ts';
import { StepData } from './step-data.ts';
import { evenShares, noiseAt, partWeights, scalarsAt } from './step-feeds.ts';
import { withPrefix } from './step-function.ts';
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
  /** The result of the learner that the phase is about first. */
  | { readonly kind: 'finished'; readonly results: readonly PhaseResult[] }
  | { readonly kind: 'stop' | 'pause' };

/** One phase under one seed: epochs of steps, each epoch measured on validation, the best weights kept. */
export class TrainingJob {
  readonly #context: JobContext;
  readonly #job: Job;
  readonly #index: number;
  readonly #program: PhaseProgram;
  readonly #teaching: Teaching | null;
  readonly #progress: JobProgress;
  readonly #records: JobRecords;
  readonly #data: StepData;
  readonly #copies: Copies;
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
    this.#data = new StepData(context.experiment, context.dataset, job, program, teaching);
    this.#stepsPerEpoch = this.#data.stepsPerEpoch;
    this.#copies = new Copies(program, progress);
  }

  async run(): Promise<JobOutcome> {
    const progress = this.#progress;
    while (progress.epoch < this.#job.phase.epochs) {
      const asked = await this.#trainEpoch();
      if (asked !== 'none') return { kind: asked };
      await this.#endEpoch();
    }
    return { kind: 'finished', results: await this.#finish() };
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
      if (this.#generatorsTurn) await this.#trainGenerator();
      else await this.#trainOn(this.#data.batch(progress.epoch, progress.stepInEpoch));
      if (this.#records.isDue(this.#stepsPerEpoch)) this.#records.training(this.#learningRate(), {});
      if (clock.checkpointIsDue()) await this.#writeCheckpoint();
    }
    return 'none';
  }

  get #generatorsTurn(): boolean {
    const { generator } = this.#program.plan;
    return generator !== null && isGeneratorsTurn(generator, this.#progress.step);
  }

  async #trainGenerator(): Promise<void> {
    const { clock } = this.#context;
    const { plan, sizes } = this.#program;
    const progress = this.#progress;
    const began = clock.now();
    const fetched = await this.#program.run('generate', {
      ...scalarsAt(plan, this.#moment(progress.step)),
      ...noiseAt(plan, sizes.train, this.#job.seed, progress.step),
    });
    const loss = fetched['generator/loss']?.[0] ?? NaN;
    if (!Number.isFinite(loss))
      throw diverged(this.#job, progress.step, 'the loss of the generator is not finite');
    progress.generatorLoss = loss;
    this.#stepDone(began);
  }

  #stepDone(began: number): void {
    const { clock } = this.#context;
    const progress = this.#progress;
    progress.step++;
    progress.stepInEpoch++;
    progress.milliseconds += clock.now() - began;
    clock.stepDone();
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
      ...(await this.#data.training(batch, progress)),
      ...scalarsAt(plan, moment, {
        update,
        rate: this.#rateMoment(moment),
        copiesSpeak: this.#copies.speak,
      }),
      gradientSamples: Float32Array.of((progress.step - firstStep) * sizes.train + size),
    };
    const full = size === sizes.train;
    if (plan.phase.loss === 'distill' && plan.generator === null && full && wantsShares(progress)) {
      await measureShares(this.#program, this.#job, progress, moment, feeds, this.#copies.speak);
    }
    const fetched = await this.#program.run(!updates ? 'accumulate' : full ? 'train' : 'trainLast', feeds);
    const values: Record<string, number> = {};
    for (const [name, value] of Object.entries(fetched)) values[name] = value[0] ?? NaN;
    const bad = firstNonFinite(values);
    if (bad !== null) throw diverged(this.#job, progress.step, await this.#culprit(bad));

    const means: Record<string, number> = {};
    for (const [name, value] of Object.entries(values)) {
      if (name.endsWith('correct')) means[name.replace(/correct$/, 'accuracy')] = value / size;
      else means[name] = value;
    }
    addToAverages(progress.epochAverages, means, size);
    addToAverages(progress.recentAverages, means, size);
    this.#stepDone(began);
    await this.#copies.afterStep();
  }

  /** Where a value that is not finite came from: the weights, where the step before spoiled them. */
  async #culprit(part: string): Promise<string> {
    const tensor = firstBadTensor(await this.#program.readState());
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
      ...(progress.generatorLoss === null ? {} : { 'generator/loss': progress.generatorLoss }),
      epochLoss: loss,
      epochAccuracy: accuracy,
      ...this.#pace(),
      memoryMegabytes: process.memoryUsage.rss() / 2 ** 20,
    });
    if (dataset.splits.validation.count > 0) {
      const { logits, values } = await this.#validate();
      progress.lastValues = this.#records.write('validation', epoch, values);
      const improved = await this.#keepBest(epoch, values);
      await this.#copies.afterEpoch(improved);
      const said = this.#teaching?.validationLogits ?? null;
      if (said !== null && isDue(experiment.measure.gap, epoch, phase.epochs)) {
        recordGap(writer, this.#job, epoch, dataset, said, logits);
      }
      if (said !== null && isDue(experiment.measure.similarity, epoch, phase.epochs)) {
        await recordSimilarity(writer, this.#job, epoch, dataset, this.#program);
      }
    } else await this.#copies.afterEpoch(true);
    progress.epoch++;
    progress.stepInEpoch = 0;
    progress.epochAverages = emptyAverages();
    await this.#writeCheckpoint();
  }

  /** The learners on validation; `loss` of each is weighted as in the last step. */
  async #validate(): Promise<Evaluation> {
    const { dataset } = this.#context;
    const { plan } = this.#program;
    const moment = this.#moment(this.#progress.step - 1);
    const copiesSpeak = this.#copies.speak;
    const scalars = scalarsAt(plan, moment, { copiesSpeak });
    const { logits, values } =
      plan.phase.loss === 'task'
        ? await predict(this.#program, dataset, 'validation', plan.learner)
        : await evaluate(this.#program, dataset, 'validation', (batch) => this.#data.validation(batch), {
            ...scalars,
            ...evenShares(plan),
          });
    for (const learner of plan.learners) {
      let loss = 0;
      for (const [part, weight] of Object.entries(partWeights(plan, learner, moment, copiesSpeak)))
        loss += weight * (values[partOutput(learner, part)] ?? NaN);
      values[`${learner.prefix}loss`] = loss;
    }
    return { logits, values };
  }

  /** Keeps what did better than ever before; true where the first learner did. */
  async #keepBest(epoch: number, values: Readonly<Record<string, number>>): Promise<boolean> {
    const progress = this.#progress;
    const { learner: first, learners } = this.#program.plan;
    let improved = false;
    for (const learner of learners) {
      const reached = values[`${learner.prefix}accuracy`] ?? 0;
      const before = progress.best[learner.instance];
      if (before !== undefined && reached <= before.accuracy) continue;
      progress.best = { ...progress.best, [learner.instance]: await this.#keep(learner, epoch, values) };
      improved ||= learner === first;
    }
    return improved;
  }

  /** The weights as they are now, with what they reached on validation. */
  async #keep(learner: Learner, epoch: number, values: Readonly<Record<string, number>>): Promise<Best> {
    const tensors = await this.#program.readEvaluated(learner);
    const { prefix } = learner;
    const own = prefix === '' ? values : withPrefix(values, prefix);
    return { epoch, accuracy: own['accuracy'] ?? 0, values: forRecord(own), tensors };
  }

  /** Keeps the best weights of each learner and reads the test split with them, this once. */
  async #finish(): Promise<readonly PhaseResult[]> {
    const { plan } = this.#program;
    const lastEpoch = this.#job.phase.epochs - 1;
    const finished: { learner: Learner; best: Best }[] = [];
    for (const learner of plan.learners) {
      // Without a validation split there is nothing to choose by: the last weights are kept.
      const best = this.#progress.best[learner.instance] ?? (await this.#keep(learner, lastEpoch, {}));
      finished.push({ learner, best });
    }
    const values: Record<string, number> = {};
    for (const { learner, best } of finished) Object.assign(values, await this.#test(learner, best));
    const test = this.#records.write('test', finished[0]?.best.epoch ?? lastEpoch, values);
    return finished.map(({ learner, best }) => this.#resultOf(learner, best, test));
  }

  async #test(learner: Learner, best: Best): Promise<Record<string, number>> {
    const { dataset, writer } = this.#context;
    const { plan } = this.#program;
    await this.#program.writeEvaluated(learner, best.tensors);
    writer.saveModel(modelName(this.#job, learner), keptTensors(learner, best.tensors));
    const scalars = scalarsAt(plan, this.#moment(this.#progress.step - 1));
    const { values } = await predict(this.#program, dataset, 'test', learner, scalars);
    return { ...values, [`${learner.prefix}loss`]: values[`${learner.prefix}loss/ce`] ?? NaN };
  }

  #resultOf(learner: Learner, best: Best, test: Readonly<Record<string, JsonNumber>>): PhaseResult {
    const { prefix, kept, model, instance } = learner;
    const { phase, seed } = this.#job;
    const own = prefix === '' ? withoutPeers(test, this.#program.plan.learners) : withPrefix(test, prefix);
    const { parameters, multiplyAdds } = describe(kept);
    return {
      phase: prefix === '' ? phase.name : instance,
      model,
      seed,
      epochs: phase.epochs,
      validation: best.values,
      test: own,
      bestEpoch: best.epoch,
      lastEpoch: phase.epochs - 1,
      lastValidation:
        prefix === '' ? this.#progress.lastValues : withPrefix(this.#progress.lastValues, prefix),
      parameters,
      multiplyAdds,
      bytes: Object.values(keptTensors(learner, best.tensors)).reduce(
        (sum, { data }) => sum + data.byteLength,
        0,
      ),
      ...this.#pace(),
    };
  }

  async #writeCheckpoint(): Promise<void> {
    const { writer, clock, finished } = this.#context;
    const progress = this.#progress;
    const state = await this.#program.readState();
    const bad = firstBadTensor(state);
    // A checkpoint of broken weights would replace the last good one.
    if (bad !== null) throw diverged(this.#job, progress.step, `the last step made "${bad}" not finite`);
    writer.checkpoint(toCheckpoint(this.#job, this.#index, writer.nextSeq, finished, progress, state));
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

  /** When the learning rate is taken: it may begin anew in cycles. */
  #rateMoment(moment: Moment): Moment {
    const { cycleEpochs } = this.#job.phase;
    if (cycleEpochs === undefined) return moment;
    return { ...moment, step: moment.step % (cycleEpochs * this.#stepsPerEpoch) };
  }

  /** Of the last step. */
  #learningRate(): number {
    const moment = this.#rateMoment(this.#moment(this.#progress.step - 1));
    return valueAt(this.#program.plan.optimizer.learningRate, moment);
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
