import type { NumericArray } from '../../compiler/graph.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { Batch } from '../../data/batches.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Executor, Feeds } from '../../executors/executor.ts';
import type { Phase } from '../../schemes/phase.ts';
import { realSamples, strongBatches, trainingBatches } from '../data.ts';
import { Draws } from '../draws.ts';
import { hardLabelFeeds } from '../hard-labels.ts';
import { dataOfPhase } from '../phase-data.ts';
import { answersGraph } from '../phase-program.ts';
import { planPhase, type PhasePlan } from '../plan.ts';
import { answerSize, lossSpecs } from '../specs.ts';
import { chanceAt, evenShares, noiseAt, scalarsAt } from '../step-feeds.ts';
import { answersStep, type Step } from '../steps.ts';
import { asStrong } from '../strong-view.ts';
import { alwaysNew, areAnswersStored } from '../teacher-answers.ts';
import { trainStep } from '../train-step.ts';
import { LoadedStep } from './loaded-step.ts';

export interface ProfileOptions {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly executor: Executor;
  /** How often each step is measured. */
  readonly runs: number;
}

/** Runs that do not count: the first ones reserve memory. */
export const WARM_UP = 3;

/** A phase whose training step can be taken again and again, for its first batch, and how long that takes. */
export class OpenPhase {
  readonly phase: Phase;
  readonly plan: PhasePlan;
  readonly batch: number;
  readonly dataset: Dataset;
  /** The step of training, and what each teacher answers, by the names of their graphs. */
  readonly steps = new Map<string, LoadedStep>();
  readonly #options: ProfileOptions;

  private constructor(phase: Phase, options: ProfileOptions) {
    this.#options = options;
    this.phase = phase;
    this.dataset = dataOfPhase(options.experiment, phase, options.dataset);
    this.plan = planPhase(options.experiment, phase, this.count);
    this.batch = Math.min(this.plan.settings.batchSize, this.count);
  }

  static async open(phase: Phase, options: ProfileOptions): Promise<OpenPhase> {
    const open = new OpenPhase(phase, options);
    try {
      for (const teacher of open.plan.teachers)
        await open.load(answersGraph(teacher), open.plan, (plan, batch) => answersStep(plan, teacher, batch));
      await open.load('train', open.plan, trainStep);
    } catch (error) {
      await open.dispose();
      throw error;
    }
    return open;
  }

  /** Samples to train with. */
  get count(): number {
    return this.dataset.splits.train.count;
  }

  get train(): LoadedStep {
    const step = this.steps.get('train');
    if (step === undefined) throw new Error(`${this.phase.name} is not open`);
    return step;
  }

  /** Teachers answer once before training, or their answers lie in a book. */
  get hasStoredAnswers(): boolean {
    const { plan } = this;
    const { experiment } = this.#options;
    const said = plan.teachers.reduce((sum, teacher) => sum + answerSize(plan, teacher), 0);
    return (
      plan.teachers.length > 0 &&
      (plan.fromBook || areAnswersStored(said, this.count, alwaysNew(experiment.data, plan.settings)))
    );
  }

  /** What a step of training consists of: that of the learners, and the answers of teachers that are live. */
  get whole(): readonly LoadedStep[] {
    const answering = this.plan.teachers.map((teacher) => this.steps.get(answersGraph(teacher)));
    return [...(this.hasStoredAnswers ? [] : answering.flatMap((step) => step ?? [])), this.train];
  }

  /** One more step to measure, of this phase or of one planned otherwise. */
  async load(
    name: string,
    plan: PhasePlan,
    step: (plan: PhasePlan, batch: number) => Step,
  ): Promise<LoadedStep> {
    const { experiment, executor } = this.#options;
    const loaded = await LoadedStep.load(
      `${this.phase.name}/${name}`,
      step(plan, this.batch),
      plan,
      experiment.train.seed,
      executor,
    );
    this.steps.set(name, loaded);
    return loaded;
  }

  /** Everything that the steps take, for the first batch; and milliseconds of putting batches together. */
  async feeds(): Promise<{ readonly feeds: Feeds; readonly batchTimes: readonly number[] }> {
    const { plan, batch: size, dataset } = this;
    const { experiment, runs } = this.#options;
    const { seed } = experiment.train;
    const { augment, strongAugment = augment } = experiment.data;
    const batches = trainingBatches(dataset, size, seed, augment, plan.settings);
    const strong = plan.strongView ? strongBatches(dataset, size, seed, strongAugment, plan.settings) : null;
    const batchTimes: number[] = [];
    for (let run = 0; run < WARM_UP + runs; run++) {
      const before = performance.now();
      batches.batch(Math.floor(run / batches.count), run % batches.count);
      strong?.batch(Math.floor(run / batches.count), run % batches.count);
      if (run >= WARM_UP) batchTimes.push(performance.now() - before);
    }
    const batch = batches.batch(0, 0);
    const samples = await this.#withAnswers(batch);
    const seen = strong === null ? {} : asStrong(await this.#withAnswers(strong.batch(0, 0)));
    // What copies of learners would say costs nothing to know here: they are silent at the start.
    const feeds = {
      ...zerosFor(plan, size),
      ...samples,
      ...seen,
      ...evenShares(plan),
      ...scalarsAt(plan, { step: 0, stepsPerEpoch: batches.count }),
      gradientSamples: Float32Array.of(size),
      ...hardLabelFeeds(plan, dataset.splits.train.labels),
      ...new Draws(plan, dataset.splits.train.labels, seed).at(batch, 'training', 0),
      ...noiseAt(plan, size, seed, 0),
      ...chanceAt(plan, size, seed, 0),
    };
    return { feeds, batchTimes };
  }

  async #withAnswers(of: Batch): Promise<Record<string, NumericArray>> {
    const said: Record<string, NumericArray> = { ...realSamples(of) };
    for (const teacher of this.plan.teachers)
      Object.assign(said, await this.steps.get(answersGraph(teacher))?.run(realSamples(of)));
    return said;
  }

  async dispose(): Promise<void> {
    for (const step of this.steps.values()) await step.dispose();
    this.steps.clear();
  }
}

/** Zeros for everything that frozen models and copies may be asked. */
function zerosFor(plan: PhasePlan, batch: number): Feeds {
  const specs = Object.entries(lossSpecs(plan, batch)).filter(
    ([name, { role }]) => role === 'batch' && name.includes('says/'),
  );
  return Object.fromEntries(
    specs.map(([name, { shape }]) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
  );
}
