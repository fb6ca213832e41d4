import { describe, expect, it } from 'vitest';
import { compareAll } from '../../src/statistics/comparison.ts';
import { judge, type SeedPair } from '../../src/statistics/verdict.ts';

const pairsOf = (differences: readonly number[]): SeedPair[] =>
  differences.map((difference, seed) => ({ seed, student: 0.9 + difference / 100, baseline: 0.9 }));

/** Two-sided, two degrees of freedom, in closed form: 1 − |t| / √(2 + t²). */
const closed = (t: number) => 1 - Math.abs(t) / Math.sqrt(2 + t * t);

describe('many students against one baseline', () => {
  it('gives each the verdict it has alone, and the probability of the paired t test', () => {
    const [alone] = compareAll([pairsOf([1, 2, 3])]);
    expect(alone).toMatchObject(judge(pairsOf([1, 2, 3])));
    expect(alone?.p).toBeCloseTo(closed(2 * Math.sqrt(3)), 9);
    expect(alone?.adjustedP).toBe(alone?.p);
  });

  it('multiplies the smallest by their number, the next by one less, and keeps their order (Holm)', () => {
    const all = compareAll([pairsOf([1, 2, 3]), pairsOf([1, 1.1, 0.9]), pairsOf([2, 2.1, 1.9])]);
    const p = [2 * Math.sqrt(3), 1 / (0.1 / Math.sqrt(3)), 2 / (0.1 / Math.sqrt(3))].map(closed);
    const smallest = 3 * (p[2] ?? 0);
    const next = Math.max(smallest, 2 * (p[1] ?? 0));
    const expected = [Math.max(next, p[0] ?? 0), next, smallest];
    all.forEach(({ adjustedP }, at) => expect(adjustedP).toBeCloseTo(expected[at] ?? NaN, 9));
  });

  it('takes back a verdict that is no wonder among so many', () => {
    const lucky = pairsOf([1, 1.3, 0.8]);
    const nothing = pairsOf([-0.3, 0.3, 0.1]);
    const [first] = compareAll([lucky, ...Array.from({ length: 20 }, () => nothing)]);
    expect(first).toMatchObject({ verdict: 'BEATS', adjusted: 'INCONCLUSIVE' });
    const [still] = compareAll([lucky, nothing]);
    expect(still).toMatchObject({ verdict: 'BEATS', adjusted: 'BEATS' });
  });

  it('says NO BEATS after correction only of a student that is surely worse', () => {
    expect(compareAll([pairsOf([-1, -1.01, -0.99])])[0]?.adjusted).toBe('NO BEATS');
    expect(compareAll([pairsOf([0, 0, 0])])[0]).toMatchObject({ p: 1, adjusted: 'INCONCLUSIVE' });
  });

  it('leaves those out that have no interval', () => {
    const [two, three] = compareAll([pairsOf([1, 2]), pairsOf([1, 2, 3])]);
    expect(two).toMatchObject({ p: null, adjustedP: null, adjusted: 'INCONCLUSIVE' });
    expect(three?.adjustedP).toBe(three?.p);
  });
});
