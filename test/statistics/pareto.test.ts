import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dominators } from '../../src/statistics/pareto.ts';

describe('the Pareto front', () => {
  it('holds what nothing else beats, less being better where it costs', () => {
    const accurate = [0.98, 300, 2];
    const small = [0.96, 80, 1];
    const worse = [0.95, 80, 1];
    const alike = [0.96, 80, 1];
    expect(dominators([accurate, small, worse, alike], ['higher', 'lower', 'lower'])).toEqual([
      null,
      null,
      1,
      null,
    ]);
  });

  it('leaves out what one of two has not measured', () => {
    expect(
      dominators(
        [
          [0.9, NaN],
          [0.8, 5],
        ],
        ['higher', 'lower'],
      ),
    ).toEqual([null, 0]);
  });

  it('has a point for every other one that beats it, and none beats a point of the front', () => {
    const points = fc.array(fc.tuple(fc.integer({ max: 5, min: 0 }), fc.integer({ max: 5, min: 0 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(points, (all) => {
        const found = dominators(all, ['higher', 'lower']);
        const beats = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]) =>
          (a > c && b <= d) || (a >= c && b < d);
        all.forEach((point, at) => {
          const by = found[at] ?? null;
          const any = all.some((other) => beats(other, point));
          expect(by !== null).toBe(any);
          const other = by === null ? undefined : all[by];
          if (other !== undefined) expect(beats(other, point)).toBe(true);
        });
      }),
    );
  });
});
