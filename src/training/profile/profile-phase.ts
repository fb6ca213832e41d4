import type { NumericArray } from '../../compiler/graph.ts';
import { liveMemory } from '../../compiler/live-memory.ts';
import { optimize } from '../../compiler/optimize.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { Batch } from '../../data/batches.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Executor, Feeds } from '../../executors/executor.ts';
import type { ProfiledPhase } from '../../protocol/records.ts';
import type { Phase } from '../../schemes/phase.ts';
import { realSamples, strongBatches, trainingBatches } from '../data.ts';
import { Draws } from '../draws.ts';
import { hardLabelFeeds } from '../hard-labels.ts';
import { slotsOf } from '../learner-state.ts';
import { dataOfPhase } from '../phase-data.ts';
import { planPhase, type PhasePlan, type PlannedModel } from '../plan.ts';
import { answersGraph } from '../phase-program.ts';
import { answerSize, lossSpecs } from '../specs.ts';
import { evenShares, chanceAt, noiseAt, scalarsAt } from '../step-feeds.ts';
import { answersStep } from '../steps.ts';
import { asStrong } from '../strong-view.ts';
import { alwaysNew, areAnswersStored } from '../teacher-answers.ts';
import { trainStep } from '../train-step.ts';
import { LoadedStep } from './loaded-step.ts';
import { forwardStep, gradientStep } from './partial-steps.ts';

export interface ProfileOptions {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly executor: Executor;
  /** How often each step is measured. */
  readonly runs: number;
}

/** Runs that do not count: the first ones reserve memory. */
const WARM_UP = 3;

/**
 * Where the time and memory of a phase's training step go. Parts are told apart by steps that end early (with the loss, with the
 * gradient), terms by steps without them, all of them measured in turns, so that what disturbs the machine disturbs all. Where images
 * are made, it is the student's step, making them included; the generator's own is left out.
 */
export async function profilePhase(phase: Phase, given: ProfileOptions): Promise<ProfiledPhase> {
  const { experiment, executor } = given;
  const dataset = dataOfPhase(experiment, phase, given.dataset);
  const options = { ...given, dataset };
  const { count } = dataset.splits.train;
  const plan = planPhase(experiment, phase, count);
  const { seed } = experiment.train;
  const batch = Math.min(plan.settings.batchSize, count);
  const load = async (name: string, of: PhasePlan, step: typeof forwardStep) =>
    LoadedStep.load(`${phase.name}/${name}`, step(of, batch), of, seed, executor);
  const steps = new Map<string, LoadedStep>();
  try {
    for (const teacher of plan.teachers) {
      const name = answersGraph(teacher);
      steps.set(name, await load(name, plan, (of) => answersStep(of, teacher, batch)));
    }
    steps.set('forward', await load('forward', plan, forwardStep));
    steps.set('gradient', await load('gradient', plan, gradientStep));
    const whole = await load('train', plan, (of, size) => trainStep(of, size));
    steps.set('train', whole);
    const terms = plan.learner.lessons.map(({ term }) => term);
    for (const { id } of terms) {
      const rest = planPhase(without(experiment, id), phase, count);
      steps.set(`without ${id}`, await load(`without-${id}`, rest, (of, size) => trainStep(of, size)));
    }
    const { feeds, batchTimes } = await feedsOf(plan, batch, options, steps);
    const times = await timesOf(steps, feeds, options.runs);
    const timeOf = (name: string) => median(times.get(name) ?? []);
    const said = plan.teachers.reduce((sum, teacher) => sum + answerSize(plan, teacher), 0);
    const stored =
      plan.teachers.length > 0 &&
      (plan.fromBook || areAnswersStored(said, count, alwaysNew(experiment.data, plan.settings)));
    const answering = plan.teachers.reduce((sum, teacher) => sum + timeOf(answersGraph(teacher)), 0);
    const parts = {
      batch: median(batchTimes),
      teacher: stored ? 0 : answering,
      // Differences of medians, so that the parts add up to the step.
      forward: timeOf('forward'),
      backward: timeOf('gradient') - timeOf('forward'),
      update: timeOf('train') - timeOf('gradient'),
    };
    const live = liveMemory(optimize(whole.graph));
    return {
      phase: phase.name,
      architecture: plan.learner.graph.architecture,
      batch,
      steps: phase.epochs * (phase.generator?.stepsPerEpoch ?? Math.ceil(count / batch)),
      milliseconds: parts.batch + parts.teacher + timeOf('train'),
      parts,
      storedAnswers: stored ? answering : null,
      terms: terms.map(({ id }) => ({
        id,
        milliseconds: median(differences(times, 'train', `without ${id}`)),
      })),
      operations:
        (await executor.profile?.(whole.graph, whole.state, whole.taken(feeds), options.runs)) ?? null,
      memory: { ...stateBytes(plan), batch: bytesOf(Object.values(whole.taken(feeds))), values: live.peak },
      peak: live.kernels,
    };
  } finally {
    for (const step of steps.values()) await step.dispose();
  }
}

function without(experiment: Experiment, id: string): Experiment {
  const { distill } = experiment;
  return { ...experiment, distill: { ...distill, terms: distill.terms.filter((term) => term.id !== id) } };
}

/** Everything that the steps of a phase take, for its first batch; and how long putting batches together took. */
async function feedsOf(
  plan: PhasePlan,
  size: number,
  { experiment, dataset, runs }: ProfileOptions,
  steps: ReadonlyMap<string, LoadedStep>,
): Promise<{ readonly feeds: Feeds; readonly batchTimes: readonly number[] }> {
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
  const samples = await withAnswers(batch);
  const seen = strong === null ? {} : asStrong(await withAnswers(strong.batch(0, 0)));
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

  async function withAnswers(of: Batch) {
    const said: Record<string, NumericArray> = { ...realSamples(of) };
    for (const teacher of plan.teachers)
      Object.assign(said, await steps.get(answersGraph(teacher))?.run(realSamples(of)));
    return said;
  }
}

/** Milliseconds of every step, in turns. */
async function timesOf(
  steps: ReadonlyMap<string, LoadedStep>,
  feeds: Feeds,
  runs: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map([...steps.keys()].map((name) => [name, [] as number[]] as const));
  for (let run = 0; run < WARM_UP + runs; run++) {
    for (const [name, step] of steps) {
      const before = performance.now();
      await step.run(feeds);
      if (run >= WARM_UP) times.get(name)?.push(performance.now() - before);
    }
  }
  return times;
}

/** Round by round: what disturbs a round disturbs both of its steps. */
function differences(
  times: ReadonlyMap<string, readonly number[]>,
  longer: string,
  shorter: string,
): readonly number[] {
  const short = times.get(shorter) ?? [];
  return (times.get(longer) ?? []).map((time, round) => time - (short[round] ?? NaN));
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

function stateBytes(plan: PhasePlan): { learner: number; optimizer: number; teacher: number } {
  const model = ({ parameters, statistics }: PlannedModel) =>
    (parameters.size + statistics.size) * Float32Array.BYTES_PER_ELEMENT;
  const slots = plan.learners
    .flatMap((learner) => slotsOf(plan, learner))
    .reduce((sum, { layout }) => sum + layout.size, 0);
  return {
    learner: plan.learners.reduce((sum, learner) => sum + model(learner), 0),
    optimizer: slots * Float32Array.BYTES_PER_ELEMENT,
    teacher: plan.teachers.reduce((sum, teacher) => sum + model(teacher), 0),
  };
}

function bytesOf(arrays: readonly { readonly byteLength: number }[]): number {
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}
