import type { JsonNumber, Verdict, VerdictWord } from './records.ts';

/** How a metric is compared: its unit, and whether more or less of it is better. */
export interface ComparedMetric {
  readonly name: string;
  readonly unit: Verdict['unit'];
  readonly better: 'higher' | 'lower';
}

export type ComparisonTest = 'pairedT' | 'wilcoxon';

/** One of several students that are compared with the same other one. */
export interface Comparison extends Verdict {
  /** Of the two-sided test; null below the pairs that it needs. */
  readonly p: number | null;
  /** `p` after Holm's correction for all comparisons of the table. */
  readonly adjustedP: number | null;
  /** The verdict that `adjustedP` leaves. */
  readonly adjusted: VerdictWord;
}

/** A student of a run, as a row of a comparison. */
export interface Contender {
  /** Id of its run. */
  readonly run: string;
  readonly directory: string;
  /** Name of the experiment. */
  readonly experiment: string;
  /** Name of its phase; of a peer its own name. */
  readonly student: string;
  /** The metric on the test split, seed by seed: of the weights that were best on validation, and of the last epoch. */
  readonly seeds: readonly {
    readonly seed: number;
    readonly best: JsonNumber | null;
    readonly last: JsonNumber | null;
  }[];
  /** Against the same student alone, as its own run found it. */
  readonly verdict: Verdict | null;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly bytes: number;
  /** Of training. */
  readonly millisecondsPerStep: number;
  /** Inference of one image, measured on the test split; null where the run did not measure it. */
  readonly latency: { readonly milliseconds: number; readonly batch: number } | null;
  /** Executor and processor, which times depend on; empty: unknown. */
  readonly machine: string;
}

/** A value of a config; null: the config has no such key. */
export type Setting = string | number | boolean | null;

export interface SettingDifference {
  /** `distill.match[kd].temperature` */
  readonly key: string;
  /** One value a run. */
  readonly values: readonly Setting[];
}

/** `kd compare --json`, and what the panel shows of a set of runs. */
export interface ComparisonReport {
  readonly metric: ComparedMetric;
  readonly level: number;
  /** Of the statistical test, with its correction. */
  readonly test: string;
  /** Ids of the runs, in the order in which they were given; `settings` has one value for each. */
  readonly runs: readonly string[];
  /** The first is the one that all others are compared with. */
  readonly contenders: readonly Contender[];
  /** Of every contender but the first, by its place in `contenders`. */
  readonly comparisons: readonly {
    readonly contender: number;
    readonly best: Comparison;
    /** The same with the weights of the last epoch; null where a run has not recorded them. */
    readonly last: Comparison | null;
  }[];
  /** Settings in which the runs differ, by key. */
  readonly settings: readonly SettingDifference[];
  /** Of each contender the place of one that is nowhere worse in accuracy, parameters and latency and better in one of them. */
  readonly dominated: readonly (number | null)[];
  /** What one should know before believing the numbers. */
  readonly remarks: readonly string[];
}
