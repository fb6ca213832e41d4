import type { Experiment } from '../config/experiment.ts';
import type { NumericArray } from '../compiler/graph.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Executor } from '../executors/executor.ts';
import { describe } from '../models/describe.ts';
import { UserError } from '../protocol/errors.ts';
import { realSamples, trainingBatches } from './data.ts';
import { Draws } from './draws.ts';
import { hardLabelFeeds } from './hard-labels.ts';
import { initialTensors } from './initial-tensors.ts';
import { listJobs, type Job } from './jobs.ts';
import { PhaseProgram, type BatchSizes } from './phase-program.ts';
import { planPhase, settingsOf, type PhasePlan } from './plan.ts';
import { dataOfPhase } from './phase-data.ts';
import { chanceAt, scalarsAt } from './step-feeds.ts';
import { trainStep } from './train-step.ts';

/** Runs that are not timed: the first ones allocate, and choose their kernels. */
const WARM_UP = 2;
const TIMED = 5;
/** A slow executor need not take all its steps to be known as slow. */
const LONGEST_MILLISECONDS = 3000;

const TRAINING_ALONE: Omit<BatchSizes, 'train'> = {
  accumulate: 0,
  trainLast: 0,
  shares: 0,
  predict: 0,
  evaluate: 0,
  evaluateLast: 0,
  probe: 0,
  attention: 0,
};

export interface Trial {
  readonly executor: Executor;
  /** The fastest of its steps; null where it could not take one. */
  readonly milliseconds: number | null;
  /** Why it could not. */
  readonly reason?: string;
}

/**
 * Times the training step in which the run will spend most of its work, on each executor, with its real graph, weights and
 * batch. Fastest first; those that could not take a step last.
 */
export async function timedTrial(
  experiment: Experiment,
  dataset: Dataset,
  executors: readonly Executor[],
): Promise<readonly Trial[]> {
  const job = heaviestJob(experiment, dataset);
  const data = dataOfPhase(experiment, job.phase, dataset);
  const plan = planPhase(experiment, job.phase, data.splits.train.count);
  const feeds = feedsOf(experiment, data, job, plan);
  const trials: Trial[] = [];
  for (const executor of executors) {
    try {
      trials.push({ executor, milliseconds: await fastestStep(executor, plan, job.seed, feeds) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      trials.push({ executor, milliseconds: null, reason: error.problem.message });
    }
  }
  return trials.sort((a, b) => (a.milliseconds ?? Infinity) - (b.milliseconds ?? Infinity));
}

/** Of the phase with the most multiply-adds over all its epochs and seeds. */
function heaviestJob(experiment: Experiment, dataset: Dataset): Job {
  const jobs = listJobs(experiment).filter(({ phase }) => phase.loss !== 'ahead');
  const work = ({ phase }: Job) => {
    const { learner } = planPhase(experiment, phase, dataset.splits.train.count);
    const seeds = jobs.filter((job) => job.phase === phase).length;
    return describe(learner.graph).multiplyAdds * phase.epochs * seeds;
  };
  const [first, ...others] = jobs.map((job) => ({ job, work: work(job) }));
  if (first === undefined) throw new Error('an experiment without phases');
  return others.reduce((heaviest, one) => (one.work > heaviest.work ? one : heaviest), first).job;
}

async function fastestStep(
  executor: Executor,
  plan: PhasePlan,
  seed: number,
  feeds: Readonly<Record<string, NumericArray>>,
): Promise<number> {
  const sizes = { ...TRAINING_ALONE, train: (feeds['labels'] as NumericArray).length };
  const program = await PhaseProgram.load(plan, sizes, executor);
  try {
    await program.writeState(initialTensors(plan.learner, seed));
    const began = performance.now();
    let fastest = Infinity;
    for (let run = 0; run < WARM_UP + TIMED; run++) {
      const start = performance.now();
      await program.run('train', feeds);
      const end = performance.now();
      if (run >= WARM_UP) fastest = Math.min(fastest, end - start);
      if (end - began > LONGEST_MILLISECONDS) return Math.min(fastest, end - start);
    }
    return fastest;
  } finally {
    await program.dispose();
  }
}

/** The first batch, with numbers in place of what a teacher would say of it. */
function feedsOf(
  experiment: Experiment,
  dataset: Dataset,
  { phase, seed }: Job,
  plan: PhasePlan,
): Record<string, NumericArray> {
  const { splits } = dataset;
  const size = Math.min(settingsOf(experiment, phase).batchSize, splits.train.count);
  const batch = trainingBatches(dataset, size, seed, [], plan.settings).batch(0, 0);
  const moment = { step: 0, stepsPerEpoch: Math.ceil(splits.train.count / size) };
  const feeds: Record<string, NumericArray> = {
    ...realSamples(batch),
    ...hardLabelFeeds(plan, splits.train.labels),
    ...scalarsAt(plan, moment),
    ...new Draws(plan, splits.train.labels, seed).at(batch, 'training', 0),
    ...chanceAt(plan, size, seed, 0),
  };
  for (const [name, { role, shape, dtype }] of Object.entries(trainStep(plan, size).specs)) {
    if (role === 'state' || feeds[name] !== undefined) continue;
    const count = shape.reduce((product, extent) => product * extent, 1);
    feeds[name] =
      dtype === 'float32'
        ? Float32Array.from({ length: count }, (_, at) => Math.sin(at))
        : new Int32Array(count);
  }
  return feeds;
}
