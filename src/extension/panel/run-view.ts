import type { RunSummary, RunView } from '../../protocol/panel.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { runProgress, runResults, verdict as verdictShape } from '../../protocol/panel-shapes.ts';
import type { RunRecord, Verdict, VerdictWord } from '../../protocol/records.ts';
import { nullable, read } from '../../protocol/shape.ts';

/**
 * What the panel may see of a run record: within the limits of a message, and without the control socket and its token.
 * Parts of the record that make no sense are left out.
 */
export function viewOfRun(record: RunRecord, directory: string, verdict: Verdict | null = null): RunView {
  const results = read(runResults, record.results, 'results');
  const progress = read(runProgress, record.progress, 'progress');
  const readVerdict = read(nullable(verdictShape), verdict, 'verdict');
  const found = readVerdict.ok ? readVerdict.value : null;
  const { environment, failure } = record;
  return {
    ...summaryOfRun(record, directory),
    seeds: record.seeds.filter((seed) => Number.isFinite(seed)).slice(0, LIMITS.seeds),
    overrides: listOf(record.overrides)
      .map((override) => cut(override, LIMITS.messageLength))
      .slice(0, 500),
    refused: objectsOf(environment?.refused).map((one) => ({
      name: cut(one.name, LIMITS.nameLength),
      reason: cut(one.reason, LIMITS.messageLength),
    })),
    fallen: objectsOf(environment?.fallen).map((one) => ({
      phase: cut(one.phase, LIMITS.nameLength),
      executor: cut(one.executor, LIMITS.nameLength),
      reason: cut(one.reason, LIMITS.messageLength),
    })),
    moves: objectsOf(record.moves).map((one) => ({
      from: cut(one.from, LIMITS.nameLength),
      to: cut(one.to, LIMITS.nameLength),
      phase: cut(one.phase, LIMITS.nameLength),
      seed: Number.isFinite(one.seed) ? one.seed : 0,
      step: Number.isSafeInteger(one.step) && one.step > 0 ? one.step : 0,
    })),
    ...(record.startedAt !== undefined && { startedAt: cut(record.startedAt, LIMITS.nameLength) }),
    ...(record.finishedAt !== undefined && { finishedAt: cut(record.finishedAt, LIMITS.nameLength) }),
    ...(environment && {
      executor: cut(environment.executor, LIMITS.nameLength),
      machine: cut(`${environment.cpu}, ${environment.platform}`, LIMITS.nameLength),
    }),
    ...(results.ok && { results: { ...results.value, verdict: results.value.verdict ?? found } }),
    ...(!results.ok && found !== null && { results: { phases: [], verdict: found } }),
    ...(progress.ok && { progress: progress.value }),
    ...(failure && {
      failure: {
        code: cut(failure.code, LIMITS.nameLength),
        message: cut(failure.message, LIMITS.messageLength),
        help: cut(failure.help, LIMITS.messageLength),
      },
    }),
  };
}

export function summaryOfRun(record: RunRecord, directory: string): RunSummary {
  return {
    id: cut(record.id, LIMITS.nameLength),
    directory: cut(directory, LIMITS.pathLength),
    name: cut(record.name, LIMITS.nameLength),
    config: cut(record.config, LIMITS.pathLength),
    status: record.status,
    createdAt: cut(record.createdAt, LIMITS.nameLength),
    verdict: wordOf(record),
  };
}

function wordOf(record: RunRecord): VerdictWord | null {
  const results = read(runResults, record.results, 'results');
  return results.ok ? (results.value.verdict?.verdict ?? null) : null;
}

/** A record on disk promises text; a damaged one may hold anything. */
function cut(value: unknown, longest: number): string {
  if (typeof value === 'string') return value.slice(0, longest);
  return value === undefined ? '' : JSON.stringify(value).slice(0, longest);
}

/** The first entries of a list of objects. */
function objectsOf<T extends object>(value: readonly T[] | undefined): readonly T[] {
  return listOf(value)
    .filter((one: unknown) => typeof one === 'object' && one !== null)
    .slice(0, 50);
}

function listOf<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}
