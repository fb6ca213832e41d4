import { basename } from 'node:path';
import {
  ABLATION_KINDS,
  ablationOf,
  type AblationAnswer,
  type AblationDifference,
  type AblationKind,
} from '../protocol/ablation.ts';
import type { ComparedMetric } from '../protocol/comparison.ts';
import { meanOf } from '../protocol/mean.ts';
import type { PhaseResult, RunRecord, RunStatus } from '../protocol/records.ts';
import { judge } from '../statistics/verdict.ts';
import { judgedBy } from './judged-by.ts';

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
 * what their students are judged by (`judgedBy`) on the test split, paired by seed and judged as the verdict of a run is (`judge`).
 * Null where none of its experiments is among the runs.
 *
 * @param runs newest first
 * @param configOf reads the config of a run as it ran; asked of the newest runs of this ablation alone
 */
export function ablationAnswer<Run extends AblationRun>(
  config: string,
  runs: readonly Run[],
  configOf: (run: Run) => string,
): AblationAnswer | null {
  const own = runs.flatMap((run) => {
    const found = ablationOf(run.record.config);
    return found?.base === config ? [{ run, ...found }] : [];
  });
  if (own.length === 0) return null;
  const newest = Math.max(...own.map(({ set }) => set));
  const shown = ABLATION_KINDS.flatMap((kind) => {
    const found = own.find((one) => one.set === newest && one.kind === kind);
    return found === undefined ? [] : [{ kind, run: found.run }];
  });
  const metric = judgedBy(
    shown.map(({ run }) => ({ config: configOf(run), tests: studentsOf(run).map(({ test }) => test) })),
  );
  const found = shown.map((one) => ({ ...one, reached: reachedBy(one.run, metric) }));
  return {
    metric,
    variants: found.map(({ kind, run, reached }) => ({
      ...{ kind, file: basename(run.record.config), status: run.status, seeds: reached.size },
      value: reached.size === 0 ? null : meanOf([...reached.values()]),
    })),
    differences: found.flatMap((one, at) =>
      found.slice(at + 1).flatMap((other) => differenceOf(metric, one, other) ?? []),
    ),
  };
}

function studentsOf({ record }: AblationRun): readonly PhaseResult[] {
  return (record.results?.phases ?? []).filter(({ phase }) => phase === PHASE);
}

/** The metric on the test split by seed. */
function reachedBy(run: AblationRun, { name }: ComparedMetric): Reached {
  return new Map(
    studentsOf(run).flatMap(({ seed, test: { [name]: value } }) =>
      typeof value === 'number' ? [[seed, value] as const] : [],
    ),
  );
}

interface Side {
  readonly kind: AblationKind;
  readonly reached: Reached;
}

function differenceOf(metric: ComparedMetric, one: Side, other: Side): AblationDifference | null {
  const pairs = [...one.reached].flatMap(([seed, student]) => {
    const baseline = other.reached.get(seed);
    return baseline === undefined ? [] : [{ seed, student, baseline }];
  });
  if (pairs.length === 0) return null;
  const { difference, interval, level } = judge(pairs, { metric, against: 'other' });
  return { of: one.kind, to: other.kind, mean: difference, interval, level, pairs: pairs.length };
}
