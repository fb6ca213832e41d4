import { describe, expect, it } from 'vitest';
import { backOffMilliseconds } from '../../src/runs/back-off.ts';

describe('stepping back', () => {
  it.each([1, 2, 5])('takes longer with each attempt, and never no time at all (%d)', (attempt) => {
    const bounds: number[] = [];
    const shortest = backOffMilliseconds(attempt, (bound) => {
      bounds.push(bound);
      return 0;
    });
    const longest = backOffMilliseconds(attempt, (bound) => bound - 1);
    expect(shortest).toBe(80 * attempt);
    expect(longest).toBe(160 * attempt);
    expect(bounds).toEqual([81]);
  });

  it('takes two that met in one process, or in two of like numbers, apart: each draws anew', () => {
    const drawn = new Set(Array.from({ length: 200 }, () => backOffMilliseconds(1)));
    // Of 81 values; fewer than 40 different ones among 200 do not come about by chance (below 1e-20).
    expect(drawn.size).toBeGreaterThanOrEqual(40);
    for (const one of drawn) expect(one >= 80 && one <= 160 && Number.isInteger(one)).toBe(true);
  });
});
