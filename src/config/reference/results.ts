import { mainMetricOf, mainText, type MainMetric } from '../../protocol/main-metric.ts';
import type { Verdict, VerdictWord } from '../../protocol/records.ts';

/** `docs/results.json`, which `npm run results` writes. */
export interface StoredResults {
  /** What rows have in common, by the base's name. */
  readonly bases: Readonly<Record<string, StoredBase>>;
  readonly rows: readonly StoredRow[];
  /** Names of the rows that were never run. */
  readonly notRun: readonly string[];
}

export interface StoredBase {
  /** What it is and how it was chosen, a paragraph each. */
  readonly doc: readonly string[];
  /** The row whose run trained the student alone. */
  readonly reference: string;
  /** What that row teaches by, which the others are set beside. Left out: `kd`. */
  readonly plain?: string;
  /** Its part of every experiment file, YAML. */
  readonly settings: string;
}

/** On the test split: accuracy, 0..1; or, where images are the answers, PSNR in dB and SSIM. */
export interface StoredValues {
  readonly accuracy?: number;
  readonly psnr?: number;
  readonly ssim?: number;
}

interface SeedValues extends StoredValues {
  readonly seed: number;
}

/** Against one baseline, with the verdict alone and after correction for the number of rows. */
export interface StoredComparison {
  readonly verdict: VerdictWord;
  /** Of `difference` and `interval`. */
  readonly unit: Verdict['unit'];
  readonly difference: number;
  readonly interval: readonly [number, number] | null;
  readonly adjustedP: number | null;
  readonly adjusted: VerdictWord;
}

export interface StoredRow {
  /** Group and name: `response/kd`. */
  readonly name: string;
  /** The method, refiner or generator's loss that it is about. */
  readonly covers: string;
  readonly base: string;
  /** The row of plain `kd` that it is set beside: that of its teacher. */
  readonly kd: string;
  /** What the row's experiment file adds to the base, YAML. */
  readonly settings: string;
  readonly key: string;
  /** Its code, settings or data have changed since. */
  readonly stale: boolean;
  readonly status: 'completed' | 'failed';
  readonly failure?: string;
  readonly test: readonly SeedValues[];
  /** The student alone, where this run trained it. */
  readonly alone: readonly SeedValues[];
  /** The teacher, where this run trained it. A row that trains nobody else has no student: `test` is empty. */
  readonly teacherModel?: StoredValues & { readonly parameters: number };
  readonly parameters: number | null;
  readonly secondsOfTraining: number | null;
  /** Of a step: milliseconds, and the time over that of the student alone, measured in one process. */
  readonly cost: { readonly milliseconds: number; readonly alone: number } | null;
  /** Rules of the diagnosis that spoke of it, by name. */
  readonly findings: readonly string[];
  /** Rules that lacked what they look at; absent in rows of earlier versions, of which it is not known. */
  readonly unable?: readonly string[];
  /** Steps that could not be compiled, where they ran, and why. */
  readonly fallen: readonly string[];
  readonly measured: {
    readonly date: string;
    readonly commit: string;
    /** A later state of the code whose first seed ended with the same numbers, to the last bit. */
    readonly confirmed?: string;
    readonly machine: string;
    readonly command: string;
    /** The run's own command, in the folder of the experiment files. */
    readonly run: string;
    readonly executor: string;
    readonly versions: readonly string[];
  };
  readonly againstAlone: StoredComparison | null;
  readonly againstKd: StoredComparison | null;
  /** Time of a step over that of plain `kd` with the same teacher. */
  readonly costOverKd: number | null;
}

/** Seconds of one training that a row should stay below. */
export const LONGEST_TRAINING = 10;

/** `86.31 ± 0.12 %`, `27.40 ± 0.05 dB, SSIM 0.9012`: mean and deviation over the seeds. */
export function valuesText(seeds: readonly StoredValues[]): string {
  if (seeds.length === 0) return '';
  const metric = metricOf(seeds);
  const { mean, deviation } = spreadOf(seeds.map(({ [metric]: value = NaN }) => value));
  const text = mainText(mean, metric);
  const spread =
    deviation === null ? text : text.replace(' ', ` ± ${mainText(deviation, metric).split(' ')[0] ?? ''} `);
  const ssim = seeds.flatMap((one) => one.ssim ?? []);
  return ssim.length === 0 ? spread : `${spread}, SSIM ${spreadOf(ssim).mean.toFixed(4)}`;
}

/** What seeds are judged by. */
export function metricOf([first]: readonly StoredValues[]): MainMetric {
  return mainMetricOf(first === undefined ? undefined : { ...first });
}

/** Mean, and deviation of the sample; null of one value. */
function spreadOf(values: readonly number[]): { readonly mean: number; readonly deviation: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean, deviation: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, deviation: Math.sqrt(variance) };
}

/** `+0.41 [-0.20, +1.02]`, in points; in another unit it is named. */
export function differenceText({ difference, interval, unit }: StoredComparison): string {
  const range = interval === null ? '' : ` [${interval.map(signed).join(', ')}]`;
  return `${signed(difference)}${range}${unit === 'points' ? '' : ` ${unit}`}`;
}

function signed(value: number): string {
  const text = value.toFixed(2);
  return value >= 0 ? `+${text}` : text;
}

/** `x1.20` */
export function costText({ costOverKd }: StoredRow): string {
  return costOverKd === null ? '' : `x${costOverKd.toFixed(2)}`;
}

/** What the row came to, in one cell. */
export function outcomeText(row: StoredRow): string {
  if (row.stale) return 'stale';
  if (row.status === 'failed') return '**did not finish**';
  return row.againstAlone?.verdict ?? 'no baseline';
}
