import type { ComparisonReport } from '../protocol/comparison.ts';
import { csvLine } from '../protocol/csv.ts';
import { meanOf } from './compare-runs.ts';

type CsvCell = string | number | undefined;

/** One line a student with its statistics, and a column for every seed and every setting that differs. */
export function comparisonCsv(report: ComparisonReport): string {
  const { contenders, comparisons, settings, runs, dominated, metric } = report;
  const seeds = [...new Set(contenders.flatMap((one) => one.seeds.map(({ seed }) => seed)))].sort(
    (a, b) => a - b,
  );
  const head = [
    ...['run', 'student', 'experiment', 'metric', 'unit', 'best', 'last'],
    ...seeds.flatMap((seed) => [`best seed ${seed}`, `last seed ${seed}`]),
    ...['pairs', 'difference', 'low', 'high', 'level', 'test', 'p', 'adjustedP', 'verdict'],
    ...['lastDifference', 'lastLow', 'lastHigh'],
    ...['parameters', 'multiplyAdds', 'bytes', 'millisecondsPerStep', 'latencyMilliseconds', 'latencyBatch'],
    ...['machine', 'dominatedBy'],
    ...settings.map(({ key }) => key),
  ];
  const rows = contenders.map((one, at): readonly CsvCell[] => {
    const comparison = comparisons.find(({ contender }) => contender === at);
    const [best, last] = [comparison?.best, comparison?.last];
    const run = runs.indexOf(one.run);
    const by = dominated[at];
    return [
      ...[one.run, one.student, one.experiment, metric.name, metric.unit],
      ...[number(meanOf(one, 'best')), number(meanOf(one, 'last'))],
      ...seeds.flatMap((seed) => {
        const own = one.seeds.find((other) => other.seed === seed);
        return [own?.best ?? undefined, own?.last ?? undefined];
      }),
      ...[best?.pairs, best?.difference, best?.interval?.[0], best?.interval?.[1], best?.level],
      ...[best === undefined ? undefined : report.test, best?.p ?? undefined, best?.adjustedP ?? undefined],
      best?.adjusted,
      ...[last?.difference, last?.interval?.[0], last?.interval?.[1]],
      ...[one.parameters, one.multiplyAdds, one.bytes, one.millisecondsPerStep],
      ...[one.latency?.milliseconds, one.latency?.batch, one.machine],
      by === null || by === undefined ? undefined : contenders[by]?.run,
      ...settings.map(({ values }) => cellOf(values[run] ?? null)),
    ];
  });
  return [head, ...rows].map(csvLine).join('');
}

function number(value: number): CsvCell {
  return Number.isNaN(value) ? undefined : value;
}

function cellOf(value: string | number | boolean | null): CsvCell {
  return value === null ? undefined : typeof value === 'boolean' ? String(value) : value;
}
