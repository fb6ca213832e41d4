import type { RunTableRow } from '../../protocol/panel-compare.ts';
import { judgedMetricOf } from '../../protocol/main-metric.ts';
import { baselineOf, studentsOf, verdictsOf } from '../../reports/run-facts.ts';
import type { JsonNumber, PhaseResult, RunRecord } from '../../protocol/records.ts';
import { labelsOfEntry, type RunEntry } from '../runs/run-entry.ts';
import { summaryOfRun } from './run-view.ts';

/** What the table of all runs tells of one. */
export function tableRowOf(entry: RunEntry): RunTableRow {
  const { record, status, directory } = entry;
  const results = record.results;
  const student = results === undefined ? undefined : studentsOf(results)[0];
  const phases = results?.phases ?? [];
  const own = phases.filter(({ phase }) => phase === student);
  const named = (phase: string | null) => (phase === null ? [] : phases.filter((one) => one.phase === phase));
  const verdict = results === undefined ? undefined : verdictsOf(results)[0]?.verdict;
  const [first] = own;
  const metric = results === undefined ? 'accuracy' : judgedMetricOf(results);
  return {
    ...summaryOfRun({ ...record, status }, directory),
    labels: labelsOfEntry(entry),
    student: student ?? null,
    metric,
    best: meanOf(own.map(({ test }) => test[metric])),
    last: meanOf(own.map(({ lastTest }) => lastTest?.[metric])),
    teacher: student === 'teacher' ? null : meanOf(named('teacher').map(({ test }) => test[metric])),
    baseline:
      results === undefined ? null : meanOf(named(baselineOf(results)).map(({ test }) => test[metric])),
    difference: verdict?.metric === metric ? verdict.difference : null,
    seeds: own.length,
    parameters: first?.parameters ?? null,
    multiplyAdds: first?.multiplyAdds ?? null,
    millisecondsPerStep: numberOf(meanOf(own.map(({ millisecondsPerStep }) => millisecondsPerStep))),
    latency: numberOf(meanOf(own.map(({ latency }: PhaseResult) => latency?.milliseconds))),
    seconds: secondsOf(record),
  };
}

/** Null where there is none; a value that is no number makes the mean none. */
function meanOf(values: readonly (JsonNumber | undefined)[]): JsonNumber | null {
  const known = values.filter((value) => value !== undefined).map(Number);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return Number.isFinite(mean) ? mean : Number.isNaN(mean) ? 'NaN' : mean > 0 ? 'Infinity' : '-Infinity';
}

function numberOf(value: JsonNumber | null): number | null {
  return typeof value === 'number' ? value : null;
}

function secondsOf({ startedAt, finishedAt }: RunRecord): number | null {
  if (startedAt === undefined || finishedAt === undefined) return null;
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
