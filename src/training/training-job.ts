import type { Experiment } from '../config/experiment.ts';
import type { Batch } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import { widthsOf } from '../models/pruning.ts';
import { gateLevels } from '../models/gates.ts';
import type { PhaseResult } from '../protocol/records.ts';
import type { RunControl, RunWriter } from '../runs/writer.ts';
import { addToAverages, emptyAverages, meansOf } from './averages.ts';
import { Copies } from './copies.ts';
import { cutSilentNeurons } from './cut.ts';
import { updatePosition } from './gradient-accumulation.ts';
import { measureShares, wantsShares } from './gradient-shares.ts';
import { diverged, firstBadTensor, firstNonFinite, partName } from './guards.ts';
import { toCheckpoint, type JobProgress } from './job-progress.ts';
import { recordGates } from './gates.ts';
import { finishJob, keepAhead } from './job-ending.ts';
import { JobRecords } from './job-records.ts';
import { JobValidation } from './job-validation.ts';
import type { Job } from './jobs.ts';
import { JobGap } from './gap/job-gap.ts';
import { LayerProbe } from './layer-probe.ts';
import { isDrawn } from './lesson-look.ts';
import type { NamedTensors, PhaseProgram } from './phase-program.ts';
import { recordPictures } from './pictures.ts';
import { valueAt, type Moment } from './schedules.ts';
import { StepData } from './step-data.ts';
import { changingWeights, noiseAt, scalarsAt } from './step-feeds.ts';
import { searchSteps, turnAt, turnGraph, type SearchTurn, type TurnPosition } from './turns.ts';
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
  /** Neurons were removed: the job goes on with a smaller model, from this state. */
  | { readonly kind: 'cut'; readonly state: NamedTensors }
  | { readonly kind: 'stop' };

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
  readonly #validation: JobValidation;
  readonly #layers: LayerProbe;
  /** Null where nobody finished teaches. */
  readonly #gap: JobGap | null;
  readonly #stepsPerEpoch: number;
  /** Milliseconds of steps that were taken before this engine started. */
  readonly #resumedAt: number;
  /** When the steps of this epoch began, or went on: milliseconds of waiting for a book, and of steps. */
  #epochBegan = { waited: 0, milliseconds: 0 };

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
    this.#resumedAt = progress.milliseconds;
    this.#records = new JobRecords(context.writer, context.clock, job, progress);
    this.#data = new StepData(context.experiment, context.dataset, job, program, teaching);
    this.#stepsPerEpoch = this.#data.stepsPerEpoch;
    this.#copies = new Copies(program, progress);
    this.#validation = new JobValidation(program, context.dataset, this.#data, this.#copies, progress);
    this.#layers = new LayerProbe(context, job, program);
    const { experiment, dataset, writer } = context;
    const teacherLogits = teaching?.validationLogits ?? null;
    this.#gap =
      teacherLogits === null || dataset.splits.validation.count === 0
        ? null
        : new JobGap({ experiment, dataset, writer, job, program, progress, teacherLogits });
  }

  async run(): Promise<JobOutcome> {
    // Nothing moves: what it goes on from is measured and kept.
    if (this.#job.phase.epochs === 0) await this.#measure(0);
    while (!this.#isOver) {
      if (await this.#trainEpoch()) return { kind: 'stop' };
      const state = await this.#cut();
      if (state !== null) return { kind: 'cut', state };
      await this.#endEpoch();
    }
    this.#tellOfEarlyStop();
    return { kind: 'finished', results: await this.#finish() };
  }

  /** Whether all epochs are done, or validation has stopped improving. */
  get #isOver(): boolean {
    return this.#progress.epoch >= this.#job.phase.epochs || this.#validation.hasStalled;
  }

  #tellOfEarlyStop(): void {
    const { phase, seed } = this.#job;
    const { epoch } = this.#progress;
    const { earlyStopping } = this.#program.plan.settings;
    if (epoch >= phase.epochs || earlyStopping === undefined) return;
    const { by, patience, minimumGain } = earlyStopping;
    const gain = minimumGain === 0 ? '' : ` by more than ${minimumGain}`;
    const message = `${phase.name}, seed ${seed}: stopped after ${epoch} of ${phase.epochs} epochs; ${by} on validation did not improve${gain} for ${patience + 1} epochs.`;
    this.#context.writer.event({ kind: 'note', message, phase: phase.name, seed, epoch: epoch - 1 });
    this.#context.clock.skip((phase.epochs - epoch) * this.#stepsPerEpoch);
    this.#records.progress();
  }

  /** Steps of the epoch that are left. True where somebody asked to stop before its end; a pause is waited for. */
  async #trainEpoch(): Promise<boolean> {
    const { control, clock } = this.#context;
    const progress = this.#progress;
    this.#epochBegan = { waited: this.#waited(), milliseconds: progress.milliseconds };
    while (progress.stepInEpoch < this.#stepsPerEpoch) {
      const { request } = control;
      if (request !== 'none') {
        await this.#writeCheckpoint();
        if (request === 'stop') return true;
        const paused = clock.now();
        await control.untilResumed();
        clock.goOn(paused);
        continue;
      }
      if (turnAt(this.#program.plan.turns, progress.step).turn.generator) await this.#trainGenerator();
      else await this.#trainOn(this.#data.batch(progress.epoch, progress.stepInEpoch));
      if (this.#records.isDue(this.#stepsPerEpoch))
        this.#records.training(this.#learningRate(), this.#weights());
      if (clock.checkpointIsDue()) await this.#writeCheckpoint();
    }
    return false;
  }

  async #trainGenerator(): Promise<void> {
    const { clock } = this.#context;
    const { plan, sizes } = this.#program;
    const progress = this.#progress;
    const began = clock.now();
    const fetched = await this.#program.run('generate', {
      ...scalarsAt(plan, this.#moment(progress.step), {
        besideUpdate: turnAt(plan.turns, progress.step).before,
      }),
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
    const position = turnAt(plan.turns, progress.step);
    const { index: turn, before } = position;
    const moment = this.#moment(progress.step);
    const feeds = {
      ...(await this.#data.training(batch, progress)),
      ...scalarsAt(plan, moment, {
        ...(plan.turns.length === 1 ? { update } : { update: before, besideUpdate: before }),
        rate: this.#rateMoment(moment),
        copiesSpeak: this.#copies.speak,
      }),
      gradientSamples: Float32Array.of((progress.step - firstStep) * sizes.train + size),
    };
    const full = size === sizes.train;
    if (plan.phase.loss === 'distill' && plan.generator === null && full && wantsShares(progress)) {
      await measureShares(
        this.#context.writer,
        this.#program,
        this.#job,
        progress,
        moment,
        feeds,
        this.#copies.speak,
      );
    }
    const kind = !updates ? 'accumulate' : full ? 'train' : 'trainLast';
    const fetched = await this.#program.run(turnGraph(plan.turns, turn, kind), feeds);
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
    for (const search of plan.searches) await this.#search(search, position, moment);
    this.#stepDone(began);
    await this.#copies.afterStep();
  }

  /** The steps on validation samples that follow a step of training, as one with it: a checkpoint never comes between. */
  async #search(search: SearchTurn, position: TurnPosition, moment: Moment): Promise<void> {
    const progress = this.#progress;
    for (const step of searchSteps(search, position, progress.epoch)) {
      const feeds = await this.#data.search(step);
      const fetched = await this.#program.run(search.graph, {
        ...feeds,
        ...scalarsAt(this.#program.plan, moment, { besideUpdate: step, copiesSpeak: this.#copies.speak }),
      });
      const values = Object.fromEntries(
        Object.entries(fetched).map(([name, value]) => [name, value[0] ?? NaN] as const),
      );
      const bad = firstNonFinite(values);
      if (bad !== null) throw diverged(this.#job, progress.step, await this.#culprit(bad));
      progress.searched = values;
    }
  }

  /** Where a value that is not finite came from: the weights, where the step before spoiled them. */
  async #culprit(part: string): Promise<string> {
    const tensor = firstBadTensor(await this.#program.readState());
    return tensor === null
      ? `${partName(part)} is not finite`
      : `the step before made "${tensor}" not finite`;
  }

  /** At the end of an epoch, before it is validated: the state without neurons that fell silent; null where none did. */
  #cut(): Promise<NamedTensors | null> {
    const { writer, dataset } = this.#context;
    const [program, job, progress] = [this.#program, this.#job, this.#progress];
    return cutSilentNeurons({ program, dataset, writer, job, progress });
  }

  /** Neurons of each layer that may lose some. */
  #widths(): Readonly<Record<string, number>> {
    const widths = widthsOf(this.#program.plan.learner.graph);
    return Object.fromEntries(Object.entries(widths).map(([layer, width]) => [`width/${layer}`, width]));
  }

  /** Of the parts of the loss, at the last step. */
  #weights(): Readonly<Record<string, number>> {
    return changingWeights(this.#program.plan, this.#lastMoment(), this.#copies.speak);
  }

  async #endEpoch(): Promise<void> {
    const progress = this.#progress;
    const { epoch } = progress;
    const { accuracy = NaN, loss = NaN } = meansOf(progress.epochAverages);
    this.#records.training(this.#learningRate(), {
      ...progress.gradientShares,
      ...(progress.generatorLoss === null ? {} : { 'generator/loss': progress.generatorLoss }),
      ...progress.searched,
      epochLoss: loss,
      ...(Number.isNaN(accuracy) ? {} : { epochAccuracy: accuracy }),
      ...this.#widths(),
      ...this.#weights(),
      ...this.#pace(),
      ...this.#bookWait(),
      memoryMegabytes: process.memoryUsage.rss() / 2 ** 20,
    });
    await this.#measure(epoch);
    progress.epoch++;
    progress.stepInEpoch = 0;
    progress.epochAverages = emptyAverages();
    const { clock } = this.#context;
    if (this.#isOver || clock.epochCheckpointIsDue(progress.epoch)) await this.#writeCheckpoint();
  }

  /** The learners on validation, and how near they are to who teaches. */
  async #measure(epoch: number): Promise<void> {
    const { dataset, writer } = this.#context;
    const { phase } = this.#job;
    const [progress, program] = [this.#progress, this.#program];
    if (phase.loss === 'ahead') return;
    if (dataset.splits.validation.count > 0) {
      const { logits, values } = await this.#validation.measure(this.#lastMoment());
      const epochs = this.#validation.stallsWith(values) ? epoch + 1 : phase.epochs;
      if (this.#gap !== null) {
        Object.assign(
          values,
          await this.#layers.compareAfter(epoch, epochs),
          this.#gap.afterEpoch(epoch, epochs, logits),
        );
      }
      if (gateLevels(program.plan.learner.graph).length > 0) {
        const tensors = await program.readEvaluated(program.plan.learner);
        Object.assign(values, await recordGates(writer, this.#job, epoch, dataset, program, tensors));
      }
      progress.lastValues = this.#records.write('validation', epoch, values);
      const improved = await this.#validation.keepBest(epoch, values);
      await this.#copies.afterEpoch(improved);
      if (isDrawn(epoch, epochs)) {
        const scalars = scalarsAt(program.plan, this.#lastMoment());
        const answers = async (batch: Batch) => ({ ...scalars, ...(await this.#data.validation(batch)) });
        await recordPictures({ writer, job: this.#job, epoch, program }, dataset, answers);
      }
      await this.#gap?.look(epoch, epochs);
    } else await this.#copies.afterEpoch(true);
  }

  #finish(): Promise<readonly PhaseResult[]> {
    if (this.#job.phase.loss === 'ahead') return keepAhead(this.#job, this.#program, this.#context.writer);
    this.#layers.finish(this.#progress.milliseconds - this.#resumedAt);
    const { dataset, writer, experiment } = this.#context;
    const { uncertainty } = experiment.measure;
    const [job, program, progress, records] = [this.#job, this.#program, this.#progress, this.#records];
    const scalars = scalarsAt(program.plan, this.#lastMoment());
    const [validation, pace] = [this.#validation, this.#pace()];
    const gap = this.#gap;
    const measured = uncertainty === undefined ? {} : { uncertainty };
    return finishJob({
      ...{ dataset, writer, job, program, progress, records, validation, gap, scalars, pace },
      ...measured,
    });
  }

  async #writeCheckpoint(): Promise<void> {
    const { writer, clock, finished } = this.#context;
    const progress = this.#progress;
    const began = clock.now();
    const state = await this.#program.readState();
    const bad = firstBadTensor(state);
    // A checkpoint of broken weights would replace the last good one.
    if (bad !== null) throw diverged(this.#job, progress.step, `the last step made "${bad}" not finite`);
    writer.checkpoint(toCheckpoint(this.#job, this.#index, writer.nextSeq, finished, progress, state));
    clock.checkpointWritten(began);
    this.#records.progress();
  }

  #position(step: number) {
    return updatePosition(step, this.#stepsPerEpoch, this.#program.plan.settings.gradientAccumulation);
  }

  /** When the scalars of a step are taken: batches that move the weights together have the same. */
  #moment(step: number): Moment {
    return {
      step: this.#position(step).firstStep,
      stepsPerEpoch: this.#stepsPerEpoch,
      history: this.#progress.history,
    };
  }

  /** Of the last step. */
  #lastMoment(): Moment {
    return this.#moment(Math.max(0, this.#progress.step - 1));
  }

  /** When the learning rate is taken: it may begin anew in cycles. */
  #rateMoment(moment: Moment): Moment {
    const { cycleEpochs } = this.#job.phase;
    if (cycleEpochs === undefined) return moment;
    return { ...moment, step: moment.step % (cycleEpochs * this.#stepsPerEpoch) };
  }

  /** Of the last step. */
  #learningRate(): number {
    const moment = this.#rateMoment(this.#lastMoment());
    return valueAt(this.#program.plan.optimizer.learningRate, moment);
  }

  #waited(): number {
    return this.#teaching?.book?.waited() ?? 0;
  }

  /** Share of an epoch's steps that was spent waiting for a book. */
  #bookWait(): { readonly bookWaitShare?: number } {
    if ((this.#teaching?.book ?? null) === null) return {};
    const { waited, milliseconds } = this.#epochBegan;
    const steps = this.#progress.milliseconds - milliseconds;
    return { bookWaitShare: steps === 0 ? 0 : (this.#waited() - waited) / steps };
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
