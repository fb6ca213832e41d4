import { describe, expect, it } from 'vitest';
import { shifted } from '../../src/data/shift.ts';

// prettier-ignore
const IMAGE = Float32Array.of(
  0, 2, 4, 6,
  2, 4, 6, 8,
  1, 1, 1, 9,
);

describe('shifted images', () => {
  it('at half the resolution are the means of their squares, also at a rim that is cut off', () => {
    // prettier-ignore
    expect([...shifted(IMAGE, [3, 4, 1], 'lowResolution')]).toEqual([
      2, 2, 6, 6,
      2, 2, 6, 6,
      1, 1, 5, 5,
    ]);
  });

  it('blurred are the means of their neighbourhoods, over what there is', () => {
    const blurred = shifted(IMAGE, [3, 4, 1], 'blur');
    expect(blurred[0]).toBeCloseTo((0 + 2 + 2 + 4) / 4, 6);
    expect(blurred[5]).toBeCloseTo((0 + 2 + 4 + 2 + 4 + 6 + 1 + 1 + 1) / 9, 6);
    expect(blurred[11]).toBeCloseTo((6 + 8 + 1 + 9) / 4, 6);
  });

  it('keep channels and images of a batch apart', () => {
    const two = Float32Array.from([0, 10, 2, 20, 4, 30, 6, 40, 100, 1, 100, 1, 100, 1, 100, 1]);
    expect([...shifted(two, [2, 2, 2], 'lowResolution')]).toEqual([
      ...[3, 25, 3, 25, 3, 25, 3, 25],
      ...[100, 1, 100, 1, 100, 1, 100, 1],
    ]);
  });
});
