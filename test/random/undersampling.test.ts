import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptColumns, rowFilter } from '../../src/random/undersampling.ts';

/** Re F⁻¹(m ⊙ F x) by the definition of the transform. */
function byTransform(row: readonly number[], kept: readonly number[]): number[] {
  const width = row.length;
  const spectrum = kept.map((m, k) => {
    const parts = row.map((x, n) => [x, (2 * Math.PI * k * n) / width] as const);
    return {
      real: m * parts.reduce((sum, [x, angle]) => sum + x * Math.cos(angle), 0),
      imaginary: -m * parts.reduce((sum, [x, angle]) => sum + x * Math.sin(angle), 0),
    };
  });
  return row.map((_, n) => {
    const sum = spectrum.reduce((total, { real, imaginary }, k) => {
      const angle = (2 * Math.PI * k * n) / width;
      return total + real * Math.cos(angle) - imaginary * Math.sin(angle);
    }, 0);
    return sum / width;
  });
}

const COLUMNS = fc
  .integer({ min: 1, max: 24 })
  .chain((width) =>
    fc.tuple(
      fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: width, maxLength: width }),
      fc.array(fc.constantFrom(0, 1), { minLength: width, maxLength: width }),
    ),
  );

describe('the columns of a spectrum that are kept', () => {
  it('are as many as the acceleration leaves, with those about frequency 0', () => {
    const kept = keptColumns(28, { acceleration: 4, centre: 0.1, seed: 3 });
    expect(kept.filter((one) => one === 1)).toHaveLength(7);
    expect([kept[0], kept[1], kept[27]]).toEqual([1, 1, 1]);
  });

  it('are drawn by the seed alone', () => {
    const settings = { acceleration: 3, centre: 0.1, seed: 3 };
    expect(keptColumns(40, settings)).toEqual(keptColumns(40, settings));
    expect(keptColumns(40, settings)).not.toEqual(keptColumns(40, { ...settings, seed: 4 }));
  });

  it('are all without acceleration, and never none', () => {
    expect(keptColumns(9, { acceleration: 1, centre: 0, seed: 0 })).toEqual(new Array(9).fill(1));
    expect(keptColumns(9, { acceleration: 1000, centre: 0, seed: 0 })).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(keptColumns(1, { acceleration: 4, centre: 0.08, seed: 0 })).toEqual([1]);
  });
});

describe('the filter of a row', () => {
  it('does what the transform, the mask and the inverse transform do', () => {
    fc.assert(
      fc.property(COLUMNS, ([row, kept]) => {
        const filter = rowFilter(kept);
        const width = row.length;
        const filtered = row.map((_, i) =>
          row.reduce((sum, x, j) => sum + (filter[(i - j + width) % width] ?? NaN) * x, 0),
        );
        const wanted = byTransform(row, kept);
        filtered.forEach((value, i) => {
          expect(value).toBeCloseTo(wanted[i] ?? NaN, 9);
        });
      }),
    );
  });
});
