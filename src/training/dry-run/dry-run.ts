import type { Bookshelf } from '../../bookshelf/shelf.ts';
import { wantedBooks } from '../../config/books.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { Dataset, DataSplit } from '../../data/dataset.ts';
import type { Executor } from '../../executors/executor.ts';
import { describe } from '../../models/describe.ts';
import type { DryRunPhase, DryRunReport } from '../../protocol/records.ts';
import type { RunWriter } from '../../runs/writer.ts';
import type { Phase } from '../../schemes/phase.ts';
import { probeSize } from '../probe-layers.ts';
import { similarityRhythm } from '../similarity-rhythm.ts';
import { answerSize } from '../specs.ts';
import { listJobs } from '../jobs.ts';
import type { FallBack } from '../load-program.ts';
import { isDue } from '../measurements.ts';
import { taskPart } from '../objective.ts';
import { dataOfPhase } from '../phase-data.ts';
import { planPhase, settingsOf, type PhasePlan } from '../plan.ts';
import { alwaysNew, areAnswersStored } from '../teacher-answers.ts';
import type { EarlierModel } from '../teaching.ts';
import { trainExperiment } from '../train-experiment.ts';
import { estimatePhase, type Work } from './estimate.ts';
import { MemoryRun } from './memory-run.ts';
import { timedExecutor } from './timed-executor.ts';
import { Timeline } from './timeline.ts';

/** Full batches of an epoch. */
const STEPS = 9;
/** The first is watched by the guards and warms up, the others are timed. */
const EPOCHS = 3;
/** Full batches of validation and of test. */
const LOOKS = 4;

export interface DryRunInput {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly executor: Executor;
  readonly fallBack?: FallBack;
  readonly earlierModel: EarlierModel;
  /** Written to as a run would write, for the time that takes; left out: nothing is written. */
  readonly scratch?: RunWriter;
  /** Where books are written that nobody keeps: of a part of the data, and of teachers that have hardly learned. */
  readonly bookshelf: Bookshelf;
  /** What a run of this experiment needs too before its first phase; default 0. */
  readonly startMilliseconds?: number;
}

/**
 * Every phase of the experiment in earnest, with all its guards, on a few batches: the run's own loop trains on a small part
 * of the data for a few epochs under one seed, and nothing is kept.
 * @throws UserError whatever would stop the run in its first steps
 */
export async function dryRun(
  input: DryRunInput,
): Promise<Omit<DryRunReport, 'file' | 'time' | 'effectiveHash'>> {
  const { experiment, dataset, executor, fallBack, bookshelf, scratch = null, startMilliseconds = 0 } = input;
  const batch = largestBatch(experiment, dataset);
  const wholeOf = (phase: Phase) => dataOfPhase(experiment, phase, dataset);
  const timeline = new Timeline();
  const writer = new MemoryRun(timeline, scratch);
  await trainExperiment({
    earlierModel: input.earlierModel,
    ...(fallBack === undefined
      ? {}
      : { fallBack: async (fallen) => timedExecutor(await fallBack(fallen), timeline) }),
    experiment: shortened(experiment),
    dataset: cut(dataset, batch),
    dataOf: (phase) => cut(wholeOf(phase), batch),
    executor: timedExecutor(executor, timeline),
    ...{ writer, bookshelf },
    control: { request: 'none', untilResumed: () => Promise.resolve() },
    resume: null,
  });
  const written = new Set<string>();
  const phases = experiment.phases.map((phase, index): DryRunPhase => {
    const whole = wholeOf(phase);
    const plan = planPhase(experiment, phase, whole.splits.train.count);
    const first = writer.records.find(
      (record) => record.phase === phase.name && record.split === 'train' && 'epochLoss' in record.values,
    );
    // One seed: every phase is trained once, in order.
    const stretch = timeline.stretches[index];
    const work = workOf(experiment, whole, cut(whole, batch), phase, plan, written);
    const times = stretch === undefined ? null : estimatePhase(stretch, work);
    return {
      phase: phase.name,
      architecture: plan.learner.graph.architecture,
      parameters: describe(plan.learner.kept).parameters,
      input: [...dataset.shape],
      batch: Math.min(plan.settings.batchSize, whole.splits.train.count),
      jobs: work.jobs,
      steps: work.epochs * work.stepsPerEpoch,
      terms: termsOf(plan, first?.values ?? {}),
      millisecondsPerStep: times?.stepMilliseconds ?? null,
      seconds: times === null ? null : times.totalMilliseconds / 1000,
    };
  });
  const { name, description } = executor;
  return {
    executor: { name, description },
    phases,
    startSeconds: startMilliseconds / 1000,
    seconds: phases.reduce((sum, { seconds }) => sum + (seconds ?? 0), startMilliseconds / 1000),
    // Kilobytes, the largest so far.
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

/** Few epochs and one seed, no phase left out. A phase without epochs chooses and trains nothing. */
function shortened(experiment: Experiment): Experiment {
  const [seed = experiment.train.seed] = experiment.compare.seeds;
  return {
    ...experiment,
    compare: { ...experiment.compare, seeds: [seed] },
    phases: experiment.phases.map((phase): Phase => ({
      ...always(phase),
      epochs: Math.min(EPOCHS, phase.epochs),
      ...(phase.generator === undefined
        ? {}
        : {
            generator: { ...phase.generator, stepsPerEpoch: Math.min(STEPS, phase.generator.stepsPerEpoch) },
          }),
    })),
  };
}

/** The phase without its condition. */
function always(phase: Phase): Omit<Phase, 'onlyIf'> {
  const entries = Object.entries(phase).filter(([key]) => key !== 'onlyIf');
  return Object.fromEntries(entries) as unknown as Omit<Phase, 'onlyIf'>;
}

function largestBatch(experiment: Experiment, { splits }: Dataset): number {
  const sizes = experiment.phases.map((phase) => settingsOf(experiment, phase).batchSize);
  return Math.max(1, ...sizes.map((size) => Math.min(size, splits.train.count)));
}

/** The first samples of each split, with the last, smaller batch that the whole one has. */
function cut(dataset: Dataset, batch: number): Dataset {
  const part = (split: DataSplit, batches: number): DataSplit => {
    const count = Math.min(split.count, batches * batch + (split.count % batch));
    return {
      ...split,
      count,
      positions: split.positions.subarray(0, count),
      labels: split.labels.subarray(0, count),
    };
  };
  const { train, validation, test } = dataset.splits;
  const splits = { train: part(train, STEPS), validation: part(validation, LOOKS), test: part(test, LOOKS) };
  return { ...dataset, splits };
}

function workOf(
  { data, phases, ...rest }: Experiment,
  { splits }: Dataset,
  small: Dataset,
  phase: Phase,
  plan: PhasePlan,
  written: Set<string>,
): Work {
  const batch = Math.min(plan.settings.batchSize, splits.train.count);
  const batches = (count: number) => Math.ceil(count / batch);
  const said = plan.teachers.reduce((sum, teacher) => sum + answerSize(plan, teacher), 0);
  const stored =
    plan.teachers.length > 0 && areAnswersStored(said, splits.train.count, alwaysNew(data, plan.settings));
  const validationBatches = batches(splits.validation.count);
  const probe = probeSize({ data, phases, ...rest }, plan, splits.validation.count);
  const rhythm = similarityRhythm(rest.measure.similarity, plan, { probe, train: splits.train.count });
  const compared = Array.from({ length: phase.epochs }, (_, epoch) => epoch).filter((epoch) =>
    isDue(rhythm, epoch, phase.epochs),
  );
  const training = batches(splits.train.count);
  const kept = plan.fromBook
    ? pagesOf({ data, phases, ...rest }, plan, { training, validation: validationBatches }, written)
    : validationBatches + (stored ? training : 0);
  return {
    jobs: listJobs({ data, phases, ...rest }).filter((job) => job.phase === phase).length,
    epochs: phase.epochs,
    stepsPerEpoch: plan.generator?.plan.stepsPerEpoch ?? training,
    validationBatches,
    validationLooks: batches(small.splits.validation.count),
    testBatches: batches(splits.test.count),
    answeredBatches: plan.teachers.length === 0 ? 0 : kept,
    similarityEpochs: compared.length,
  };
}

/**
 * Batches that a phase asks its teachers about to write the books it speaks from, each view of them; 0 where phases before it
 * have written them all.
 * @param written speakers whose books phases before have written; those of this phase are added
 */
function pagesOf(
  experiment: Experiment,
  { teachers }: PhasePlan,
  batches: { readonly training: number; readonly validation: number },
  written: Set<string>,
): number {
  const speakers = new Set(teachers.map(({ instance }) => instance));
  const books = wantedBooks(experiment).filter(({ speaker }) => speakers.has(speaker));
  const fresh = books.filter(({ speaker }) => !written.has(speaker));
  for (const { speaker } of fresh) written.add(speaker);
  const { training, validation } = batches;
  return Math.max(0, ...fresh.map(({ views }) => (views.plain + views.strong) * training + validation));
}

function termsOf(plan: PhasePlan, values: Readonly<Record<string, unknown>>): DryRunPhase['terms'] {
  const number = (name: string) => {
    const value = values[name];
    return typeof value === 'number' ? value : null;
  };
  const part = (id: string, pairs: DryRunPhase['terms'][number]['pairs']) => ({
    id,
    value: number(`loss/${id}`),
    gradientShare: number(`gradientShare/${id}`),
    pairs,
  });
  return [
    part(taskPart(plan.learner.graph), []),
    ...plan.learner.lessons.map(({ term }) =>
      part(
        term.id,
        term.sizes.pairs.map(({ layers, teacher, student }) => ({
          teacher: { layer: layers?.teacher ?? '', shape: [...teacher] },
          student: { layer: layers?.student ?? '', shape: [...student] },
        })),
      ),
    ),
  ];
}
