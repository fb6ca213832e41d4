import { describe, expect, it } from 'vitest';
import { LARGEST_PSNR, measureImage, ReconstructionMeter } from '../../src/measures/reconstruction.ts';
import { normal, randomStream } from '../../src/random/random.ts';

const image = (...values: readonly number[]) => Float64Array.from(values);
const SHAPE = [9, 8, 1] as const;
const noise = (name: string, size = 72) =>
  Float64Array.from(normal(randomStream(5, name), 0, new Float32Array(size)));

/** SSIM of two images of one channel, window by window, as its definition has it. */
function bySums(a: Float64Array, b: Float64Array, range: number): number {
  const [height, width] = SHAPE;
  const values: number[] = [];
  for (let top = 0; top + 7 <= height; top++) {
    for (let left = 0; left + 7 <= width; left++) {
      const places = Array.from(
        { length: 49 },
        (_, at) => (top + Math.floor(at / 7)) * width + left + (at % 7),
      );
      const mean = (of: Float64Array) => places.reduce((sum, at) => sum + (of[at] ?? NaN), 0) / 49;
      const [ma, mb] = [mean(a), mean(b)];
      const co = (one: Float64Array, m: number, other: Float64Array, n: number) =>
        places.reduce((sum, at) => sum + ((one[at] ?? NaN) - m) * ((other[at] ?? NaN) - n), 0) / 48;
      const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
      values.push(
        ((2 * ma * mb + c1) * (2 * co(a, ma, b, mb) + c2)) /
          ((ma * ma + mb * mb + c1) * (co(a, ma, a, ma) + co(b, mb, b, mb) + c2)),
      );
    }
  }
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('the peak signal-to-noise ratio', () => {
  it('is 10 log₁₀ of the squared range over the mean squared error, by hand', () => {
    // Range 2, errors 0.2, 0, 0, 0: MSE 0.01, so 10 log₁₀(4 / 0.01).
    const { psnr } = measureImage(image(0.2, 1, 2, 0), image(0, 1, 2, 0), [2, 2, 1]);
    expect(psnr).toBeCloseTo(10 * Math.log10(400), 10);
  });

  it('takes the largest value of the true image for its range, and 1 where that is black', () => {
    expect(measureImage(image(0.1, 0.1), image(0, 0), [1, 2, 1]).psnr).toBeCloseTo(20, 10);
    expect(measureImage(image(5.1, 0.1), image(5, 0), [1, 2, 1]).psnr).toBeCloseTo(10 * Math.log10(2500), 10);
  });

  it('of an image without error is bounded, so that means stay finite', () => {
    expect(measureImage(image(1, 2), image(1, 2), [1, 2, 1]).psnr).toBe(LARGEST_PSNR);
  });

  it('of an image that is not finite is none', () => {
    expect(measureImage(image(NaN, 2), image(1, 2), [1, 2, 1]).psnr).toBeNaN();
  });

  it('of several images is the mean of theirs', () => {
    const meter = new ReconstructionMeter([1, 2, 1]);
    meter.add(image(0.1, 1, 0, 0.9), image(0, 1, 0, 1));
    meter.add(image(1, 0.7), image(1, 0));
    const one = (error: number) => 10 * Math.log10(2 / error ** 2);
    expect(meter.means().psnr).toBeCloseTo((2 * one(0.1) + one(0.7)) / 3, 10);
  });
});

describe('the structural similarity', () => {
  it('is 1 of an image with itself, and below of any other', () => {
    const truth = noise('truth');
    expect(measureImage(truth, truth, SHAPE).ssim).toBeCloseTo(1, 12);
    expect(measureImage(noise('other'), truth, SHAPE).ssim).toBeLessThan(0.5);
  });

  it('is what its definition says, window by window', () => {
    const [truth, other] = [noise('truth'), noise('other')];
    const range = Math.max(...truth);
    expect(measureImage(other, truth, SHAPE).ssim).toBeCloseTo(bySums(other, truth, range), 10);
  });

  it('is the mean over the channels', () => {
    const [truth, other] = [noise('truth'), noise('other')];
    const both = (second: Float64Array) =>
      Float64Array.from({ length: 144 }, (_, at) => (at % 2 === 0 ? truth : second)[at >> 1] ?? NaN);
    const alone = bySums(other, truth, Math.max(...truth));
    const { ssim } = measureImage(both(other), both(truth), [9, 8, 2]);
    expect(ssim).toBeCloseTo((1 + alone) / 2, 10);
  });

  it('of images below the window takes a window as large as they are', () => {
    const { ssim } = measureImage(image(0.3), image(0.6), [1, 1, 1]);
    // One pixel: (2 · 0.3 · 0.6 + c₁) / (0.09 + 0.36 + c₁), c₁ = (0.01 · 0.6)².
    expect(ssim).toBeCloseTo((0.36 + 3.6e-5) / (0.45 + 3.6e-5), 10);
  });
});
