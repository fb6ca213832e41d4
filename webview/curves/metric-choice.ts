import type { SeriesKey } from '../../src/protocol/panel.ts';
import { strings } from '../strings.ts';
import type { Option } from '../toolkit.ts';

/** What a chart shows: one metric of every phase, or one phase with several metrics that belong together. */
export type MetricChoice =
  | { readonly kind: 'metric'; readonly metric: string }
  | { readonly kind: 'terms' | 'shares'; readonly phase: string };

const ORDER = ['teacher', 'student', 'baseline'];
const FIRST_METRICS = ['accuracy', 'loss'];

/** Phases in the order in which a run goes through them, others after. */
export function phasesOf(keys: readonly SeriesKey[]): string[] {
  const rank = (phase: string) => (ORDER.includes(phase) ? ORDER.indexOf(phase) : ORDER.length);
  return [...new Set(keys.map(({ phase }) => phase))].sort((a, b) => rank(a) - rank(b));
}

export function encodeChoice(choice: MetricChoice): string {
  return choice.kind === 'metric' ? `metric:${choice.metric}` : `${choice.kind}:${choice.phase}`;
}

export function decodeChoice(text: string): MetricChoice | null {
  const [kind, rest] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  if (kind === 'metric') return { kind, metric: rest };
  if (kind === 'terms' || kind === 'shares') return { kind, phase: rest };
  return null;
}

/** Everything that a chart can show, most asked for first. */
export function choicesOf(keys: readonly SeriesKey[]): MetricChoice[] {
  const metrics = [...new Set(keys.map(({ metric }) => metric))].sort(byInterest);
  const having = (prefix: string) => phasesOf(keys.filter(({ metric }) => metric.startsWith(prefix)));
  return [
    ...having('loss/')
      .toReversed()
      .map((phase) => ({ kind: 'terms' as const, phase })),
    ...metrics
      .filter((metric) => !metric.startsWith('gradientShare/'))
      .map((metric) => ({ kind: 'metric' as const, metric })),
    ...having('gradientShare/').map((phase) => ({ kind: 'shares' as const, phase })),
  ];
}

function byInterest(a: string, b: string): number {
  const rank = (metric: string) =>
    FIRST_METRICS.includes(metric) ? FIRST_METRICS.indexOf(metric) : FIRST_METRICS.length;
  return rank(a) - rank(b) || a.localeCompare(b);
}

export function nameOfChoice(choice: MetricChoice): string {
  switch (choice.kind) {
    case 'metric':
      return choice.metric;
    case 'terms':
      return strings.lossTerms(choice.phase);
    case 'shares':
      return strings.gradientShares(choice.phase);
  }
}

export function optionOf(choice: MetricChoice): Option {
  return { value: encodeChoice(choice), label: nameOfChoice(choice) };
}

/** Names of the metrics that a choice is made of; with a slash at its end, of all that begin with it. */
export function metricsOf(choice: MetricChoice): string[] {
  switch (choice.kind) {
    case 'metric':
      return [choice.metric];
    case 'terms':
      return ['loss', 'loss/'];
    case 'shares':
      return ['gradientShare/'];
  }
}

/**
 * What a chart shows before anybody has chosen: the first the loss with its terms, of the student once it trains; the second the
 * accuracy; one more what comes next.
 */
export function defaultChoice(choices: readonly MetricChoice[], place: number): MetricChoice | null {
  const terms = choices.find(
    ({ kind, ...choice }) => kind === 'terms' && 'phase' in choice && choice.phase === 'student',
  );
  const metric = (name: string) =>
    choices.find((choice) => choice.kind === 'metric' && choice.metric === name);
  const usual = [terms ?? metric('loss'), metric('accuracy')][place];
  return usual ?? choices[place] ?? choices[0] ?? null;
}
