import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScheduledNumber } from '../../src/config/experiment.ts';
import { valueAt } from '../../src/training/schedules.ts';

const at = (scheduled: ScheduledNumber, step: number, stepsPerEpoch = 10) =>
  valueAt(scheduled, { step, stepsPerEpoch });
const epochs = (value: number) => ({ unit: 'epochs', value }) as const;

describe('schedules', () => {
  it('follow hand-computed values', () => {
    expect(at(0.3, 99)).toBe(0.3);
    expect(at({ kind: 'constant', value: 2 }, 5)).toBe(2);
    expect(at({ kind: 'linear', from: 1, to: 0, over: epochs(2) }, 5)).toBeCloseTo(0.75, 12);
    expect(at({ kind: 'linear', from: 1, to: 0, over: { unit: 'steps', value: 4 } }, 1)).toBeCloseTo(
      0.75,
      12,
    );
    expect(at({ kind: 'cosine', from: 1, to: 0, over: epochs(3) }, 10)).toBeCloseTo(0.75, 12);
    expect(at({ kind: 'cosine', from: 0.1, to: 0.02, over: epochs(3) }, 15)).toBeCloseTo(0.06, 12);
    expect(at({ kind: 'warmUp', over: epochs(2), then: 0.4 }, 5)).toBeCloseTo(0.1, 12);
  });

  it('step changes exactly at its milestones, in epochs and in steps', () => {
    const step = { kind: 'step', from: 0.05, milestones: [15, 22], unit: 'epochs', factor: 0.1 } as const;
    for (const stepsPerEpoch of [1, 3, 7, 49, 781]) {
      expect(at(step, 15 * stepsPerEpoch - 1, stepsPerEpoch)).toBe(0.05);
      expect(at(step, 15 * stepsPerEpoch, stepsPerEpoch)).toBeCloseTo(0.005, 12);
      expect(at(step, 22 * stepsPerEpoch, stepsPerEpoch)).toBeCloseTo(0.0005, 12);
    }
    expect(at({ ...step, unit: 'steps' }, 15, 1000)).toBeCloseTo(0.005, 12);
  });

  it('warm-up reaches the value of the schedule it leads to, milestones counted from the start', () => {
    const then = { kind: 'step', from: 1, milestones: [2], unit: 'epochs', factor: 0.5 } as const;
    const scheduled = { kind: 'warmUp', over: epochs(1), then } as const;
    expect([0, 5, 10, 19, 20].map((step) => at(scheduled, step))).toEqual([0, 0.5, 1, 1, 0.5]);
  });

  const length = fc.record({
    unit: fc.constantFrom('epochs', 'steps'),
    value: fc.double({ min: 0, max: 50, noNaN: true }),
  });
  const value = fc.double({ min: -100, max: 100, noNaN: true });

  it('linear and cosine begin at `from`, end at `to`, and stay between, whatever the length', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('linear', 'cosine'),
        value,
        value,
        length,
        fc.nat(5000),
        fc.integer({ min: 1, max: 100 }),
        (kind, from, to, over, step, stepsPerEpoch) => {
          const scheduled = { kind, from, to, over } as const;
          const now = at(scheduled, step, stepsPerEpoch);
          const slack = 1e-9 * (1 + Math.abs(from) + Math.abs(to));
          expect(now).toBeGreaterThanOrEqual(Math.min(from, to) - slack);
          expect(now).toBeLessThanOrEqual(Math.max(from, to) + slack);
          if (over.value > 0) expect(at(scheduled, 0, stepsPerEpoch)).toBeCloseTo(from, 9);
          expect(at(scheduled, 50 * 100 * 100, stepsPerEpoch)).toBeCloseTo(to, 9);
        },
      ),
    );
  });

  it('a length of one epoch equals a length of its steps', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.nat(400),
        value,
        value,
        (stepsPerEpoch, step, from, to) => {
          const inEpochs = at({ kind: 'linear', from, to, over: epochs(1) }, step, stepsPerEpoch);
          const inSteps = at(
            { kind: 'linear', from, to, over: { unit: 'steps', value: stepsPerEpoch } },
            step,
            stepsPerEpoch,
          );
          expect(inEpochs).toBe(inSteps);
        },
      ),
    );
  });
});
