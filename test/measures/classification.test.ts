import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  balancedAccuracy,
  macroF1,
  measureClassification,
  quadraticKappa,
} from '../../src/measures/classification.ts';

/** Logits whose softmax is the row. */
const logitsOf = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat().map(Math.log));

describe('measures of a classifier', () => {
  it('follow the worked example of the confusion matrix [[8, 2], [1, 1]]', () => {
    const confusion = [
      [8, 2],
      [1, 1],
    ];
    expect(balancedAccuracy(confusion)).toBeCloseTo(0.65, 12);
    expect(macroF1(confusion)).toBeCloseTo(0.621053, 6);
    const labels = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
    const named = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1];
    const measures = measureClassification(
      logitsOf(named.map((c) => (c === 0 ? [0.9, 0.1] : [0.1, 0.9]))),
      labels,
      2,
    );
    expect(measures).toMatchObject({ confusion, accuracy: 0.75 });
    // All say 0.9 and three in four are right.
    expect(measures.calibrationError).toBeCloseTo(0.15, 6);
    expect(measures.crossEntropy).toBeCloseTo(-(9 * Math.log(0.9) + 3 * Math.log(0.1)) / 12, 6);
  });

  it('balanced accuracy counts the classes that occur, macro-F1 all of them with 0/0 as 0', () => {
    const confusion = [
      [4, 0, 0],
      [1, 3, 0],
      [0, 0, 0],
    ];
    expect(balancedAccuracy(confusion)).toBeCloseTo((1 + 0.75) / 2, 12);
    expect(macroF1(confusion)).toBeCloseTo((8 / 9 + 6 / 7 + 0) / 3, 12);
  });

  it('calibration bins hold their upper bound, and the error adds up over bins', () => {
    // Confidences 0.6 (a bound: bin 9 of 15) and 0.8 (bin 12): one right of two each.
    const rows = [
      [0.6, 0.4],
      [0.6, 0.4],
      [0.8, 0.2],
      [0.8, 0.2],
    ];
    const { calibrationError } = measureClassification(logitsOf(rows), [0, 1, 0, 1], 2);
    expect(calibrationError).toBeCloseTo((2 * Math.abs(0.5 - 0.6) + 2 * Math.abs(0.5 - 0.8)) / 4, 6);
  });

  it('five guesses are right where the label is among the five largest, the first of equals', () => {
    const rising = [1, 2, 3, 4, 5, 6, 7].map((value) => value / 28);
    const even = Array.from({ length: 7 }, () => 1 / 7);
    const labels = [1, 2, 6, 4, 5];
    const rows = [rising, rising, rising, even, even];
    // Of seven the label 1 is the sixth, 2 the fifth, 6 the first; of equal ones 4 is the fifth and 5 the sixth.
    expect(measureClassification(logitsOf(rows), labels, 7).top5Accuracy).toBeCloseTo(3 / 5, 12);
    expect(measureClassification(Float32Array.of(NaN, 0), [0], 2).top5Accuracy).toBe(0);
  });

  it('quadratic kappa agrees with the definition over pairs of raters', () => {
    expect(
      quadraticKappa([
        [5, 0],
        [0, 5],
      ]),
    ).toBe(1);
    expect(
      quadraticKappa([
        [2, 2],
        [2, 2],
      ]),
    ).toBeCloseTo(0, 12);
    // By hand: o = (0·4 + 1·1 + 4·1) ; see the sums of rows (3, 2, 2) and columns (2, 3, 2).
    const confusion = [
      [2, 0, 1],
      [0, 2, 0],
      [0, 1, 1],
    ];
    const expected = (3 * 3 + 4 * 3 * 2 + 2 * 2 + 2 * 2 + 4 * 2 * 2 + 2 * 3) / 7;
    expect(quadraticKappa(confusion)).toBeCloseTo(1 - (4 + 1) / expected, 12);
  });

  it('answers that are no numbers are as wrong as can be and poison no count', () => {
    const measures = measureClassification(Float32Array.of(NaN, NaN, 1, 0), [0, 0], 2);
    expect(measures.crossEntropy).toBeNaN();
    expect(measures.calibrationError).toBeNaN();
    expect(measures.confusion.flat().reduce((a, b) => a + b)).toBe(2);
  });

  it('equal classes make balanced accuracy the accuracy, and all stay within their bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 0, max: 1000 }), (classes, seed) => {
        const labels = Array.from({ length: 6 * classes }, (_, n) => n % classes);
        const logits = Float32Array.from({ length: labels.length * classes }, (_, i) =>
          Math.sin(1 + i * (seed + 1.37)),
        );
        const found = measureClassification(logits, labels, classes);
        expect(found.balancedAccuracy).toBeCloseTo(found.accuracy, 9);
        for (const share of [found.macroF1, found.calibrationError, found.accuracy]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        }
        expect(found.quadraticKappa).toBeLessThanOrEqual(1);
      }),
    );
  });
});
