import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../paths.mjs';
import { baseOf, coveredBy, settingsText, teacherOf } from './configs.mjs';

const DATA = join(ROOT, 'docs', 'results.json');

/**
 * @typedef {import('../../../src/config/reference/results.ts').StoredResults} StoredResults
 * @typedef {import('../../../src/config/reference/results.ts').StoredRow} StoredRow
 * @typedef {Omit<StoredRow, 'againstAlone' | 'againstKd' | 'costOverKd'>} MeasuredRow
 * @typedef {import('../../../src/protocol/records.ts').RunRecord} RunRecord
 * @typedef {import('../../../src/statistics/comparison.ts').compareAll} CompareAll
 * @typedef {import('../../../src/statistics/metrics.ts').comparedBy} ComparedBy
 * @typedef {import('../../../src/config/reference/results.ts').StoredValues} StoredValues
 */

/** What is stored of the test split: `accuracy`; where images are the answers `psnr`, by which they are judged, and `ssim`. */
const STORED = /** @type {const} */ (['accuracy', 'psnr', 'ssim']);

/** @returns {StoredValues} */
function valuesOf(test) {
  return Object.fromEntries(
    STORED.flatMap((name) => (test[name] === undefined ? [] : [[name, Number(test[name])]])),
  );
}

/**
 * What these values are judged by.
 *
 * @param {StoredValues} values
 * @returns {import('../../../src/protocol/main-metric.ts').MainMetric}
 */
const metricOf = ({ accuracy }) => (accuracy === undefined ? 'psnr' : 'accuracy');

/** @returns {StoredResults} what was measured before */
export function readStored() {
  return existsSync(DATA) ? JSON.parse(readFileSync(DATA, 'utf8')) : { bases: {}, rows: [], notRun: [] };
}

/** @param {StoredResults} stored */
export async function writeStored(stored) {
  const options = { ...(await resolveConfig(DATA)), parser: 'json' };
  writeFileSync(DATA, await format(JSON.stringify(stored), options));
}

/**
 * A finished run as a row: what it reached on the test split by seed, which was read once, at the end of the run.
 *
 * @param {import('./systems.mjs').System} system
 * @param {import('./trained.mjs').State} state
 * @param {RunRecord} record
 * @param {number | null} secondsOfTraining
 * @param {{ findings: readonly string[], unable: readonly string[] }} diagnosed rules of the diagnosis that spoke of it, and that lacked what they look at
 * @returns {MeasuredRow} not yet judged
 */
export function rowOf(system, state, record, secondsOfTraining, diagnosed) {
  const phases = record.results?.phases ?? [];
  const bySeed = (name) =>
    phases.flatMap(({ phase, seed, test }) => (phase === name ? [{ seed, ...valuesOf(test) }] : []));
  const students = phases.filter(({ phase }) => phase === 'student');
  const teacher = phases.find(({ phase }) => phase === 'teacher');
  const { environment } = record;
  return {
    name: system.name,
    covers: coveredBy(system),
    base: baseOf(system).name,
    kd: teacherOf(system)?.kd ?? baseOf(system).reference,
    settings: settingsText(system),
    key: state.key,
    stale: false,
    status: record.status === 'completed' ? 'completed' : 'failed',
    ...(record.failure === undefined ? {} : { failure: record.failure.message }),
    test: bySeed('student'),
    alone: bySeed('baseline'),
    ...(teacher === undefined
      ? {}
      : { teacherModel: { ...valuesOf(teacher.test), parameters: teacher.parameters } }),
    parameters: students[0]?.parameters ?? null,
    secondsOfTraining,
    cost: state.cost ?? null,
    ...diagnosed,
    fallen: (environment?.fallen ?? []).map(
      ({ phase, executor, reason }) => `${phase} on ${executor}: ${reason}`,
    ),
    measured: {
      date: record.finishedAt ?? record.createdAt,
      commit: state.commit,
      ...(state.confirmed === undefined ? {} : { confirmed: state.confirmed }),
      machine: state.machine,
      command: 'npm run results',
      run: state.command,
      executor: environment?.executor ?? '',
      versions: [
        `KD Workbench ${environment?.product ?? ''}`,
        `Node ${environment?.node ?? ''}`,
        ...Object.entries(environment?.packages ?? {}).map((one) => one.join(' ')),
      ],
    },
  };
}

/**
 * The table with new rows in place of old ones, all judged anew: what one comparison says of itself depends on how many
 * there are. A row whose code, settings or data have changed since is kept and named stale; one that the list no longer has
 * is dropped.
 *
 * @param {StoredResults} before
 * @param {readonly MeasuredRow[]} rows
 * @param {{ keys: ReadonlyMap<string, import('./keys.mjs').Keys>, bases: StoredResults['bases'], compareAll: CompareAll, comparedBy: ComparedBy }} known
 * @returns {StoredResults}
 */
export function merge(before, rows, { keys, bases, compareAll, comparedBy }) {
  const fresh = new Map(rows.map((row) => [row.name, row]));
  const old = new Map(before.rows.map((row) => [row.name, row]));
  const kept = [...keys].flatMap(([name, { key }]) => {
    const row = fresh.get(name) ?? old.get(name);
    return row === undefined ? [] : [{ ...row, stale: row.key !== key }];
  });
  return {
    bases,
    rows: judged(kept, bases, { compareAll, comparedBy }),
    notRun: [...keys.keys()].filter((name) => !kept.some((row) => row.name === name)),
  };
}

function judged(rows, bases, { compareAll, comparedBy }) {
  const named = (name) => rows.find((row) => row.name === name);
  const against = (other) => {
    const compared = rows.flatMap((row) => {
      const baseline = other(row);
      const pairs = pairsOf(row, baseline);
      return pairs.length === 0 ? [] : [{ name: row.name, pairs, metric: comparedBy(metricOf(row.test[0])) }];
    });
    const verdicts = compareAll(
      compared.map(({ pairs }) => pairs),
      {},
      compared.map(({ metric }) => ({ metric })),
    );
    return new Map(compared.map(({ name }, at) => [name, verdicts[at]]));
  };
  const alone = against((row) =>
    row.alone.length > 0 ? row.alone : named(bases[row.base].reference)?.alone,
  );
  const kd = against((row) => {
    return row.kd === row.name ? undefined : named(row.kd)?.test;
  });
  return rows.map((row) => ({
    ...row,
    againstAlone: alone.get(row.name) ?? null,
    againstKd: kd.get(row.name) ?? null,
    costOverKd: costOverKd(row, named(row.kd)),
  }));
}

/** By seed; a stale row is not compared with one of another state of the code, nor the other way round. */
function pairsOf({ test, status, stale }, baseline = []) {
  if (status !== 'completed' || stale) return [];
  return test.flatMap(({ seed, ...own }) => {
    const metric = metricOf(own);
    const other = baseline.find((one) => one.seed === seed)?.[metric];
    return other === undefined ? [] : [{ seed, student: own[metric], baseline: other }];
  });
}

function costOverKd({ cost }, reference) {
  return cost && reference?.cost ? cost.alone / reference.cost.alone : null;
}
