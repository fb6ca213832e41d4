import { describe, expect, it } from 'vitest';
import { measureUncertainty } from '../../src/measures/uncertainty.ts';

const passes = (...probabilities: number[][]) => Float32Array.from(probabilities.flat().map(Math.log));

describe('uncertainty of several answers', () => {
  it('splits U into A and E: of (.9, .1) and (.1, .9) 0.6931 into 0.3251 and 0.3681', () => {
    const found = measureUncertainty(passes([0.9, 0.1], [0.1, 0.9]), [0], 2, 0.9);
    expect(found.total).toBeCloseTo(0.693147, 5);
    expect(found.aleatoric).toBeCloseTo(0.325083, 5);
    expect(found.epistemic).toBeCloseTo(0.368064, 5);
    expect(found.crossEntropy).toBeCloseTo(Math.LN2, 5);
  });

  it('has no epistemic part where all passes agree, or where there is one', () => {
    const same = measureUncertainty(passes([0.7, 0.3], [0.7, 0.3]), [0], 2, 0.9);
    expect(same.epistemic).toBeCloseTo(0, 6);
    expect(measureUncertainty(passes([0.7, 0.3]), [0], 2, 0.9)).toMatchObject({ epistemic: same.epistemic });
  });

  it('covers by the likeliest classes, as few as reach the level', () => {
    const answers = passes([0.6, 0.25, 0.15], [0.95, 0.03, 0.02], [0.2, 0.3, 0.5]);
    const at = (level: number, labels: readonly number[]) => measureUncertainty(answers, labels, 3, level);
    // Sets at 0.8: {0, 1}, {0}, {2, 1}.
    expect(at(0.8, [1, 0, 1])).toMatchObject({ coverage: 1, setSize: 5 / 3 });
    expect(at(0.8, [2, 1, 0]).coverage).toBe(0);
    expect(at(0.5, [0, 0, 2])).toMatchObject({ coverage: 1, setSize: 1 });
    expect(at(0.999, [2, 2, 0])).toMatchObject({ coverage: 1, setSize: 3 });
  });

  it('is calibrated by the mean answer', () => {
    // Mean confidence 0.5 in class 0 of both samples, of which one is right.
    const answers = passes([1, 1e-30], [1e-30, 1], [1, 1e-30], [1e-30, 1]);
    expect(measureUncertainty(answers, [0, 1], 2, 0.9).calibrationError).toBeCloseTo(0, 5);
  });
});
