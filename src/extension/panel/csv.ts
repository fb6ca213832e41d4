import type { MetricsRecord } from '../../protocol/records.ts';

/** Every metrics record as a line of CSV (RFC 4180), a column for every value that occurs. */
export function metricsCsv(records: readonly MetricsRecord[]): string {
  const metrics = [...new Set(records.flatMap((record) => Object.keys(record.values)))].sort();
  const head = ['seq', 'time', 'phase', 'seed', 'epoch', 'step', 'split', ...metrics];
  const lines = records.map((record) => [
    record.seq,
    record.time,
    record.phase,
    record.seed,
    record.epoch,
    record.step,
    record.split,
    ...metrics.map((metric) => (Object.hasOwn(record.values, metric) ? record.values[metric] : undefined)),
  ]);
  return [head, ...lines].map((line) => `${line.map(field).join(',')}\r\n`).join('');
}

function field(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  // A spreadsheet would run a field that begins like a formula.
  const text = /^[=+\-@\t\r]/u.test(value) && !/^-Infinity$/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
