import { describe, expect, it } from 'vitest';
import { studentTDistribution, studentTQuantile } from '../../src/measures/student-t.ts';
import { judge, type SeedPair } from '../../src/measures/verdict.ts';

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

/** Seeded standard normals: Box and Muller over a 32-bit congruential generator. */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
