import type { Finding, ProposedChange } from '../../protocol/diagnosis.ts';
import type { Say } from '../../protocol/say.ts';
import { mostly, seriesOf, taught, type Evidence, type Learning } from '../evidence.ts';
import { meanOf } from '../../protocol/mean.ts';
import { percent, plain, short, type Rule } from '../rule.ts';
import type { LearningRate } from '../settings.ts';

/** Epochs below which a curve says little about a learning rate. */
const ENOUGH_EPOCHS = 6;
/** Above it the learning rate is too high, and other rules say nothing of the curve. */
export const SWING = 0.12;
/** Of an epoch: more than that and there was more to come. */
const GAIN = { accuracy: 0.01, loss: 0.03 };
/** A loss that stays above this share of its first epoch has not fallen. */
const STANDING = 0.9;
/** Below it a loss that does not fall speaks of too short steps, above it of too long ones. */
const SMALL_RATE = 1e-4;

/** The learning rate times a factor; nothing where it is not known. */
export function otherRate(rate: LearningRate | null, factor: number, say: Say): ProposedChange[] {
  if (rate === null) return [];
  const value = plain(rate.value * factor);
  const title =
    factor < 1 ? say`Lower the learning rate to ${value}` : say`Raise the learning rate to ${value}`;
  return [{ title, path: rate.path, value }];
}

export const learningRateHigh: Rule = {
  name: 'learningRateHigh',
  title: 'The learning rate is too high',
  criterion: `From ${ENOUGH_EPOCHS} epochs on, in most seeds: in the second half of the training the validation accuracy jumps from epoch to epoch by more than ${SWING * 100} points on average; or the cross-entropy in training is in the last quarter still above ${STANDING * 100} % of the first epoch, at a learning rate of ${SMALL_RATE} or more.`,
  source:
    'Bengio 2012 (arXiv:1206.5533), section 3.1.1; the size of the swing was measured: healthy runs of the results stay below a third of it',
  look: (evidence, say) => {
    if (evidence.failure === 'KD4004') return null;
    const students = longEnough(evidence);
    if (students.length === 0) return { unable: say`it takes ${ENOUGH_EPOCHS} epochs` };
    const rate = evidence.settings.learningRate;
    const signs = students.flatMap((student) => {
      const { seed } = student;
      const swing = swingOf(student);
      if (swing > SWING)
        return [{ what: say`mean jump of the validation accuracy, seed ${seed}`, value: percent(swing) }];
      const { first, last } = lossOf(student, 'loss/ce');
      return last > STANDING * first && (rate === null || rate.value >= SMALL_RATE)
        ? [
            {
              what: say`cross-entropy in training, seed ${seed}`,
              value: say`${short(first)} in the first epoch, ${short(last)} in the last quarter`,
            },
          ]
        : [];
    });
    if (!mostly(students, signs)) return null;
    return {
      symptom: say`The student jumps about instead of settling.`,
      evidence: [...signs, ...rateEvidence(rate, say)],
      cause: say`Steps are longer than the slope of the loss holds good for.`,
      changes: otherRate(rate, 1 / 3, say),
    };
  },
};

export const learningRateLow: Rule = {
  name: 'learningRateLow',
  title: 'The learning rate is too low, or training too short',
  criterion: `From ${ENOUGH_EPOCHS} epochs on, in most seeds: over the last quarter (at least two epochs) every epoch still brings more than ${GAIN.accuracy * 100} point of validation accuracy and lowers the training loss by more than ${GAIN.loss * 100} %; or the cross-entropy has not fallen at all, at a learning rate below ${SMALL_RATE}.`,
  source:
    'Bengio 2012 (arXiv:1206.5533), section 3.1.1; the numbers were measured: healthy runs of the results gain a third of it at their end',
  look: (evidence, say) => {
    const students = longEnough(evidence);
    if (students.length === 0) return { unable: say`it takes ${ENOUGH_EPOCHS} epochs` };
    const { learningRate: rate, epochs } = evidence.settings;
    const signs = students.flatMap((student) => {
      const accuracy = slopeOf(student, 'validation', 'accuracy');
      const fall = -slopeOf(student, 'train', 'loss') / lossOf(student, 'loss').last;
      const { first, last } = lossOf(student, 'loss/ce');
      const rises = accuracy > GAIN.accuracy && fall > GAIN.loss && swingOf(student) <= SWING;
      const stands = last > STANDING * first && rate !== null && rate.value < SMALL_RATE;
      return rises || stands
        ? [
            {
              what: say`an epoch of the last quarter, seed ${student.seed}`,
              value: say`validation accuracy ${`${accuracy >= 0 ? '+' : ''}${percent(accuracy)}`}, training loss ${percent(-fall)}`,
            },
          ]
        : [];
    });
    if (!mostly(students, signs)) return null;
    return {
      symptom: say`The student had hardly begun to learn, or was still learning fast, when training ended.`,
      evidence: [...signs, ...rateEvidence(rate, say)],
      cause: say`It had too few steps, or steps that are too short.`,
      changes: [
        ...otherRate(rate, 3, say),
        ...(epochs === null
          ? []
          : [
              {
                title: say`Train for ${epochs * 2} epochs`,
                path: ['train', 'epochs'],
                value: String(epochs * 2),
              },
            ]),
      ],
    };
  },
};

function longEnough(evidence: Evidence): readonly Learning[] {
  return taught(evidence).filter(({ epochs }) => epochs.length >= ENOUGH_EPOCHS);
}

export function rateEvidence(rate: LearningRate | null, say: Say): Finding['evidence'] {
  return rate === null ? [] : [{ what: say`learning rate, at its largest`, value: plain(rate.value) }];
}

/** Mean absolute change of the validation accuracy between neighbouring epochs of the second half. */
export function swingOf(student: Learning): number {
  const accuracy = seriesOf(student, 'validation', 'accuracy').map(({ value }) => value);
  const half = accuracy.slice(Math.floor(accuracy.length / 2));
  const jumps = half.slice(1).map((value, at) => Math.abs(value - (half[at] ?? value)));
  return jumps.length === 0 ? 0 : meanOf(jumps);
}

/** A part of the training loss in the first epoch, and its mean over the last quarter. */
function lossOf(
  student: Learning,
  part: 'loss' | 'loss/ce',
): { readonly first: number; readonly last: number } {
  const loss = seriesOf(student, 'train', part).map(({ value }) => value);
  return { first: loss[0] ?? NaN, last: meanOf(loss.slice(-quarterOf(loss.length))) };
}

/** Mean change an epoch over the last quarter, which is two epochs at least. */
function slopeOf(student: Learning, split: 'train' | 'validation', name: string): number {
  const values = seriesOf(student, split, name).map(({ value }) => value);
  const steps = quarterOf(values.length);
  return ((values.at(-1) ?? NaN) - (values.at(-1 - steps) ?? NaN)) / steps;
}

/** Epochs of the last quarter. */
export function quarterOf(epochs: number): number {
  return Math.max(2, Math.round(epochs / 4));
}
