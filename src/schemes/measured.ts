import type { MainMetric } from '../protocol/main-metric.ts';
import type { TrainSettings } from './train-settings.ts';

/** What models of a task are judged by. */
export function mainMetricOfTask({
  kind,
}: {
  readonly kind: 'classification' | 'reconstruction';
}): MainMetric {
  return kind === 'reconstruction' ? 'psnr' : 'accuracy';
}

/** What can be measured beside accuracy and losses. */
export type Measured =
  'balancedAccuracy' | 'macroF1' | 'calibrationError' | 'quadraticKappa' | 'top5Accuracy' | 'confusion';

export const MEASURED_BY_DEFAULT: readonly Measured[] = [
  'balancedAccuracy',
  'macroF1',
  'calibrationError',
  'quadraticKappa',
  'confusion',
];

/** Recorded of every run: verdict, gap and guards stand on them. */
const ALWAYS: readonly string[] = ['accuracy', 'loss/ce'];

/**
 * Names of the measures that a phase records: those that are asked for, and those that it reacts to.
 * @param reacting whatever may hold a schedule, as plain data
 */
export function measuredIn(
  asked: readonly Measured[],
  { selectBy = 'accuracy', earlyStopping }: Pick<TrainSettings, 'selectBy' | 'earlyStopping'>,
  reacting: readonly unknown[],
): ReadonlySet<string> {
  const watched = earlyStopping === undefined ? [] : [earlyStopping.by];
  return new Set([...ALWAYS, ...asked, selectBy, ...watched, ...reacting.flatMap(plateausIn)]);
}

/** The metrics that the `plateau` schedules in a piece of plain data watch. */
function plateausIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { kind, by } = value as { readonly kind?: unknown; readonly by?: unknown };
  const own = kind === 'plateau' && typeof by === 'string' ? [by] : [];
  return [...own, ...Object.values(value).flatMap(plateausIn)];
}
