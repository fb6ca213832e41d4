import type { Samples } from './samples.ts';

/** Per channel; a value v becomes (v - mean) / deviation. Bytes count as 0 to 1. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Below this share of the values a spread is rounding: the channel is constant. */
const SMALLEST_DEVIATION = 1e-7;

/** Leaves values as they are. */
export function noNormalization(channels: number): Normalization {
  return { mean: new Array<number>(channels).fill(0), deviation: new Array<number>(channels).fill(1) };
}

/** Mean and standard deviation of every channel over the given samples. A constant channel gets deviation 1. */
export function measureNormalization(samples: Samples, positions: Int32Array): Normalization {
  const moments =
    samples.pixels instanceof Uint8Array
      ? byteMoments(samples.pixels, samples, positions)
      : floatMoments(samples.pixels, samples, positions);
  const deviation = moments.variance.map((variance, c) => {
    const root = Math.sqrt(variance);
    return root > SMALLEST_DEVIATION * Math.max(1, Math.abs(moments.mean[c] ?? 0)) ? root : 1;
  });
  return { mean: moments.mean, deviation };
}

interface Moments {
  readonly mean: number[];
  readonly variance: number[];
}

/** Exact for bytes: from how often each value occurs. */
function byteMoments(pixels: Uint8Array, samples: Samples, positions: Int32Array): Moments {
  const channels = samples.shape[2];
  const size = samples.shape[0] * samples.shape[1] * channels;
  const counts = new Float64Array(256 * channels);
  for (const position of positions) {
    for (let i = 0; i < size; i++) {
      const slot = (i % channels) * 256 + (pixels[position * size + i] ?? 0);
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
  }
  const mean: number[] = [];
  const variance: number[] = [];
  for (let c = 0; c < channels; c++) {
    const own = counts.subarray(256 * c, 256 * (c + 1));
    const total = own.reduce((sum, count) => sum + count, 0);
    const average = own.reduce((sum, count, value) => sum + count * (value / 255), 0) / total;
    mean.push(average);
    variance.push(own.reduce((sum, count, value) => sum + count * (value / 255 - average) ** 2, 0) / total);
  }
  return { mean, variance };
}

/** Two passes in double precision: the mean first, then the squares around it. */
function floatMoments(pixels: Float32Array, samples: Samples, positions: Int32Array): Moments {
  const channels = samples.shape[2];
  const size = samples.shape[0] * samples.shape[1] * channels;
  const perChannel = (positions.length * size) / channels;
  const sum = (term: (value: number, channel: number) => number): number[] => {
    const sums = new Array<number>(channels).fill(0);
    for (const position of positions) {
      for (let i = 0; i < size; i++) {
        const c = i % channels;
        sums[c] = (sums[c] ?? 0) + term(pixels[position * size + i] ?? 0, c);
      }
    }
    return sums.map((value) => value / perChannel);
  };
  const mean = sum((value) => value);
  return { mean, variance: sum((value, c) => (value - (mean[c] ?? 0)) ** 2) };
}
