import { comparedMetric } from './compare-shapes.ts';
import type { ComparedMetric } from './comparison.ts';
import type { RunStatus } from './records.ts';
import { RUN_STATUSES } from './records.ts';
import type { Shape } from './shape.ts';
import { count, finite, list, literal, Mismatch, nullable, object, text } from './shape.ts';

/** What an ablation over matched layers compares: the same student layers, each time with other teacher layers or none. */
export const ABLATION_KINDS = ['best', 'sameDepth', 'random', 'none'] as const;
export type AblationKind = (typeof ABLATION_KINDS)[number];

/** In file names. */
export const ABLATION_SLUGS: Readonly<Record<AblationKind, string>> = {
  best: 'best-pairs',
  sameDepth: 'same-depth',
  random: 'random-pairs',
  none: 'no-pairs',
};

/** Which config an ablation file varies, and how; null for any other file. */
export function ablationOf(
  file: string,
): { readonly base: string; readonly set: number; readonly kind: AblationKind } | null {
  const found = /^(.*)\.ablation(?:-(\d{1,4}))?-([a-z-]+)\.kd\.yaml$/.exec(file);
  const kind = ABLATION_KINDS.find((one) => ABLATION_SLUGS[one] === found?.[3]);
  if (found === null || kind === undefined) return null;
  return { base: `${found[1] ?? ''}.kd.yaml`, set: Number(found[2] ?? 1), kind };
}

/** One experiment of an ablation and what came of it. */
export interface AblationVariantState {
  readonly kind: AblationKind;
  /** Name of its file. */
  readonly file: string;
  /** Of its newest run; null: it has not run. */
  readonly status: RunStatus | null;
  /** Seeds whose student has finished. */
  readonly seeds: number;
  /** What they are judged by, on the test split, mean over these seeds; null: none has finished. */
  readonly value: number | null;
}

/** What one variant reached on the test split minus what another did, paired by seed, in the unit of the metric. */
export interface AblationDifference {
  readonly of: AblationKind;
  readonly to: AblationKind;
  readonly mean: number;
  /** Null below three pairs. */
  readonly interval: readonly [number, number] | null;
  readonly level: number;
  readonly pairs: number;
}

/** The answer of an ablation, as far as its runs have come. */
export interface AblationAnswer {
  /** What the experiments are judged by. */
  readonly metric: ComparedMetric;
  readonly variants: readonly AblationVariantState[];
  readonly differences: readonly AblationDifference[];
}

const kind = literal(...ABLATION_KINDS);

const interval: Shape<readonly [number, number] | null> = nullable((value, place) => {
  const [low, high, ...rest] = list(finite, 2)(value, place);
  if (low === undefined || high === undefined || rest.length > 0)
    throw new Mismatch(place, 'a pair of numbers');
  return [low, high] as const;
});

export const ablationAnswer = object<AblationAnswer>({
  metric: comparedMetric,
  variants: list(
    object<AblationVariantState>({
      kind,
      file: text(500),
      status: nullable(literal(...RUN_STATUSES)),
      seeds: count,
      value: nullable(finite),
    }),
    ABLATION_KINDS.length,
  ),
  differences: list(
    object<AblationDifference>({ of: kind, to: kind, mean: finite, interval, level: finite, pairs: count }),
    ABLATION_KINDS.length ** 2,
  ),
});
