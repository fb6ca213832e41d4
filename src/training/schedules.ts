import type { Length, ScheduledNumber } from '../config/experiment.ts';

/** A moment of a phase. Both count from the phase's first step. */
export interface Moment {
  readonly step: number;
  readonly stepsPerEpoch: number;
}

/**
 * The value of a scheduled number. Every length and milestone counts from the start of the phase, and values move with
 * every step. With u = min(1, elapsed / over):
 *
 *     linear   from + (to − from) · u
 *     cosine   to + (from − to) · (1 + cos πu) / 2
 *     step     from · factor^(milestones reached)
 *     warmUp   then · u, where `then` is itself a number or a schedule
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
  }
}

function elapsed(unit: Length['unit'], { step, stepsPerEpoch }: Moment): number {
  return unit === 'steps' ? step : step / stepsPerEpoch;
}

/** How much of a length has gone by, 0..1. */
function share(over: Length, moment: Moment): number {
  return over.value <= 0 ? 1 : Math.min(1, elapsed(over.unit, moment) / over.value);
}
