import type { SeriesKey } from '../../src/protocol/panel.ts';
import { strings } from '../strings.ts';
import type { Option } from '../toolkit.ts';

/** What a chart shows: one metric of every phase, or one phase with several metrics that belong together. */
export type MetricChoice =
  { readonly kind: 'metric'; readonly metric: string } | { readonly kind: Together; readonly phase: string };

/** Metrics that belong together, by the beginning of their names; of `terms` the total belongs to them. */
const BEGINNINGS = {
  terms: 'loss/',
  shares: 'gradientShare/',
  weights: 'weight/',
  widths: 'width/',
} as const;
type Together = keyof typeof BEGINNINGS;
const TOGETHER = Object.keys(BEGINNINGS) as Together[];

const ORDER = ['teacher', 'student', 'baseline'];
const FIRST_METRICS = ['accuracy', 'psnr', 'loss'];

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
  const together = TOGETHER.find((one) => one === kind);
  return together === undefined ? null : { kind: together, phase: rest };
}

/** Everything that a chart can show, most asked for first. */
export function choicesOf(keys: readonly SeriesKey[]): MetricChoice[] {
  const metrics = [...new Set(keys.map(({ metric }) => metric))].sort(byInterest);
  const having = (kind: Together) =>
    phasesOf(keys.filter(({ metric }) => metric.startsWith(BEGINNINGS[kind]))).map((phase) => ({
      kind,
      phase,
    }));
  const inGroups = TOGETHER.filter((kind) => kind !== 'terms');
  return [
    ...having('terms').toReversed(),
    ...metrics
      .filter((metric) => !inGroups.some((kind) => metric.startsWith(BEGINNINGS[kind])))
      .map((metric) => ({ kind: 'metric' as const, metric })),
    ...inGroups.flatMap(having),
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
    case 'weights':
      return strings.lossWeights(choice.phase);
    case 'widths':
      return strings.neurons(choice.phase);
  }
}

export function optionOf(choice: MetricChoice): Option {
  return { value: encodeChoice(choice), label: nameOfChoice(choice) };
}

/** Names of the metrics that a choice is made of; with a slash at its end, of all that begin with it. */
export function metricsOf(choice: MetricChoice): string[] {
  if (choice.kind === 'metric') return [choice.metric];
  return [...(choice.kind === 'terms' ? ['loss'] : []), BEGINNINGS[choice.kind]];
}

/** Whether a metric of a phase is shown by a choice. */
export function isShownBy(
  { phase, metric }: Pick<SeriesKey, 'phase' | 'metric'>,
  choice: MetricChoice,
): boolean {
  if (choice.kind === 'metric') return metric === choice.metric;
  return (
    phase === choice.phase &&
    metricsOf(choice).some((name) => (name.endsWith('/') ? metric.startsWith(name) : metric === name))
  );
}

/**
 * What a chart shows before anybody has chosen: the first the loss with its terms, of the student once it trains; the second the
 * accuracy, or the PSNR; one more what comes next.
 */
export function defaultChoice(choices: readonly MetricChoice[], place: number): MetricChoice | null {
  const terms = choices.find(
    ({ kind, ...choice }) => kind === 'terms' && 'phase' in choice && choice.phase === 'student',
  );
  const metric = (name: string) =>
    choices.find((choice) => choice.kind === 'metric' && choice.metric === name);
  const usual = [terms ?? metric('loss'), metric('accuracy') ?? metric('psnr')][place];
  return usual ?? choices[place] ?? choices[0] ?? null;
}
