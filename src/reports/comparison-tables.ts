import type { Comparison, ComparisonReport, Contender } from '../protocol/comparison.ts';
import { countText, shareText, signedText, valueText } from '../protocol/number-text.ts';
import { meanOf, nameOf } from './compare-runs.ts';
import type { Table } from './table.ts';

/** A value of the metric: a share in percent, a loss as a number. */
function metricText({ metric }: Pick<ComparisonReport, 'metric'>, value: number): string {
  if (Number.isNaN(value)) return '—';
  return metric.unit === 'points' ? shareText(value) : valueText(value);
}

/** Mean over the seeds and, over several, the standard deviation of the sample: `97.31 % ± 0.12`. */
function spreadText(
  report: Pick<ComparisonReport, 'metric'>,
  contender: Contender,
  which: 'best' | 'last',
): string {
  const mean = meanOf(contender, which);
  const values = contender.seeds.flatMap(({ [which]: value }) => (value === null ? [] : [Number(value)]));
  if (values.length < 2 || Number.isNaN(mean)) return metricText(report, mean);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  const spread = report.metric.unit === 'points' ? (deviation * 100).toFixed(2) : valueText(deviation);
  return `${metricText(report, mean)} ± ${spread}`;
}

const digitsOf = ({ metric }: Pick<ComparisonReport, 'metric'>) => (metric.unit === 'points' ? 2 : 4);

function intervalText(report: ComparisonReport, interval: readonly [number, number] | null): string {
  if (interval === null) return 'none';
  return `[${interval.map((bound) => signedText(bound, digitsOf(report))).join(', ')}]`;
}

function probabilityText(p: number | null): string {
  if (p === null) return '—';
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

export function percentOf(level: number): string {
  return `${Number((level * 100).toFixed(2))} %`;
}

/** Every student: what it reached, best and last epoch, and what it costs. */
export function studentsTable(report: ComparisonReport): Table {
  const { metric, contenders, dominated } = report;
  return {
    title: `Students, ${metric.name} on the test split`,
    head: [
      '#',
      'run',
      'student',
      'seeds',
      'best epoch',
      'last epoch',
      'against alone',
      'parameters',
      'multiply-adds',
      'ms/image',
      'ms/step',
      'Pareto',
    ],
    rows: contenders.map((one, at) => [
      String(at + 1),
      one.run,
      one.student,
      one.seeds.map(({ seed }) => seed).join(', '),
      spreadText(report, one, 'best'),
      spreadText(report, one, 'last'),
      one.verdict?.verdict ?? '—',
      countText(one.parameters),
      countText(one.multiplyAdds),
      one.latency === null ? '—' : valueText(one.latency.milliseconds),
      one.millisecondsPerStep.toFixed(1),
      dominated[at] === null || dominated[at] === undefined ? 'front' : `behind ${dominated[at] + 1}`,
    ]),
    numbers: [0, 4, 5, 7, 8, 9, 10],
  };
}

/** Every student but the first, against the first. */
export function statisticsTable(report: ComparisonReport): Table {
  const { metric, contenders, comparisons, level } = report;
  const [reference] = contenders;
  return {
    title: `Against 1, ${reference === undefined ? '' : nameOf(reference)}`,
    head: [
      '#',
      'run',
      'pairs',
      `difference (${metric.unit})`,
      `${percentOf(level)} interval`,
      'p',
      'p (Holm)',
      'verdict',
      'last epoch',
      'last interval',
    ],
    rows: comparisons.map(({ contender, best, last }) => [
      String(contender + 1),
      contenders[contender]?.run ?? '',
      String(best.pairs),
      signedText(best.difference, digitsOf(report)),
      intervalText(report, best.interval),
      probabilityText(best.p),
      probabilityText(best.adjustedP),
      best.adjusted,
      last === null ? '—' : signedText(last.difference, digitsOf(report)),
      last === null ? '—' : intervalText(report, last.interval),
    ]),
    numbers: [0, 2, 3, 4, 5, 6, 8, 9],
  };
}

/** The settings in which the runs differ. */
export function settingsTable({ settings, runs }: ComparisonReport): Table {
  return {
    title: 'Settings that differ',
    head: ['setting', ...runs],
    rows: settings.map(({ key, values }) => [key, ...values.map(settingText)]),
    numbers: [],
  };
}

function settingText(value: string | number | boolean | null): string {
  return value === null ? '—' : String(value);
}

/** One sentence a comparison, and what would decide it. */
export function verdictSentences(report: ComparisonReport): readonly string[] {
  const [reference] = report.contenders;
  return report.comparisons.flatMap(({ contender, best }) => {
    const own = report.contenders[contender];
    return own === undefined || reference === undefined
      ? []
      : [sentenceOf(report, nameOf(own), nameOf(reference), best)];
  });
}

function sentenceOf(report: ComparisonReport, name: string, other: string, best: Comparison): string {
  const difference = `${signedText(best.difference, digitsOf(report))} ${best.unit} ${best.metric}`;
  const words = {
    BEATS: `${name} BEATS ${other}`,
    'NO BEATS': `${name}: NO BEATS`,
    INCONCLUSIVE: `${name}: INCONCLUSIVE`,
  };
  // What one comparison alone would have decided is not said of many.
  const wasTakenBack = best.adjusted !== best.verdict;
  const note = wasTakenBack
    ? ` Alone it would be ${best.verdict}; among ${report.comparisons.length} comparisons it may be chance.`
    : best.note === undefined
      ? ''
      : ` ${best.note}`;
  return `${words[best.adjusted]}: ${difference} ${intervalText(report, best.interval)}, ${best.pairs} ${best.pairs === 1 ? 'pair' : 'pairs'}, ${report.test}.${note}`;
}
