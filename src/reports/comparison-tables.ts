import type { Comparison, ComparisonReport, Contender } from '../protocol/comparison.ts';
import { countText, shareText, signedText, valueText } from '../protocol/number-text.ts';
import { inEnglish, type Say } from '../protocol/say.ts';
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

function intervalText(
  report: ComparisonReport,
  interval: readonly [number, number] | null,
  say: Say,
): string {
  if (interval === null) return say`none`;
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
export function studentsTable(report: ComparisonReport, say: Say = inEnglish): Table {
  const { metric, contenders, dominated } = report;
  return {
    title: say`Students, ${metric.name} on the test split`,
    head: [
      '#',
      say`run`,
      say`student`,
      say`seeds`,
      say`best epoch`,
      say`last epoch`,
      say`against alone`,
      say`parameters`,
      say`multiply-adds`,
      say`ms/image`,
      say`ms/step`,
      say`Pareto`,
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
      dominated[at] === null || dominated[at] === undefined ? say`front` : say`behind ${dominated[at] + 1}`,
    ]),
    numbers: [0, 4, 5, 7, 8, 9, 10],
  };
}

/** Every student but the first, against the first. */
export function statisticsTable(report: ComparisonReport, say: Say = inEnglish): Table {
  const { metric, contenders, comparisons, level } = report;
  const [reference] = contenders;
  return {
    title: say`Against 1, ${reference === undefined ? '' : nameOf(reference)}`,
    head: [
      '#',
      say`run`,
      say`pairs`,
      say`difference (${metric.unit})`,
      say`${percentOf(level)} interval`,
      'p',
      say`p (Holm)`,
      say`verdict`,
      say`last epoch`,
      say`last interval`,
    ],
    rows: comparisons.map(({ contender, best, last }) => [
      String(contender + 1),
      contenders[contender]?.run ?? '',
      String(best.pairs),
      signedText(best.difference, digitsOf(report)),
      intervalText(report, best.interval, say),
      probabilityText(best.p),
      probabilityText(best.adjustedP),
      best.adjusted,
      last === null ? '—' : signedText(last.difference, digitsOf(report)),
      last === null ? '—' : intervalText(report, last.interval, say),
    ]),
    numbers: [0, 2, 3, 4, 5, 6, 8, 9],
  };
}

/** The settings in which the runs differ. */
export function settingsTable({ settings, runs }: ComparisonReport, say: Say = inEnglish): Table {
  return {
    title: say`Settings that differ`,
    head: [say`setting`, ...runs],
    rows: settings.map(({ key, values }) => [key, ...values.map(settingText)]),
    numbers: [],
  };
}

function settingText(value: string | number | boolean | null): string {
  return value === null ? '—' : String(value);
}

/** One sentence a comparison, and what would decide it. */
export function verdictSentences(report: ComparisonReport, say: Say = inEnglish): readonly string[] {
  const [reference] = report.contenders;
  return report.comparisons.flatMap(({ contender, best }) => {
    const own = report.contenders[contender];
    return own === undefined || reference === undefined
      ? []
      : [sentenceOf(report, nameOf(own), nameOf(reference), best, say)];
  });
}

function sentenceOf(
  report: ComparisonReport,
  name: string,
  other: string,
  best: Comparison,
  say: Say,
): string {
  const words = {
    BEATS: say`${name} BEATS ${other}`,
    'NO BEATS': `${name}: NO BEATS`,
    INCONCLUSIVE: `${name}: INCONCLUSIVE`,
  };
  const facts = [
    `${signedText(best.difference, digitsOf(report))} ${best.unit} ${best.metric} ${intervalText(report, best.interval, say)}`,
    best.pairs === 1 ? say`1 pair` : say`${best.pairs} pairs`,
    report.test,
  ];
  // What one comparison alone would have decided is not said of many.
  const wasTakenBack = best.adjusted !== best.verdict;
  const note = wasTakenBack
    ? say`Alone it would be ${best.verdict}; among ${report.comparisons.length} comparisons it may be chance.`
    : (best.note ?? '');
  return `${words[best.adjusted]}: ${facts.join(', ')}. ${note}`.trim();
}
