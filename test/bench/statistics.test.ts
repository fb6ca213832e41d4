import { describe, expect, it } from 'vitest';
import {
  fastest,
  geometricMean,
  growth,
  median,
  pairedRatio,
  power,
} from '../../scripts/lib/bench/statistics.mjs';

describe('the figures of the benchmark', () => {
  it('takes the middle value, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it('compares round by round, so that a slow round of both changes nothing', () => {
    expect(pairedRatio([10, 100, 10], [20, 200, 20])).toEqual({ ratio: 0.5, low: 0.5, high: 0.5 });
    expect(pairedRatio([10, 30, 20], [10, 10, 10])).toEqual({ ratio: 2, low: 1, high: 3 });
  });

  it('chooses the peer whose median is lowest, whatever its best round was', () => {
    const peers = new Map([
      ['steady', [20, 21, 22]],
      ['lucky once', [5, 40, 41]],
    ]);
    expect(fastest(peers, (round) => round)).toBe('steady');
    expect(fastest(new Map<string, number[]>(), (round) => round)).toBeUndefined();
  });

  it('sees memory that grows, and neither start-up nor a single peak', () => {
    const steps = Array.from({ length: 100 }, (_, step) => step);
    const seen = (value: (step: number) => number) => steps.map((step) => ({ step, value: value(step) }));
    const window = { from: 30, to: 80, window: 5 };
    expect(
      growth(
        seen((step) => (step < 20 ? step * 10 : 200)),
        window,
      ),
    ).toBe(0);
    expect(
      growth(
        seen((step) => (step === 80 ? 900 : 200)),
        window,
      ),
    ).toBe(0);
    expect(
      growth(
        seen((step) => 200 + step),
        window,
      ),
    ).toBeCloseTo(50);
    expect(
      growth(
        seen(() => 200),
        { ...window, to: 200 },
      ),
    ).toBeUndefined();
  });

  it('finds the power of the work by which values grow, whatever their unit', () => {
    const work = [10, 20, 40, 80];
    expect(power(work, [5, 10, 20, 40])).toBeCloseTo(1);
    expect(power(work, [3, 12, 48, 192])).toBeCloseTo(2);
    expect(power(work, [7, 7, 7, 7])).toBeCloseTo(0);
  });

  it('weighs twice as slow and twice as fast alike', () => {
    expect(geometricMean([0.5, 2])).toBeCloseTo(1);
    expect(geometricMean([1, 1, 8])).toBeCloseTo(2);
  });
});
