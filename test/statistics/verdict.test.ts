import { describe, expect, it } from 'vitest';
import { studentTDistribution, studentTQuantile } from '../../src/statistics/student-t.ts';
import type { ComparedMetric } from '../../src/protocol/comparison.ts';
import { judge, judgeAll, probabilityOf, type SeedPair } from '../../src/statistics/verdict.ts';

describe("student's t", () => {
  // Closed forms exist for one, two and three degrees of freedom.
  const closed: Record<number, (t: number) => number> = {
    1: (t) => 0.5 + Math.atan(t) / Math.PI,
    2: (t) => 0.5 + t / (2 * Math.sqrt(2 + t * t)),
    3: (t) => 0.5 + (t / Math.sqrt(3) / (1 + (t * t) / 3) + Math.atan(t / Math.sqrt(3))) / Math.PI,
  };
  it.each([-30, -2.5, -0.1, 0, 0.3, 1, 4.3, 60])('agrees with the closed forms at t = %d', (t) => {
    for (const [freedom, exact] of Object.entries(closed)) {
      expect(studentTDistribution(t, Number(freedom))).toBeCloseTo(exact(t), 12);
    }
  });

  it('gives the tabulated quantiles', () => {
    expect(studentTQuantile(0.975, 2)).toBeCloseTo(4.30265273, 7);
    expect(studentTQuantile(0.975, 4)).toBeCloseTo(2.77644511, 7);
    expect(studentTQuantile(0.975, 30)).toBeCloseTo(2.04227246, 7);
    expect(studentTQuantile(0.025, 9)).toBeCloseTo(-2.26215716, 7);
  });
});

describe('the verdict', () => {
  const pairsOf = (differences: readonly number[]): SeedPair[] =>
    differences.map((difference, seed) => ({ seed, student: 0.9 + difference / 100, baseline: 0.9 }));

  it('gives the paired t interval in points', () => {
    const verdict = judge(pairsOf([1, 2, 3]));
    expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', pairs: 3, unit: 'points', level: 0.95 });
    expect(verdict.difference).toBeCloseTo(2, 9);
    expect(verdict.interval?.[0]).toBeCloseTo(2 - 4.30265273 / Math.sqrt(3), 6);
    expect(verdict.interval?.[1]).toBeCloseTo(2 + 4.30265273 / Math.sqrt(3), 6);
  });

  it('says BEATS above zero, NO BEATS below, INCONCLUSIVE on both sides', () => {
    expect(judge(pairsOf([1, 1.1, 0.9])).verdict).toBe('BEATS');
    expect(judge(pairsOf([-1, -1.1, -0.9])).verdict).toBe('NO BEATS');
    expect(judge(pairsOf([1, -1, 0.2])).verdict).toBe('INCONCLUSIVE');
    expect(judge(pairsOf([0, 0, 0])).verdict).toBe('NO BEATS');
  });

  it.each([0, 1, 2])(
    'is inconclusive without an interval for %d pairs, however large the difference',
    (count) => {
      const verdict = judge(pairsOf(Array.from({ length: count }, () => 50)));
      expect(verdict).toMatchObject({ verdict: 'INCONCLUSIVE', interval: null, pairs: count });
    },
  );

  it('errs at its stated level: 5 % of null experiments get a word, and real effects are found', () => {
    const random = normals(20261123);
    const draw = (mean: number) => pairsOf(Array.from({ length: 5 }, () => mean + random()));
    const words = Array.from({ length: 10000 }, () => judge(draw(0)).verdict);
    const share = (word: string) => words.filter((one) => one === word).length / words.length;
    // Standard error of a share of 2.5 % among 10,000 is 0.0016.
    expect(share('BEATS')).toBeGreaterThan(0.018);
    expect(share('BEATS')).toBeLessThan(0.032);
    expect(share('NO BEATS')).toBeGreaterThan(0.018);
    expect(share('NO BEATS')).toBeLessThan(0.032);
    const found = Array.from({ length: 2000 }, () => judge(draw(3)).verdict).filter(
      (one) => one === 'BEATS',
    ).length;
    expect(found / 2000).toBeGreaterThan(0.95);
  });
});

describe('the number of seeds that would decide', () => {
  const random = normals(20261125);
  const draw = (count: number, mean: number) =>
    Array.from({ length: count }, (_, seed): SeedPair => {
      const difference = mean + random();
      return { seed, student: 0.9 + difference / 100, baseline: 0.9 };
    });
  /** Differences of exactly this mean and a spread of 1. */
  const exactly = (mean: number, count: number): SeedPair[] =>
    Array.from({ length: count }, (_, seed) => {
      const sign = count % 2 === 1 && seed === count - 1 ? 0 : seed % 2 === 0 ? 1 : -1;
      const scale = Math.sqrt((count - 1) / (count - (count % 2)));
      return { seed, student: 0.9 + (mean + sign * scale) / 100, baseline: 0.9 };
    });

  it('is the first at which the interval leaves 0 out', () => {
    const { verdict, seedsToDecide } = judge(exactly(0.5, 6));
    expect(verdict).toBe('INCONCLUSIVE');
    // t(0.975; n − 1) / √n < 0.5 holds from n = 18 on: 2.1098 / √18 = 0.4973, 2.1199 / √17 = 0.5142.
    expect(seedsToDecide).toBe(18);
    expect(judge(exactly(0.0001, 6)).seedsToDecide).toBeNull();
    expect(judge(exactly(5, 2)).seedsToDecide).toBe(3);
    expect(judge(exactly(5, 6)).seedsToDecide).toBeUndefined();
  });

  it('decides in about half of all experiments where the true difference is the one that was seen', () => {
    const needed = judge(exactly(0.5, 6)).seedsToDecide ?? NaN;
    const decided = Array.from({ length: 4000 }, () => judge(draw(needed, 0.5)).verdict === 'BEATS');
    const share = decided.filter(Boolean).length / decided.length;
    expect(share).toBeGreaterThan(0.42);
    expect(share).toBeLessThan(0.6);
  });

  it('of several students that differ in nothing, one in twenty comparisons names any', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    let wrong = 0;
    for (let run = 0; run < 3000; run++) {
      const judged = judgeAll(names.map((name) => ({ name, pairs: draw(5, 0) })));
      if (judged.some(({ verdict }) => verdict.verdict !== 'INCONCLUSIVE')) wrong++;
    }
    // Standard error 0.4 %; without the correction it would be 1 − 0.95⁵ = 23 %.
    expect(wrong / 3000).toBeGreaterThan(0.035);
    expect(wrong / 3000).toBeLessThan(0.065);
  });

  it('of several students the one with an effect is found, in the order they were given', () => {
    const judged = judgeAll([
      { name: 'none', pairs: draw(8, 0) },
      { name: 'large', pairs: draw(8, 4) },
    ]);
    expect(judged.map(({ student }) => student)).toEqual(['none', 'large']);
    expect(judged[1]?.verdict).toMatchObject({ verdict: 'BEATS', test: 'paired t, Holm over 2 students' });
    expect(judged[1]?.verdict.level).toBeCloseTo(0.975, 9);
    expect(judged[0]?.verdict.level).toBeCloseTo(0.95, 9);
    expect(judgeAll([{ name: 'alone', pairs: draw(8, 4) }])[0]?.verdict.test).toBe('paired t');
  });
});

describe('other metrics, levels and tests', () => {
  const loss: ComparedMetric = { name: 'loss', unit: 'nats', better: 'lower' };
  const pairsOf = (differences: readonly number[]): SeedPair[] =>
    differences.map((difference, seed) => ({ seed, student: 1 + difference, baseline: 1 }));

  it('take less for better where it is, and keep the sign of the difference', () => {
    const lower = judge(pairsOf([-0.1, -0.11, -0.09]), { metric: loss });
    expect(lower).toMatchObject({ verdict: 'BEATS', unit: 'nats', metric: 'loss' });
    expect(lower.difference).toBeCloseTo(-0.1, 12);
    expect(lower.note).toContain('less is better');
    expect(judge(pairsOf([0.1, 0.11, 0.09]), { metric: loss }).verdict).toBe('NO BEATS');
  });

  it('widen the interval with the level by the quantiles of t', () => {
    const width = (level: number) => {
      const { interval } = judge(pairsOf([0.1, 0.2, 0.4]), { metric: loss, level });
      return interval === null ? NaN : interval[1] - interval[0];
    };
    expect(width(0.99) / width(0.95)).toBeCloseTo(9.9248432 / 4.30265273, 6);
  });

  it('decide by signed ranks from six pairs on, and say how many are missing', () => {
    const five = judge(pairsOf([1, 2, 3, 4, 5]), { test: 'wilcoxon', metric: loss });
    expect(five).toMatchObject({ verdict: 'INCONCLUSIVE', interval: null, seedsToDecide: 6 });
    expect(five.test).toBe('Wilcoxon signed rank');
    const six = judge(pairsOf([1, 2, 3, 4, 5, 6]), { test: 'wilcoxon', metric: loss });
    expect(six).toMatchObject({ verdict: 'NO BEATS', interval: [1, 6] });
    expect(probabilityOf(pairsOf([1, 2, 3, 4, 5, 6]), { test: 'wilcoxon', metric: loss })).toBe(2 / 64);
  });

  it('say of two students what is said of two students', () => {
    expect(judge(pairsOf([0.1, 0.11, 0.09]), { against: 'other' }).note).toBe(
      'The whole interval lies above 0: it is better.',
    );
  });
});

/** Seeded standard normals: Box and Muller over a 32-bit congruential generator. */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
