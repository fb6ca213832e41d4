import type { ScheduledNumber } from '../config/experiment.ts';
import type { Feeds } from '../executors/executor.ts';
import { dropoutMasks } from '../models/dropout.ts';
import { WEIGHT_NOISE, weightNoise } from '../models/weight-noise.ts';
import { normal, randomStream, uniform } from '../random/random.ts';
import type { Generator } from './generator.ts';
import type { Lesson } from './lesson.ts';
import type { Optimizer } from './optimizers/index.ts';
import { partsOf } from './objective.ts';
import type { Learner, PhasePlan, PlannedModel } from './plan.ts';
import { valueAt, type Moment } from './schedules.ts';
import { STRONG } from './say.ts';
import { lessonsOf } from './specs.ts';
import { termWeight } from './terms.ts';
import { emaDecay } from './weight-average.ts';

/** What the scalars of a step depend on beside the plan. */
export interface ScalarTimes {
  /** Updates of the weights before this one. */
  readonly update: number;
  /** Steps of the networks beside learners before this one. */
  readonly besideUpdate: number;
  /** When the learning rate began anew; it may run in cycles. */
  readonly rate: Moment;
  /** False while the copies that teach have not been taken: what they would say counts nothing. */
  readonly copiesSpeak: boolean;
}

/** Every scalar of a step by the name that the graphs take it under. */
export function scalarsAt(
  plan: PhasePlan,
  moment: Moment,
  times: Partial<ScalarTimes> = {},
): Record<string, Float32Array> {
  const { optimizer, opponents, hardLabelWeight, settings } = plan;
  const { update = moment.step, besideUpdate = moment.step, rate = moment, copiesSpeak = true } = times;
  const scalars: Record<string, number> = {
    learningRate: valueAt(optimizer.learningRate, rate),
    hardLabelWeight: valueAt(hardLabelWeight, moment),
    ...optimizer.scalars(update),
    ...(settings.ema === null ? {} : { emaDecay: emaDecay(settings.ema, update) }),
  };
  for (const lesson of lessonsOf(plan)) Object.assign(scalars, lessonScalarsAt(lesson, moment, copiesSpeak));
  for (const { instance, ownOptimizer } of plan.learners) {
    if (ownOptimizer !== null)
      Object.assign(scalars, optimizerScalars(`${instance}/`, ownOptimizer, rate, update));
  }
  for (const { instance, optimizer: own } of opponents)
    Object.assign(scalars, optimizerScalars(`${instance}/`, own, moment, besideUpdate));
  if (plan.generator !== null) Object.assign(scalars, generatorScalars(plan.generator, moment, besideUpdate));
  return Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)]));
}

/** @param head before the names */
function optimizerScalars(
  head: string,
  optimizer: Optimizer,
  rate: Moment,
  update: number,
): Record<string, number> {
  const scalars = { learningRate: valueAt(optimizer.learningRate, rate), ...optimizer.scalars(update) };
  return Object.fromEntries(Object.entries(scalars).map(([name, value]) => [head + name, value]));
}

function generatorScalars(
  { instance, optimizer, scheduled }: Generator,
  moment: Moment,
  update: number,
): Record<string, number> {
  const scalars = optimizerScalars(`${instance}/`, optimizer, moment, update);
  for (const [name, value] of Object.entries(scheduled))
    scalars[`generator/parameter/${name}`] = valueAt(value, moment);
  return scalars;
}

/** The noise that images are made of in a step. */
export function noiseAt({ generator }: PhasePlan, batch: number, seed: number, step: number): Feeds {
  if (generator === null) return {};
  const noise = new Float32Array(batch * generator.plan.latent);
  return { noise: normal(randomStream(seed, 'noise'), step, noise) };
}

function lessonScalarsAt(lesson: Lesson, moment: Moment, copiesSpeak: boolean): Record<string, number> {
  const { id, term, refiners } = lesson;
  const scalars: Record<string, number> = { [`weight/${id}`]: lessonWeight(lesson, moment, copiesSpeak) };
  for (const [name, value] of Object.entries(term.scheduled))
    scalars[`parameter/${id}/${name}`] = valueAt(value, moment);
  for (const refiner of refiners) {
    for (const [name, value] of Object.entries(refiner.scheduled))
      scalars[`parameter/refine/${refiner.id}/${name}`] = valueAt(value, moment);
  }
  return scalars;
}

function lessonWeight({ term, speakers }: Lesson, moment: Moment, copiesSpeak: boolean): number {
  const silent = !copiesSpeak && speakers.some(({ kind }) => kind === 'copy');
  return silent ? 0 : termWeight(term, moment);
}

/** Weights of the parts of a learner's loss, by their ids. */
export function partWeights(
  { hardLabelWeight }: PhasePlan,
  learner: Learner,
  moment: Moment,
  copiesSpeak = true,
): Record<string, number> {
  const weights = partsOf(learner).map(
    ({ id, lesson, penalty, share }) =>
      [
        id,
        share *
          (penalty !== null
            ? 1
            : lesson === null
              ? valueAt(hardLabelWeight, moment)
              : lessonWeight(lesson, moment, copiesSpeak)),
      ] as const,
  );
  return Object.fromEntries(weights);
}

/**
 * Weights of the cross-entropy and of the terms as the records tell them, `weight/<part>`, of each learner of whom any of them changes
 * while the phase trains; what never changes stands in the config.
 */
export function changingWeights(
  plan: PhasePlan,
  moment: Moment,
  copiesSpeak: boolean,
): Readonly<Record<string, number>> {
  if (plan.phase.loss !== 'distill') return {};
  const changes = (weight: ScheduledNumber) => typeof weight !== 'number' && weight.kind !== 'constant';
  const told = plan.learners.filter(
    ({ lessons }) =>
      changes(plan.hardLabelWeight) ||
      lessons.some(
        ({ term: { settings } }) => changes(settings.weight) || settings.start > 0 || settings.end !== null,
      ),
  );
  return Object.fromEntries(
    told.flatMap((learner) => {
      const penalties = (learner.graph.penalties ?? []).map(({ name }) => name);
      return Object.entries(partWeights(plan, learner, moment, copiesSpeak))
        .filter(([part]) => !penalties.includes(part))
        .map(([part, weight]) => [`${learner.prefix}weight/${part}`, weight] as const);
    }),
  );
}

/**
 * Masks and noise of a step, of its own for each view. Drawn by model, not by instance: student and baseline of one seed drop the
 * same activations.
 */
export function chanceAt(
  { learners, strongView }: PhasePlan,
  batch: number,
  seed: number,
  step: number,
): Feeds {
  const feeds: Record<string, Float32Array> = {};
  for (const view of strongView ? ['', STRONG] : ['']) {
    for (const { prefix, graph, model, variant } of learners) {
      const draw = { seed, instance: view + streamOf(model, variant), step };
      for (const [path, mask] of Object.entries(dropoutMasks(graph, batch, draw)))
        feeds[`${view}dropout/${prefix}${path}`] = mask;
      for (const [path, values] of Object.entries(weightNoise(graph, draw)))
        feeds[view + WEIGHT_NOISE + prefix + path] = values;
    }
  }
  return feeds;
}

/** Masks and noise of one random pass of a model that answers, the same for all samples. */
export function passAt(
  { graph, model }: Pick<PlannedModel, 'graph' | 'model'>,
  seed: number,
  pass: number,
): Feeds {
  const draw = { seed, instance: `${model}/answers`, step: pass };
  const named = (kind: string, values: Readonly<Record<string, Float32Array>>) =>
    Object.entries(values).map(([path, value]) => [kind + path, value] as const);
  return Object.fromEntries([
    ...named('dropout/', dropoutMasks(graph, 1, draw)),
    ...named(WEIGHT_NOISE, weightNoise(graph, draw)),
  ]);
}

/** Name of what is drawn for an instance of a model. */
export function streamOf(model: string, variant: number): string {
  return variant === 0 ? model : `${model}#${variant}`;
}

/** How good each teacher is, by instance: its accuracy on validation, 0..1. */
export type TeacherScores = ReadonlyMap<string, number>;

/**
 * The shares of teachers of which one speaks in each step: 1 for the one that is drawn, 0 for the others; and of those that speak
 * by how good they are.
 */
export function sharesAt(plan: PhasePlan, seed: number, step: number, scores: TeacherScores): Feeds {
  const feeds: Record<string, Float32Array> = sharesByScore(plan, scores);
  for (const { id, speakers, combine } of lessonsOf(plan)) {
    if (combine.kind !== 'random' || speakers.length < 2) continue;
    const [draw = 0] = uniform(randomStream(seed, 'teacher'), step, new Float32Array(1));
    const chosen = Math.min(speakers.length - 1, Math.floor(draw * speakers.length));
    feeds[`shares/${id}`] = Float32Array.from(speakers, (_, index) => (index === chosen ? 1 : 0));
  }
  return feeds;
}

/** `w_m = s_mᵖ / Σ s_jᵖ`; without scores all are alike. */
function sharesByScore(plan: PhasePlan, scores: TeacherScores): Record<string, Float32Array> {
  const feeds: Record<string, Float32Array> = {};
  for (const { id, speakers, combine } of lessonsOf(plan)) {
    if (combine.kind !== 'byScore' || speakers.length < 2) continue;
    const own = speakers.map(({ instance }) => scores.get(instance) ?? 1);
    // By the best of them, so that no power is too large.
    const best = Math.max(...own, Number.MIN_VALUE);
    const powers = own.map((score) => (score / best) ** combine.power);
    const sum = powers.reduce((total, power) => total + power, 0);
    feeds[`shares/${id}`] = Float32Array.from(powers, (power) => power / sum);
  }
  return feeds;
}

/** Shares of one teacher each, for measuring where nothing is to be drawn. */
export function evenShares(plan: PhasePlan, scores: TeacherScores = new Map()): Feeds {
  const feeds: Record<string, Float32Array> = sharesByScore(plan, scores);
  for (const { id, speakers, combine } of lessonsOf(plan)) {
    if (combine.kind === 'random' && speakers.length > 1)
      feeds[`shares/${id}`] = new Float32Array(speakers.length).fill(1 / speakers.length);
  }
  return feeds;
}
