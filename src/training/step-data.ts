import type { Experiment } from '../config/experiment.ts';
import type { Batch, Batches } from '../data/batches.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Feeds } from '../executors/executor.ts';
import {
  realSamples,
  searchBatches,
  strongBatches,
  trainingBatches,
  type StoredDrawings,
  STRONG_VIEW,
  TEACHER_VIEW,
} from './data.ts';
import { Draws } from './draws.ts';
import { hardLabelFeeds } from './hard-labels.ts';
import type { Job } from './jobs.ts';
import type { PhaseProgram } from './phase-program.ts';
import { chanceAt, evenShares, noiseAt, sharesAt } from './step-feeds.ts';
import { asStrong } from './strong-view.ts';
import { liveAnswers, together } from './teacher-answers.ts';
import type { Teaching } from './teaching.ts';

/** Everything that the steps of a job are fed beside scalars: samples, what is said of them, and whatever is drawn. */
export class StepData {
  readonly stepsPerEpoch: number;
  readonly #job: Job;
  readonly #program: PhaseProgram;
  readonly #teaching: Teaching | null;
  readonly #batches: Batches;
  /** Null where no term looks at two views. */
  readonly #strongBatches: Batches | null;
  /** What finished teachers see of the same samples, where it is not what the student sees. */
  readonly #teacherBatches: { readonly plain: Batches; readonly strong: Batches | null } | null;
  readonly #draws: Draws;
  /** Full batches of the validation split, in an order of their own; null where nothing is searched. */
  readonly #searched: { readonly batches: Batches; readonly full: number } | null;
  readonly #classWeights: Feeds;

  constructor(
    { data, distill, train }: Experiment,
    dataset: Dataset,
    job: Job,
    program: PhaseProgram,
    teaching: Teaching | null,
  ) {
    this.#job = job;
    this.#program = program;
    this.#teaching = teaching;
    const { augment, strongAugment = augment } = data;
    const { plan, sizes } = program;
    // Whoever is compared with a student that learns from a book sees the same views.
    const stored = distill.book !== null && (plan.fromBook || job.phase.perSeed);
    const drawn: StoredDrawings = stored ? { drawings: distill.book.views, augmentSeed: train.seed } : {};
    this.#batches = trainingBatches(dataset, sizes.train, job.seed, augment, plan.settings, drawn);
    this.#strongBatches = plan.strongView
      ? strongBatches(dataset, sizes.train, job.seed, strongAugment, plan.settings, drawn)
      : null;
    this.#teacherBatches =
      plan.teachers.length === 0 || plan.generator !== null ? null : this.#apart(data, dataset, drawn);
    this.#searched =
      sizes.search === undefined
        ? null
        : {
            batches: searchBatches(dataset, sizes.search, job.seed),
            full: Math.floor(dataset.splits.validation.count / sizes.search),
          };
    this.#draws = new Draws(plan, dataset.splits.train.labels, job.seed);
    this.#classWeights = hardLabelFeeds(plan, dataset.splits.train.labels);
    this.stepsPerEpoch = plan.generator?.plan.stepsPerEpoch ?? this.#batches.count;
  }

  /** A batch of the training split; where images are made, only its size counts. */
  batch(epoch: number, stepInEpoch: number): Batch {
    return this.#batches.batch(epoch, this.#program.plan.generator === null ? stepInEpoch : 0);
  }

  /** For a step of training. @param at where the step stands */
  async training(
    batch: Batch,
    at: { readonly epoch: number; readonly stepInEpoch: number; readonly step: number },
  ): Promise<Feeds> {
    const { plan } = this.#program;
    const { seed } = this.#job;
    const size = batch.count;
    const seen = this.#teacherBatches?.plain.batch(at.epoch, at.stepInEpoch) ?? batch;
    const said = await this.#teaching?.training(seen);
    this.#expectNext(at);
    return {
      ...realSamples(batch),
      ...this.#classWeights,
      ...said,
      ...(await this.#copied(batch)),
      ...(await this.#strong(at.epoch, at.stepInEpoch)),
      ...sharesAt(plan, seed, at.step, this.#teaching?.scores ?? new Map()),
      ...noiseAt(plan, size, seed, at.step),
      ...this.#draws.at(batch, 'training', at.step),
      ...chanceAt(plan, size, seed, at.step),
    };
  }

  /** The batches of the teachers, in the order of the student's; null where they are the student's. */
  #apart(
    { augment, strongAugment = augment, teacherView }: Experiment['data'],
    dataset: Dataset,
    drawn: StoredDrawings,
  ) {
    if (teacherView === undefined) return null;
    const { plan, sizes } = this.#program;
    const batches = (of: Experiment['data']['augment'], view: string) => {
      const shown = teacherView === 'plain' ? [] : of;
      return trainingBatches(dataset, sizes.train, this.#job.seed, shown, plan.settings, { ...drawn, view });
    };
    return {
      plain: batches(augment, TEACHER_VIEW),
      strong: plan.strongView ? batches(strongAugment, `${STRONG_VIEW}/${TEACHER_VIEW}`) : null,
    };
  }

  /** Lets the rows of the next step's samples be read while this step is computed. */
  #expectNext({ epoch, stepInEpoch }: { readonly epoch: number; readonly stepInEpoch: number }): void {
    const book = this.#teaching?.book ?? null;
    if (book === null) return;
    const last = stepInEpoch + 1 >= this.stepsPerEpoch;
    const next = last ? { epoch: epoch + 1, index: 0 } : { epoch, index: stepInEpoch + 1 };
    book.expect(this.#batches.samples(next.epoch, next.index), this.#batches.drawing(next.epoch));
  }

  /** What is said of a batch of the validation split; drawn alike in every epoch, so that its losses can be compared. */
  async validation(batch: Batch): Promise<Feeds> {
    const said = { ...(await this.#teaching?.validation(batch)), ...(await this.#copied(batch)) };
    // On validation samples are seen as they are, by both views.
    const strong = this.#program.plan.strongView ? asStrong({ ...realSamples(batch), ...said }) : {};
    const shares = evenShares(this.#program.plan, this.#teaching?.scores);
    return { ...said, ...strong, ...shares, ...this.#draws.at(batch, 'validation', batch.indices[0] ?? 0) };
  }

  /** For a step of a search, by its number from the start of the phase: samples of the validation split, as they are. */
  async search(step: number): Promise<Feeds> {
    if (this.#searched === null) throw new Error('nothing is searched in this phase');
    const { batches, full } = this.#searched;
    const batch = batches.batch(Math.floor(step / full), step % full);
    const said = { ...(await this.#teaching?.validation(batch)), ...(await this.#copied(batch)) };
    const { plan } = this.#program;
    return {
      ...realSamples(batch),
      ...said,
      ...evenShares(plan, this.#teaching?.scores),
      ...this.#draws.at(batch, 'search', step),
    };
  }

  /** What the copies of learners say, where they teach. */
  #copied(batch: Batch): Promise<Feeds> {
    const { copies } = this.#program.plan;
    return together(copies.map((copy) => liveAnswers(this.#program, copy)))(batch);
  }

  /** The same samples through the stronger augmentation, with what is said of them. */
  async #strong(epoch: number, index: number): Promise<Feeds> {
    const batch = this.#strongBatches?.batch(epoch, index);
    if (batch === undefined) return {};
    const seen = this.#teacherBatches?.strong?.batch(epoch, index) ?? batch;
    const said = { ...(await this.#teaching?.strong(seen)), ...(await this.#copied(batch)) };
    return asStrong({ ...realSamples(batch), ...said });
  }
}
