import type { Feeds } from '../executors/executor.ts';
import { WEIGHT_NOISE } from '../models/weight-noise.ts';
import { diverged, requireEffect, warnOfWeakTerms, type PartSigns } from './guards.ts';
import { CLASS_WEIGHTS } from './hard-labels.ts';
import type { JobProgress } from './job-progress.ts';
import type { RunWriter } from '../runs/writer.ts';
import type { Job } from './jobs.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { PhasePlan } from './plan.ts';
import { drawName } from './refiners.ts';
import type { Moment } from './schedules.ts';
import { warnOfLostSquare } from './softening.ts';
import { lessonsOf } from './specs.ts';
import { partWeights } from './step-feeds.ts';

/** First steps of a job in which every term must show a value and a gradient. */
const WATCHED_STEPS = 3;

/** Whether the next step is one whose gradients are looked at: the first of the job, and the first of each epoch. */
export function wantsShares({ step, stepInEpoch }: JobProgress): boolean {
  return stepInEpoch === 0 || step < WATCHED_STEPS;
}

/**
 * Keeps in the progress how strongly each part of the loss pulls at the learner: its share, 0..1, in the sum of the norms of
 * the weighted gradients.
 * @throws UserError KD4004 a gradient that is not finite, KD4005 a term without effect
 */
export async function measureShares(
  writer: RunWriter,
  program: PhaseProgram,
  job: Job,
  progress: JobProgress,
  moment: Moment,
  feeds: Feeds,
  copiesSpeak: boolean,
): Promise<void> {
  const { train, shares: samples } = program.sizes;
  const { plan } = program;
  const few = firstSamples(plan, feeds, train, samples);
  const fetched = await program.run('shares', few);
  const weights = partWeights(plan, plan.learner, moment, copiesSpeak);
  const signs: Record<string, PartSigns> = {};
  const pulls: Record<string, number> = {};
  for (const [part, weight] of Object.entries(weights)) {
    const gradientNorm = fetched[`gradientNorm/${part}`]?.[0] ?? NaN;
    if (!Number.isFinite(gradientNorm))
      throw diverged(job, progress.step, `the gradient of "${part}" is not finite`);
    signs[part] = { value: fetched[`loss/${part}`]?.[0] ?? NaN, gradientNorm };
    pulls[part] = Math.abs(weight) * gradientNorm;
  }
  const sum = Object.values(pulls).reduce((total, pull) => total + pull, 0);
  const shared = Object.entries(pulls).map(([part, pull]) => [
    `gradientShare/${part}`,
    sum === 0 ? 0 : pull / sum,
  ]);
  progress.gradientShares = Object.fromEntries(shared) as Record<string, number>;
  if (progress.step === 0) await warnOfLostSquare(writer, program, job, few);
  if (progress.step >= WATCHED_STEPS) return;
  progress.signs.push(signs);
  const last = Math.min(WATCHED_STEPS, moment.stepsPerEpoch * job.phase.epochs) - 1;
  // Copies say nothing before they are taken.
  const heard = plan.learner.lessons.filter(({ speakers }) => speakers.every(({ kind }) => kind !== 'copy'));
  const terms = heard.map(({ term }) => term.id);
  if (progress.step !== last) return;
  requireEffect(progress.signs, terms);
  warnOfWeakTerms(writer, job, progress.gradientShares, terms);
}

/** The feeds of a full batch cut down to its first samples; scalars stay, and what is drawn for weights or for the batch as a whole. */
function firstSamples(plan: PhasePlan, feeds: Feeds, batch: number, samples: number): Feeds {
  if (batch === samples) return feeds;
  const whole = new Set(
    lessonsOf(plan).flatMap(({ id, refiners }) =>
      refiners.flatMap((refiner) => refiner.draws.map(({ name }) => drawName(id, refiner, name))),
    ),
  );
  const cut = Object.entries(feeds).map(([name, values]) =>
    values.length === 1 ||
    whole.has(name) ||
    name === CLASS_WEIGHTS ||
    name.startsWith('shares/') ||
    name.includes(WEIGHT_NOISE)
      ? [name, values]
      : [name, values.subarray(0, (values.length / batch) * samples)],
  );
  return Object.fromEntries(cut) as Feeds;
}
