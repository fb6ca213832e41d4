import { csvLine } from '../protocol/csv.ts';
import type { MetricsRecord } from '../protocol/records.ts';

type Blocks = Iterable<readonly MetricsRecord[]>;

/**
 * Every metrics record as a line of CSV (RFC 4180), a column for every value that occurs; in pieces, for the records may be many.
 * @param read goes through all records, and is called twice: the columns are known after the first time
 */
export function* metricsCsv(read: () => Blocks): Generator<string, void, void> {
  const names = new Set<string>();
  for (const records of read()) {
    for (const { values } of records) for (const name of Object.keys(values)) names.add(name);
  }
  const metrics = [...names].sort();
  yield csvLine(['seq', 'time', 'phase', 'seed', 'epoch', 'step', 'split', ...metrics]);
  for (const records of read()) yield records.map((record) => csvLine(cellsOf(record, metrics))).join('');
}

function cellsOf(record: MetricsRecord, metrics: readonly string[]): (string | number | undefined)[] {
  const { seq, time, phase, seed, epoch, step, split, values } = record;
  const own = metrics.map((metric) => (Object.hasOwn(values, metric) ? values[metric] : undefined));
  return [seq, time, phase, seed, epoch, step, split, ...own];
}
