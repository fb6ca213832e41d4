import { basename } from 'node:path';
import {
  ABLATION_KINDS,
  ablationOf,
  type AblationAnswer,
  type AblationDifference,
  type AblationKind,
} from '../protocol/ablation.ts';
import type { RunRecord, RunStatus } from '../protocol/records.ts';
import { judge } from '../statistics/verdict.ts';

/** A run as far as it matters here. */
export interface AblationRun {
  readonly record: Pick<RunRecord, 'config' | 'results'>;
  readonly status: RunStatus;
}

/** The phase whose student an ablation is about. */
const PHASE = 'student';

type Reached = ReadonlyMap<number, number>;

/**
 * What the newest ablation of a config says: of each of its experiments the newest run, and between any two of them the difference of
 * test accuracy, paired by seed and judged as the verdict of a run is (`judge`). Null where none of its experiments is among the runs.
 *
 * @param runs newest first
 */
export function ablationAnswer(config: string, runs: readonly AblationRun[]): AblationAnswer | null {
  const own = runs.flatMap((run) => {
    const found = ablationOf(run.record.config);
    return found?.base === config ? [{ ...run, ...found }] : [];
  });
  if (own.length === 0) return null;
  const newest = Math.max(...own.map(({ set }) => set));
  const found = ABLATION_KINDS.flatMap((kind) => {
    const run = own.find((one) => one.set === newest && one.kind === kind);
    return run === undefined ? [] : [{ kind, run, reached: reachedBy(run) }];
  });
  return {
    variants: found.map(({ kind, run, reached }) => ({
      ...{ kind, file: basename(run.record.config), status: run.status, seeds: reached.size },
      accuracy: reached.size === 0 ? null : mean([...reached.values()]),
    })),
    differences: found.flatMap((one, at) =>
      found
        .slice(at + 1)
        .flatMap((other) => differenceOf(one.kind, other.kind, one.reached, other.reached) ?? []),
    ),
  };
}

/** Test accuracy by seed. */
function reachedBy({ record }: AblationRun): Reached {
  const students = (record.results?.phases ?? []).filter(({ phase }) => phase === PHASE);
  return new Map(
    students.flatMap(({ seed, test: { accuracy } }) =>
      typeof accuracy === 'number' ? [[seed, accuracy] as const] : [],
    ),
  );
}

function differenceOf(
  of: AblationKind,
  to: AblationKind,
  one: Reached,
  other: Reached,
): AblationDifference | null {
  const pairs = [...one].flatMap(([seed, student]) => {
    const baseline = other.get(seed);
    return baseline === undefined ? [] : [{ seed, student, baseline }];
  });
  if (pairs.length === 0) return null;
  const { difference, interval, level } = judge(pairs, { against: 'other' });
  return { of, to, mean: difference, interval, level, pairs: pairs.length };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
