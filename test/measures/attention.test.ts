import { describe, expect, it } from 'vitest';
import { attentionEnergy, crucialPlaces, overlapOf, pooled } from '../../src/measures/attention.ts';
import { outputDifference } from '../../src/measures/output-difference.ts';
import { draw } from '../process/harness.ts';

const energy = (height: number, width: number, values: readonly number[]) => ({
  height,
  width,
  values: Float64Array.from(values),
});

describe('where a layer is active', () => {
  it('is the sum of squares over the channels at each place, of the sample asked for', () => {
    const map = Float32Array.from([9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 0, -3, 4, 0, 0, 0]);
    expect(attentionEnergy(map, 8, [2, 2, 2])).toEqual(energy(2, 2, [5, 9, 16, 0]));
  });

  it('is pooled by the mean of each window, windows overlapping where sides do not divide', () => {
    const whole = energy(4, 2, [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(pooled(whole, 2, 1)).toEqual(energy(2, 1, [2.5, 6.5]));
    expect(pooled(energy(3, 1, [1, 2, 6]), 2, 5)).toEqual(energy(2, 1, [1.5, 4]));
    expect(pooled(whole, 9, 9)).toEqual(whole);
  });
});

describe('the crucial region', () => {
  it('is the fewest places that hold half of the energy, of equals the first', () => {
    expect(crucialPlaces(energy(2, 2, [1, 5, 1, 3]))).toEqual([1]);
    expect(crucialPlaces(energy(2, 2, [1, 1, 1, 1]))).toEqual([0, 1]);
    expect(crucialPlaces(energy(1, 3, [2, 3, 3]), 0.9)).toEqual([0, 1, 2]);
    expect(crucialPlaces(energy(1, 2, [0, 0]))).toEqual([]);
    expect(crucialPlaces(energy(1, 2, [NaN, 1]))).toEqual([]);
  });

  it('is, on random maps, a smallest set: no set with one place less holds as much', () => {
    for (let round = 0; round < 30; round += 1) {
      const map = energy(
        3,
        3,
        Array.from({ length: 9 }, (_, at) => draw(round, at)),
      );
      const total = map.values.reduce((a, b) => a + b, 0);
      const held = (places: readonly number[]) =>
        places.reduce((sum, place) => sum + (map.values[place] ?? 0), 0);
      const chosen = crucialPlaces(map);
      expect(held(chosen)).toBeGreaterThanOrEqual(total / 2);
      // Every set of places, as bits.
      const best = Math.max(
        ...Array.from({ length: 512 }, (_, bits) =>
          Array.from({ length: 9 }, (_place, at) => at).filter((at) => ((bits >> at) & 1) === 1),
        )
          .filter((places) => places.length === chosen.length - 1)
          .map(held),
      );
      expect(best).toBeLessThan(total / 2);
    }
  });

  it('overlaps by the share of places in both among those in either', () => {
    expect(overlapOf([1, 2, 3], [2, 3, 4])).toBe(0.5);
    expect(overlapOf([1], [1])).toBe(1);
    expect(overlapOf([], [])).toBe(0);
    expect(overlapOf([1], [])).toBe(0);
  });
});

describe('the difference of outputs', () => {
  it('is the mean absolute difference of each logit over the samples of each class', () => {
    const teacher = Float32Array.from([1, 2, 3, 4, 5, 6]);
    const student = Float32Array.from([2, 0, 3, 5, 1, 6]);
    expect([...outputDifference(teacher, student, [1, 1, 0], 2)]).toEqual([4, 0, 0.5, 1.5]);
    expect([...outputDifference(teacher, student, [0, 0, 7], 2)]).toEqual([0.5, 1.5, 0, 0]);
  });
});
