import { basename } from 'node:path';
import {
  ABLATION_KINDS,
  ablationOf,
  type AblationAnswer,
  type AblationDifference,
  type AblationKind,
} from '../protocol/ablation.ts';
import type { RunRecord, RunStatus } from '../protocol/records.ts';

/** A run as far as it matters here. */
export interface AblationRun {
  readonly record: Pick<RunRecord, 'config' | 'results'>;
  readonly status: RunStatus;
}

/** The phase whose student an ablation is about. */
const PHASE = 'student';
const LEVEL = 0.95;
const FEWEST_PAIRS = 3;
/** Quantiles of Student's t at (1 + level) / 2 for 2, 3, ... degrees of freedom (Abramowitz and Stegun, table 26.10). */
const QUANTILES = [
  4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139, 2.200985,
  2.178813, 2.160369, 2.144787, 2.13145, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963,
];

type Reached = ReadonlyMap<number, number>;

/**
 * What the newest ablation of a config says: of each of its experiments the newest run, and between any two of them the difference of
 * test accuracy, paired by seed. Null where none of its experiments is among the runs. With d the differences of n seeds, in points:
 *
 *     d̄ ± t(0.975; n − 1) · s_d / √n          n ≥ 3; beyond 20 seeds with the t of 20, which is wider than its own
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
  const differences = [...one].flatMap(([seed, accuracy]) => {
    const against = other.get(seed);
    return against === undefined ? [] : [(accuracy - against) * 100];
  });
  const pairs = differences.length;
  if (pairs === 0) return null;
  const middle = mean(differences);
  const variance = differences.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (pairs - 1);
  const t = QUANTILES[Math.min(pairs - 3, QUANTILES.length - 1)] ?? NaN;
  const half = t * Math.sqrt(variance / pairs);
  const interval = pairs < FEWEST_PAIRS ? null : ([middle - half, middle + half] as const);
  return { of, to, mean: middle, interval, level: LEVEL, pairs };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
