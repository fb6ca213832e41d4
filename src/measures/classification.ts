import { Reliability } from './reliability.ts';
import { largest, logSoftmaxRow } from './rows.ts';

/** How well the answers to a split fit its labels. */
export interface ClassificationMeasures {
  /** Share of samples whose largest logit is their label; the first of equals. */
  readonly accuracy: number;
  /** Mean of −log softmax(z)ᵧ, in nats. */
  readonly crossEntropy: number;
  readonly balancedAccuracy: number;
  readonly macroF1: number;
  readonly calibrationError: number;
  readonly quadraticKappa: number;
  /** Share of samples whose label is among the five largest logits; the first of equals. */
  readonly top5Accuracy: number;
  /** `confusion[i][j]`: samples of class i that are named j. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * All measures of a classifier on one split.
 *
 * @param logits `[samples, classes]`, row-major
 * @param labels `[samples]`
 */
export function measureClassification(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): ClassificationMeasures {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const reliability = new Reliability();
  let crossEntropy = 0;
  let amongFive = 0;
  for (let n = 0; n < labels.length; n++) {
    const label = labels[n] ?? 0;
    const row = logSoftmaxRow(logits.subarray(n * classes, (n + 1) * classes));
    const named = largest(row);
    crossEntropy -= row[label] ?? NaN;
    if (placeOf(label, row) < 5) amongFive++;
    const counts = confusion[label];
    if (counts !== undefined) counts[named] = (counts[named] ?? 0) + 1;
    reliability.add(Math.exp(row[named] ?? NaN), named === label);
  }
  return {
    accuracy: accuracyOf(confusion),
    crossEntropy: crossEntropy / labels.length,
    balancedAccuracy: balancedAccuracy(confusion),
    macroF1: macroF1(confusion),
    calibrationError: reliability.error(),
    quadraticKappa: quadraticKappa(confusion),
    top5Accuracy: amongFive / labels.length,
    confusion,
  };
}

/** How many entries come before this one in descending order, the first of equals first. */
function placeOf(entry: number, row: ArrayLike<number>): number {
  const own = row[entry] ?? NaN;
  let before = 0;
  for (let k = 0; k < row.length; k++) {
    const value = row[k] ?? NaN;
    if (value > own || (value === own && k < entry)) before++;
  }
  return Number.isNaN(own) ? Infinity : before;
}

type Confusion = readonly (readonly number[])[];

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const column = (confusion: Confusion, at: number) => sum(confusion.map((row) => row[at] ?? 0));

function accuracyOf(confusion: Confusion): number {
  return sum(confusion.map((row, i) => row[i] ?? 0)) / sum(confusion.map(sum));
}

/** Mean recall of the classes that occur: 1/C′ Σ_c TP_c / (TP_c + FN_c) over the C′ classes with a sample. */
export function balancedAccuracy(confusion: Confusion): number {
  const recalls = confusion.flatMap((row, c) => (sum(row) === 0 ? [] : [(row[c] ?? 0) / sum(row)]));
  return sum(recalls) / recalls.length;
}

/** 1/C Σ_c 2 P_c R_c / (P_c + R_c) = 1/C Σ_c 2 TP_c / (2 TP_c + FP_c + FN_c), with 0/0 = 0. */
export function macroF1(confusion: Confusion): number {
  const scores = confusion.map((row, c) => {
    const both = sum(row) + column(confusion, c);
    return both === 0 ? 0 : (2 * (row[c] ?? 0)) / both;
  });
  return sum(scores) / scores.length;
}

/**
 * Cohen's kappa with quadratic weights, for classes in order (grades, stages):
 *
 *     κ = 1 − Σᵢⱼ (i − j)² oᵢⱼ / Σᵢⱼ (i − j)² rᵢ cⱼ / N      r, c: sums of rows and columns
 *
 * 1: always the same; 0: as by chance. Source: Cohen 1968. Where truth and answers are one and the same class: 1.
 */
export function quadraticKappa(confusion: Confusion): number {
  const rows = confusion.map(sum);
  const columns = confusion.map((_, j) => column(confusion, j));
  const samples = sum(rows);
  let seen = 0;
  let expected = 0;
  confusion.forEach((row, i) => {
    row.forEach((count, j) => {
      seen += (i - j) ** 2 * count;
      expected += ((i - j) ** 2 * (rows[i] ?? 0) * (columns[j] ?? 0)) / samples;
    });
  });
  return expected === 0 ? 1 : 1 - seen / expected;
}
