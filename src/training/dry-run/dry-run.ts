import type { Bookshelf } from '../../bookshelf/shelf.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { Dataset, DataSplit } from '../../data/dataset.ts';
import { withShots } from '../../data/few-shots.ts';
import type { Executor } from '../../executors/executor.ts';
import { describe } from '../../models/describe.ts';
import type { DryRunPhase, DryRunReport } from '../../protocol/records.ts';
import type { RunWriter } from '../../runs/writer.ts';
import type { Phase } from '../../schemes/phase.ts';
import type { FallBack } from '../load-program.ts';
import { taskPart } from '../objective.ts';
import { dataOfPhase } from '../phase-data.ts';
import { planPhase, type PhasePlan } from '../plan.ts';
import type { EarlierModel } from '../teaching.ts';
import { trainExperiment } from '../train-experiment.ts';
import { estimatePhase } from './estimate.ts';
import { MemoryRun } from './memory-run.ts';
import { timedExecutor } from './timed-executor.ts';
import { Timeline } from './timeline.ts';
import { standingSpeakers, workOf } from './work.ts';

/** Full batches of an epoch: as many as take this long, of slow ones the least. */
const EPOCH_MILLISECONDS = 150;
const [LEAST_STEPS, MOST_STEPS] = [9, 40];
/** Of a training step two cores do some 50 million in a millisecond, and what is beside its kernels takes as long as that. */
const MULTIPLY_ADDS_PER_MILLISECOND = 50e6;
/** Forward, and the gradients by inputs and by weights. */
const PASSES = 3;
/** The first is watched by the guards and warms up, the others are timed. */
const EPOCHS = 4;
/** Full batches of validation and of test, and samples at least: layers are compared on as many. */
const [LOOKS, LEAST_LOOKED] = [4, 128];

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
  /** Where the run would look for books; left out: it would find none. */
  readonly runShelf?: Bookshelf;
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
  const { experiment, dataset, executor, fallBack, bookshelf, runShelf, scratch = null } = input;
  const { earlierModel, startMilliseconds = 0 } = input;
  const written =
    runShelf === undefined
      ? new Set<string>()
      : standingSpeakers(experiment, dataset, runShelf, earlierModel);
  const tried = experiment.phases.map((phase) => triedPhase(experiment, phase, dataset));
  const timeline = new Timeline();
  const writer = new MemoryRun(timeline, scratch);
  await trainExperiment({
    earlierModel,
    ...(fallBack === undefined
      ? {}
      : { fallBack: async (fallen) => timedExecutor(await fallBack(fallen), timeline) }),
    experiment: shortened(experiment),
    dataset: cutTo(dataset, largest(tried.map(({ counts }) => counts))),
    // Its phases are those of the experiment, shortened.
    dataOf: ({ name }) => {
      const own = tried.find(({ phase }) => phase.name === name);
      if (own === undefined) throw new Error(`the experiment has no phase "${name}"`);
      return cutTo(own.all, own.counts);
    },
    executor: timedExecutor(executor, timeline),
    ...{ writer, bookshelf },
    control: { request: 'none', untilResumed: () => Promise.resolve() },
    resume: null,
  });
  const phases = tried.map(({ phase, plan, all, counts }, index): DryRunPhase => {
    const first = writer.records.find(
      (record) => record.phase === phase.name && record.split === 'train' && 'epochLoss' in record.values,
    );
    // One seed: every phase is trained once, in order.
    const stretch = timeline.stretches[index];
    const whole = seen(experiment, phase, all);
    const small = seen(experiment, phase, cutTo(all, counts));
    const work = workOf(experiment, { phase, plan, whole, small, isFirst: index === 0 }, written, writer);
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

/** Few epochs and one seed, no phase left out, and everything that happens after some epochs happens after each. */
function shortened(experiment: Experiment): Experiment {
  const [seed = experiment.train.seed] = experiment.compare.seeds;
  const { measure, engine } = experiment;
  const { gap, similarity } = measure;
  const always = { every: { epochs: 1, minutes: Infinity }, share: 1 };
  return {
    ...experiment,
    compare: { ...experiment.compare, seeds: [seed] },
    measure: {
      ...measure,
      gap: { enabled: gap.enabled, everyEpochs: 1 },
      similarity: { enabled: similarity.enabled, everyEpochs: 1 },
    },
    engine: { ...engine, checkpoints: { ...engine.checkpoints, ...always } },
    phases: experiment.phases.map((phase): Phase => ({
      ...unconditional(phase),
      epochs: Math.min(EPOCHS, phase.epochs),
      ...(phase.generator === undefined
        ? {}
        : {
            generator: {
              ...phase.generator,
              stepsPerEpoch: Math.min(LEAST_STEPS, phase.generator.stepsPerEpoch),
            },
          }),
    })),
  };
}

function unconditional(phase: Phase): Omit<Phase, 'onlyIf'> {
  const entries = Object.entries(phase).filter(([key]) => key !== 'onlyIf');
  return Object.fromEntries(entries) as unknown as Omit<Phase, 'onlyIf'>;
}

/** Samples of each split. */
interface Counts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** What of the data a phase is tried on: the first samples of each split, with the last, smaller batch that the whole one has. */
function triedPhase(experiment: Experiment, phase: Phase, dataset: Dataset) {
  const all = dataOfPhase(experiment, phase, dataset);
  const { train, validation, test } = all.splits;
  const { count } = seen(experiment, phase, all).splits.train;
  const plan = planPhase(experiment, phase, count);
  const batch = Math.max(1, Math.min(plan.settings.batchSize, count));
  const few = (all: number, batches: number) => Math.min(all, batches * batch + (all % batch));
  const looks = Math.max(LOOKS, Math.ceil(LEAST_LOOKED / batch));
  const counts: Counts = {
    train: few(train.count, stepsTried(plan, batch)),
    validation: few(validation.count, looks),
    test: few(test.count, looks),
  };
  return { phase, plan, all, counts };
}

/** Full batches of an epoch: what takes a moment is timed badly, so that there are more of them. */
function stepsTried({ learners, teachers }: PhasePlan, batch: number): number {
  const adds = (models: readonly Pick<PhasePlan['learner'], 'graph'>[]) =>
    models.reduce((sum, { graph }) => sum + describe(graph).multiplyAdds, 0);
  const work = batch * (PASSES * adds(learners) + adds(teachers));
  const milliseconds = 1 + work / MULTIPLY_ADDS_PER_MILLISECOND;
  return Math.min(MOST_STEPS, Math.max(LEAST_STEPS, Math.ceil(EPOCH_MILLISECONDS / milliseconds)));
}

/** What the training of a phase makes of its data. */
function seen({ train }: Experiment, { shots }: Phase, data: Dataset): Dataset {
  return shots === undefined ? data : withShots(data, shots, train.seed);
}

/** Books hold what every phase sees. */
function largest(all: readonly Counts[]): Counts {
  const most = (split: keyof Counts) => Math.max(1, ...all.map((counts) => counts[split]));
  return { train: most('train'), validation: most('validation'), test: most('test') };
}

function cutTo(dataset: Dataset, counts: Counts): Dataset {
  const part = (split: DataSplit): DataSplit => {
    const count = Math.min(split.count, counts[split.name]);
    return {
      ...split,
      count,
      positions: split.positions.subarray(0, count),
      labels: split.labels.subarray(0, count),
    };
  };
  const { train, validation, test } = dataset.splits;
  return { ...dataset, splits: { train: part(train), validation: part(validation), test: part(test) } };
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
