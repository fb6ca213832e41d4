import { describe, expect, it } from 'vitest';
import { mix, Mixing } from '../../src/data/mixing.ts';

const SHAPE = [4, 6, 2] as const;
const SIZE = 48;
/** Sample n is n + 1 in every entry. */
const batch = (count: number) =>
  Float32Array.from({ length: count * SIZE }, (_, i) => Math.floor(i / SIZE) + 1);

describe('mixing the samples of a batch', () => {
  it('mixup takes weighted means, the larger part each sample itself', () => {
    const mixing = new Mixing([{ kind: 'mixup', alpha: 1, probability: 1 }], 3);
    for (let step = 0; step < 50; step++) {
      const mixture = mixing.at(step, 5, [4, 6]);
      if (mixture === null) throw new Error('not mixed');
      expect(mixture.share).toBeGreaterThanOrEqual(0.5);
      expect([...mixture.partners].sort()).toEqual([0, 1, 2, 3, 4]);
      const inputs = batch(6);
      mix(inputs, batch(6), mixture, SHAPE);
      mixture.partners.forEach((partner, n) => {
        const want = mixture.share * (n + 1) + (1 - mixture.share) * (partner + 1);
        for (const value of inputs.subarray(n * SIZE, (n + 1) * SIZE)) expect(value).toBeCloseTo(want, 5);
      });
      // Padding after the samples stays as it is.
      expect(inputs.subarray(5 * SIZE).every((value) => value === 6)).toBe(true);
    }
  });

  it('cutmix pastes a box whose area is exactly what the share leaves', () => {
    const mixing = new Mixing([{ kind: 'cutmix', alpha: 1, probability: 1 }], 3);
    const shares = new Set<number>();
    for (let step = 0; step < 100; step++) {
      const mixture = mixing.at(step, 2, [4, 6]);
      if (mixture === null) throw new Error('not mixed');
      const partners = Int32Array.of(1, 0);
      const inputs = batch(2);
      mix(inputs, batch(2), { ...mixture, partners }, SHAPE);
      const own = inputs.subarray(0, SIZE).filter((value) => value === 1).length;
      const pasted = inputs.subarray(0, SIZE).filter((value) => value === 2).length;
      expect(own + pasted).toBe(SIZE);
      expect(own / SIZE).toBeCloseTo(mixture.share, 12);
      expect(mixture.share).toBeGreaterThanOrEqual(0.5);
      shares.add(mixture.share);
    }
    expect(shares.size).toBeGreaterThan(4);
  });

  it('acts on as many batches as it is told, at most one kind on each', () => {
    const mixing = new Mixing(
      [
        { kind: 'mixup', alpha: 1, probability: 0.3 },
        { kind: 'cutmix', alpha: 1, probability: 0.5 },
      ],
      11,
    );
    const kinds = Array.from({ length: 2000 }, (_, step) => {
      const mixture = mixing.at(step, 4, [8, 8]);
      return mixture === null ? 'none' : mixture.box === null ? 'mixup' : 'cutmix';
    });
    const share = (kind: string) => kinds.filter((one) => one === kind).length / kinds.length;
    expect(share('mixup')).toBeCloseTo(0.3, 1);
    expect(share('cutmix')).toBeCloseTo(0.5, 1);
    expect(share('none')).toBeCloseTo(0.2, 1);
  });

  it('is a function of seed and batch alone', () => {
    const settings = [{ kind: 'cutmix', alpha: 0.7, probability: 0.9 }] as const;
    const [one, other] = [new Mixing(settings, 5), new Mixing(settings, 5)];
    other.at(3, 7, [9, 9]);
    expect(one.at(8, 7, [9, 9])).toEqual(other.at(8, 7, [9, 9]));
    expect(one.at(8, 7, [9, 9])).not.toEqual(new Mixing(settings, 6).at(8, 7, [9, 9]));
  });
});
