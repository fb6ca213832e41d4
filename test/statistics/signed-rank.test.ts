import { describe, expect, it } from 'vitest';
import { fewestForSignedRank, signedRank, signedRankDistribution } from '../../src/statistics/signed-rank.ts';

/** By going through all 2ⁿ signs of the ranks. */
function counted(w: number, pairs: number): number {
  let below = 0;
  for (let signs = 0; signs < 2 ** pairs; signs++) {
    let sum = 0;
    for (let rank = 1; rank <= pairs; rank++) if ((signs >> (rank - 1)) & 1) sum += rank;
    if (sum <= w) below++;
  }
  return below / 2 ** pairs;
}

describe('the distribution of the signed rank sum', () => {
  it.each([1, 2, 3, 6, 9, 12])('of %d pairs is what counting all signs gives', (pairs) => {
    for (let w = -1; w <= (pairs * (pairs + 1)) / 2 + 1; w++) {
      expect(signedRankDistribution(w, pairs)).toBeCloseTo(counted(w, pairs), 14);
    }
  });

  it('goes over into the normal one without a step', () => {
    // Mean and deviation of 120 and 121 pairs; the exact and the normal one differ by the order of 1 / n.
    for (const quantile of [-3, -1.96, -0.5, 0, 1, 2.5]) {
      const at = (pairs: number) => {
        const mean = (pairs * (pairs + 1)) / 4;
        const deviation = Math.sqrt((pairs * (pairs + 1) * (2 * pairs + 1)) / 24);
        return signedRankDistribution(Math.floor(mean + quantile * deviation), pairs);
      };
      expect(at(121)).toBeCloseTo(at(120), 2);
    }
    expect(signedRankDistribution(0, 121)).toBeGreaterThan(0);
    expect(signedRankDistribution(0, 121)).toBeLessThan(1e-15);
  });
});

describe("Wilcoxon's signed rank test", () => {
  it('gives the probability of the ranks of the differences', () => {
    // Ranks 1 to 8 of the sizes; the one below 0 has rank 2, so W = 2 and P(W ≤ 2) = 3 / 2⁸.
    const differences = [0.1, -0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
    expect(signedRank(differences, 0.95).p).toBeCloseTo((2 * 3) / 2 ** 8, 14);
  });

  it('has the interval of the centres that it does not reject', () => {
    const differences = [1.3, -0.4, 2.2, 0.9, 1.7, 0.2, 3.1, 0.8];
    const { interval } = signedRank(differences, 0.9);
    if (interval === null) throw new Error('there is an interval');
    for (let centre = -2; centre < 4; centre += 0.0137) {
      const { p } = signedRank(
        differences.map((one) => one - centre),
        0.9,
      );
      expect(p > 0.1, String(centre)).toBe(centre >= interval[0] && centre <= interval[1]);
    }
  });

  it('needs as many pairs as one of all signs alike takes to be rare enough', () => {
    expect([0.9, 0.95, 0.99].map(fewestForSignedRank)).toEqual([5, 6, 8]);
    expect(signedRank([1, 2, 3, 4, 5], 0.95).interval).toBeNull();
    expect(signedRank([1, 2, 3, 4, 5, 6], 0.95).interval).toEqual([1, 6]);
  });

  it('finds nothing where all pairs are alike', () => {
    expect(signedRank(new Array<number>(8).fill(0), 0.95)).toEqual({ p: 1, interval: [0, 0] });
  });
});
