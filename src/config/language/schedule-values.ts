import type { Field } from '../../schema/field.ts';
import type { Length, Schedule, ScheduledNumber } from '../../schema/scheduled.ts';
import type { Analysis } from '../analyze.ts';
import { stepsOf } from '../estimate.ts';
import { isRecord } from '../loose.ts';
import { experimentField } from '../schema/experiment.ts';
import { fieldAt } from '../schema/navigate.ts';
import { plain } from '../schema/words.ts';
import { scheduled } from '../settings.ts';
import { nodeAt, type Path } from '../syntax/node.ts';

/** The length of a phase, in which a schedule is looked at. */
interface PhaseLength {
  readonly epochs: number;
  /** Null: the data is not known. */
  readonly stepsPerEpoch: number | null;
}

/**
 * The value of a schedule after some epochs; null where it counts steps and an epoch has no known number of them. The formulas are
 * those of `training/schedules.ts`, which the editor may not load; a test holds both equal.
 */
export function valueAfter(
  schedule: ScheduledNumber,
  epochs: number,
  stepsPerEpoch: number | null,
): number | null {
  if (typeof schedule === 'number') return schedule;
  const elapsed = (unit: Length['unit']) =>
    unit === 'epochs' ? epochs : stepsPerEpoch === null ? null : epochs * stepsPerEpoch;
  const share = ({ unit, value }: Length) => {
    const now = elapsed(unit);
    return now === null ? null : value <= 0 ? 1 : Math.min(1, now / value);
  };
  switch (schedule.kind) {
    case 'constant':
      return schedule.value;
    case 'linear':
    case 'cosine': {
      const { from, to } = schedule;
      const u = share(schedule.over);
      if (u === null) return null;
      return schedule.kind === 'linear' ? from + (to - from) * u : wave(from, to, u);
    }
    case 'step': {
      const now = elapsed(schedule.unit);
      if (now === null) return null;
      return schedule.from * schedule.factor ** schedule.milestones.filter((at) => now >= at).length;
    }
    case 'warmUp': {
      const [then, u] = [valueAfter(schedule.then, epochs, stepsPerEpoch), share(schedule.over)];
      return then === null || u === null ? null : then * u;
    }
    case 'plateau':
      // As long as validation does not stall.
      return Math.max(Math.min(schedule.minimum, schedule.from), schedule.from);
    case 'oneCycle': {
      const u = share(schedule.over);
      return u === null ? null : cycle(schedule, u);
    }
  }
}

/** Half a cosine wave. */
function wave(from: number, to: number, u: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * u))) / 2;
}

function cycle({ peak, rise, startDivisor, endDivisor }: Extract<Schedule, { kind: 'oneCycle' }>, u: number) {
  const start = peak / startDivisor;
  return u < rise ? wave(start, peak, u / rise) : wave(peak, start / endDivisor, (u - rise) / (1 - rise));
}

/** What the schedule of a number yields at the start, in the middle and at the end of its phase; null where it has none. */
export function scheduleMarkdown(path: Path, analysis: Analysis): string | null {
  const at = scheduledPath(path, analysis);
  const length = at === null ? null : lengthOf(at, analysis);
  if (at === null || length === null) return null;
  const schedule = scheduled(looseAt(analysis.value, at));
  const moments = [0, length.epochs / 2, length.epochs];
  const values = moments.map((epochs) => valueAfter(schedule, epochs, length.stepsPerEpoch));
  if (!values.every((value): value is number => value !== null && Number.isFinite(value))) return null;
  const [start = '', middle = '', end = ''] = values.map(valueText);
  const stalls = holdsPlateau(schedule) ? ', as long as validation does not stall' : '';
  const { epochs } = length;
  const span = `${plain(epochs)} epoch${epochs === 1 ? '' : 's'}`;
  return `Over ${span}: **${start}** at the start, **${middle}** in the middle, **${end}** at the end${stalls}.`;
}

/** The number at or above a path whose value is a whole schedule; of schedules within schedules the outermost. */
function scheduledPath(path: Path, { tree, value, report }: Analysis): Path | null {
  for (let length = 1; length <= path.length; length += 1) {
    const at = path.slice(0, length);
    const field: Field | undefined = fieldAt(experimentField, tree ?? undefined, at);
    if (field?.kind !== 'number' || !field.schedulable) continue;
    const node = nodeAt(tree ?? undefined, at);
    // What has a fault somewhere may have holes.
    return node?.kind === 'map' && !report.failed && isRecord(looseAt(value, at)) ? at : null;
  }
  return null;
}

function lengthOf([first, second]: Path, { value, data, models }: Analysis): PhaseLength | null {
  const own = first === 'models' ? value.models?.[String(second)]?.train : undefined;
  const phase = first === 'distill' ? value.phases?.find((one) => one?.loss === 'distill') : undefined;
  const epochs = phase?.epochs ?? own?.epochs ?? value.train?.epochs;
  const batchSize = own?.batchSize ?? value.train?.batchSize;
  const fraction = value.data?.validation?.fraction;
  if (epochs === undefined) return null;
  const learner = first === 'models' ? String(second) : (value.distill?.to ?? '');
  const classes = models.get(learner)?.classes ?? null;
  const steps =
    batchSize === undefined || fraction === undefined ? null : stepsOf(data, fraction, batchSize, classes);
  return { epochs, stepsPerEpoch: steps?.perEpoch ?? null };
}

function looseAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => {
    if (typeof step === 'number') return Array.isArray(at) ? (at as readonly unknown[])[step] : undefined;
    return isRecord(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, value);
}

function holdsPlateau(schedule: ScheduledNumber): boolean {
  if (typeof schedule === 'number') return false;
  return schedule.kind === 'plateau' || (schedule.kind === 'warmUp' && holdsPlateau(schedule.then));
}

/** Four digits are enough to see where it goes. */
function valueText(value: number): string {
  return plain(Number(value.toPrecision(4)));
}
