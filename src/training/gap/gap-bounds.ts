import type { Experiment, MeasureRhythm } from '../../config/experiment.ts';
import { describe } from '../../models/describe.ts';
import { epochWork, MICROSECOND } from '../counted-work.ts';
import type { PhasePlan } from '../plan.ts';
import { MOST_SAMPLES } from './report.ts';

/** Epochs of a job after which it is kept where the student looks. */
const MOST_LOOKS = 8;
/** Samples of a report, however short the training is. */
const LEAST_SAMPLES = 128;

/** Samples on which it is kept where both look. */
const LOOKED_AT = 8;

/** What takes time outside of graphs (measured): each class of a sample, the record of an epoch, a look, a report. */
const ENTRY = 0.2 * MICROSECOND;
const RECORD = 500 * MICROSECOND;
const LOOK = 3000 * MICROSECOND;
const REPORT = 10_000 * MICROSECOND;

/** How much of the gap is measured in a training. */
export interface GapBounds {
  /** When it is measured in numbers. */
  readonly rhythm: MeasureRhythm;
  /** After how many epochs it is kept where the student looks. */
  readonly looks: number;
  /** Validation samples of the report, at most. */
  readonly reported: number;
}

/** On how many validation samples it is kept where both look; 0: on none. */
export function lookedSamples({ measure }: Experiment, { teacher }: PhasePlan, available: number): number {
  return measure.gap.enabled && teacher !== null ? Math.min(LOOKED_AT, available) : 0;
}

/**
 * How much of the gap is measured so that it stays within its share of the training's work. Counted, not timed, so that the same
 * run measures the same everywhere. Of `A = share · epochs · E` (`epochWork`) the teacher's looks are taken first, then up to a half
 * of what is left goes to the report, of what is left then up to a half to the student's looks, and the rest to the numbers:
 *
 *     teacher    l · t                            l samples that are looked at, t multiply-adds of the teacher
 *     report     r · (m + e · K) + l · m + c      r samples, m multiply-adds of the student, K classes
 *     look       l · m + c
 *     numbers    n · e · K + c                    n validation samples, whose logits are there
 *
 * What is measured however short the training is: one report of 128 samples, and after the last epoch one look and the numbers.
 * Without a share all is measured: numbers as often as was asked for, eight looks, and 10,000 samples.
 *
 * @param samples of the validation and of the training split, and those that are looked at; 0: none
 */
export function gapBounds(
  rhythm: MeasureRhythm,
  plan: PhasePlan,
  {
    validation,
    looked,
    train,
  }: { readonly validation: number; readonly looked: number; readonly train: number },
): GapBounds {
  const { share } = rhythm;
  if (share === undefined) return { rhythm, looks: MOST_LOOKS, reported: MOST_SAMPLES };
  const epochs = Math.max(1, plan.phase.epochs);
  const student = describe(plan.learner.graph).multiplyAdds;
  const teacher = plan.teacher === null ? 0 : describe(plan.teacher.graph).multiplyAdds;
  const row = ENTRY * plan.classes;
  let left = share * epochs * epochWork(plan, train) - looked * teacher;

  const beside = REPORT + looked * student;
  const affordable = Math.floor((left / 2 - beside) / (student + row));
  const reported = Math.min(MOST_SAMPLES, Math.max(LEAST_SAMPLES, affordable));
  left -= beside + Math.min(reported, validation) * (student + row);

  const look = looked === 0 ? 0 : looked * student + LOOK;
  const looks = look === 0 ? MOST_LOOKS : Math.min(MOST_LOOKS, Math.max(1, Math.floor(left / 2 / look)));
  left -= Math.min(looks, epochs) * look;

  const numbers = validation * row + RECORD;
  const every = left > 0 ? Math.min(epochs, Math.ceil((epochs * numbers) / left)) : epochs;
  return { rhythm: { ...rhythm, everyEpochs: Math.max(rhythm.everyEpochs, every) }, looks, reported };
}

/** Of many epochs so many, evenly spaced, the first and the last among them; of one the last. */
export function isLookedAt(epoch: number, epochs: number, most: number): boolean {
  const looks = Math.min(most, epochs);
  if (looks < 2) return epoch === epochs - 1;
  return Array.from({ length: looks }, (_, at) => Math.round((at * (epochs - 1)) / (looks - 1))).includes(
    epoch,
  );
}
