import type { Length, Schedule, ScheduledNumber } from '../config/experiment.ts';
import { timesStalled, type ValidationHistory } from './validation-history.ts';

/** A moment of a phase. Both count from the phase's first step. */
export interface Moment {
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** What the epochs before it reached on validation; left out: none. */
  readonly history?: ValidationHistory;
}

/**
 * The value of a scheduled number. Every length and milestone counts from the start of the phase, and values move with
 * every step. With u = min(1, elapsed / over):
 *
 *     linear   from + (to − from) · u
 *     cosine   to + (from − to) · (1 + cos πu) / 2
 *     step     from · factor^(milestones reached)
 *     warmUp   then · u, where `then` is itself a number or a schedule
 *     plateau  max(minimum, from · factor^n), n: how often validation stalled
 *     oneCycle cosine from peak / startDivisor up to peak in the first `rise` of the length, then down to
 *              peak / startDivisor / endDivisor (Smith and Topin 2018 in the form of PyTorch's OneCycleLR)
 */
export function valueAt(scheduled: ScheduledNumber, moment: Moment): number {
  if (typeof scheduled === 'number') return scheduled;
  switch (scheduled.kind) {
    case 'constant':
      return scheduled.value;
    case 'linear':
      return scheduled.from + (scheduled.to - scheduled.from) * share(scheduled.over, moment);
    case 'cosine': {
      const left = (1 + Math.cos(Math.PI * share(scheduled.over, moment))) / 2;
      return scheduled.to + (scheduled.from - scheduled.to) * left;
    }
    case 'step': {
      const now = elapsed(scheduled.unit, moment);
      return (
        scheduled.from *
        scheduled.factor ** scheduled.milestones.filter((milestone) => now >= milestone).length
      );
    }
    case 'warmUp':
      return valueAt(scheduled.then, moment) * share(scheduled.over, moment);
    case 'plateau': {
      const reduced = scheduled.from * scheduled.factor ** timesStalled(moment.history ?? [], scheduled);
      return Math.max(Math.min(scheduled.minimum, scheduled.from), reduced);
    }
    case 'oneCycle':
      return oneCycle(scheduled, share(scheduled.over, moment));
  }
}

function oneCycle(
  { peak, rise, startDivisor, endDivisor }: Extract<Schedule, { kind: 'oneCycle' }>,
  u: number,
): number {
  const start = peak / startDivisor;
  const between = (from: number, to: number, part: number) =>
    to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;
  return u < rise
    ? between(start, peak, u / rise)
    : between(peak, start / endDivisor, (u - rise) / (1 - rise));
}

function elapsed(unit: Length['unit'], { step, stepsPerEpoch }: Moment): number {
  return unit === 'steps' ? step : step / stepsPerEpoch;
}

/** How much of a length has gone by, 0..1. */
function share(over: Length, moment: Moment): number {
  return over.value <= 0 ? 1 : Math.min(1, elapsed(over.unit, moment) / over.value);
}
