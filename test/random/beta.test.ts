import { describe, expect, it } from 'vitest';
import { symmetricBeta } from '../../src/random/beta.ts';
import { randomStream } from '../../src/random/random.ts';

describe('shares from Beta(a, a)', () => {
  it.each([0.05, 0.2, 1, 4])('have the mean, the variance and the symmetry of Beta(%d, %d)', (shape) => {
    const stream = randomStream(7, 'share');
    const draws = Array.from({ length: 20_000 }, (_, step) => symmetricBeta(stream, step, shape));
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
    expect(draws.every((x) => x >= 0 && x <= 1)).toBe(true);
    // Five standard errors.
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(variance / draws.length));
    expect(variance).toBeCloseTo(1 / (4 * (2 * shape + 1)), 2);
    const below = draws.filter((x) => x < 0.25).length / draws.length;
    const above = draws.filter((x) => x > 0.75).length / draws.length;
    expect(Math.abs(below - above)).toBeLessThan(0.02);
    if (shape === 1) expect(below).toBeCloseTo(0.25, 1);
  });

  it('are a function of the step alone', () => {
    const stream = randomStream(7, 'share');
    const alone = symmetricBeta(stream, 41, 0.3);
    for (const step of [40, 42]) symmetricBeta(stream, step, 0.3);
    expect(symmetricBeta(stream, 41, 0.3)).toBe(alone);
  });
});
