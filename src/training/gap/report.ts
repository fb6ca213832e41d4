import type { Dataset } from '../../data/dataset.ts';
import { measureGap } from '../../measures/gap.ts';
import { outputDifference } from '../../measures/output-difference.ts';
import { jsonNumber, largestFrom } from '../../measures/rows.ts';
import {
  MOST_MATRIX_CLASSES,
  type GapAttention,
  type GapReport,
  type GapSample,
} from '../../protocol/gap-report.ts';
import type { JsonNumber, Split } from '../../protocol/records.ts';
import { probeSamples } from '../data.ts';
import { pictureOf, pictureShape } from './pictures.ts';

/** Samples that are measured; larger splits are thinned evenly. */
export const MOST_SAMPLES = 10_000;
/** Samples that are told one by one: those furthest apart, and some from everywhere. */
const MOST_DISAGREED = 24;
const MOST_SHOWN = 64;
/** Logits of one side that the latter may hold: with many classes they are fewer. */
const MOST_SHOWN_LOGITS = 20_000;
/** Digits of a logit. */
const DIGITS = 6;

/** What both said, and of what. */
export interface Compared {
  readonly dataset: Dataset;
  readonly split: Split;
  /** Positions in the split, ascending. */
  readonly samples: Int32Array;
  /** `[samples, classes]` */
  readonly teacher: Float32Array;
  readonly student: Float32Array;
  readonly temperature: number;
}

/** Whose answers they are. */
export type Whose = Pick<GapReport, 'phase' | 'seed' | 'student' | 'teachers' | 'state'>;

/** Everything about the gap that can be told of two sets of answers to the same samples. */
export function gapReport(
  whose: Whose,
  compared: Compared,
  attention: GapAttention | null,
  cost: GapReport['cost'],
): Omit<GapReport, 'run'> {
  const { dataset, split, samples, teacher, student, temperature } = compared;
  const { classes } = dataset;
  const { count, labels: all } = dataset.splits[split];
  const labels = samples.map((index) => all[index] ?? 0);
  const { numbers, perClass, reliability, jsOfSamples } = measureGap(
    teacher,
    student,
    labels,
    classes,
    temperature,
  );
  const width = classes.length;
  const hasMatrices = width <= MOST_MATRIX_CLASSES;
  const rowOf = (logits: Float32Array, n: number) =>
    Array.from(logits.subarray(n * width, (n + 1) * width), rounded);
  const sampleAt = (n: number, withPicture: boolean): GapSample => ({
    index: samples[n] ?? 0,
    label: labels[n] ?? 0,
    js: jsonNumber(jsOfSamples[n] ?? NaN),
    teacher: rowOf(teacher, n),
    student: rowOf(student, n),
    pixels: withPicture ? pictureOf(dataset, split, samples[n] ?? 0) : null,
  });
  const mostShown = Math.max(1, Math.min(MOST_SHOWN, Math.floor(MOST_SHOWN_LOGITS / width)));
  const shown = Array.from(probeSamples(samples.length, mostShown), (n) => sampleAt(n, false));
  return {
    formatVersion: 1,
    ...whose,
    split,
    samples: samples.length,
    of: count,
    classes,
    picture: pictureShape(dataset),
    numbers,
    reliability,
    perClass,
    confusion: hasMatrices
      ? { teacher: confusionOf(teacher, labels, width), student: confusionOf(student, labels, width) }
      : null,
    outputDifference: hasMatrices ? rows(outputDifference(teacher, student, labels, width), width) : null,
    shown: shown.sort((a, b) => a.label - b.label || a.index - b.index),
    disagreed: mostDifferent(jsOfSamples).map((n) => sampleAt(n, true)),
    attention,
    cost,
  };
}

/** Positions of the largest, the largest first, of equals the first; what is no number is furthest apart. */
function mostDifferent(js: Float64Array): number[] {
  const size = (n: number) => (Number.isNaN(js[n]) ? Infinity : (js[n] ?? 0));
  return Array.from(js.keys())
    .sort((a, b) => size(b) - size(a) || a - b)
    .slice(0, MOST_DISAGREED);
}

function confusionOf(logits: Float32Array, labels: Int32Array, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  labels.forEach((label, n) => {
    const named = largestFrom(logits, n * classes, classes);
    const row = counts[label];
    if (row !== undefined) row[named] = (row[named] ?? 0) + 1;
  });
  return counts;
}

function rows(matrix: Float64Array, width: number): JsonNumber[][] {
  return Array.from({ length: width }, (_, i) =>
    Array.from(matrix.subarray(i * width, (i + 1) * width), rounded),
  );
}

function rounded(value: number): JsonNumber {
  return jsonNumber(Number(value.toPrecision(DIGITS)));
}
