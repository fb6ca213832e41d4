import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { augmentation } from '../../src/data/augment.ts';
import { Batches, type BatchOptions } from '../../src/data/batches.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import type { AugmentSettings } from '../../src/data/settings.ts';

/** Images whose every pixel tells sample, row, column and channel. */
function numbered(count: number, shape: [number, number, number] = [4, 5, 2]): Dataset {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const pixels = Float32Array.from({ length: count * size }, (_, i) => i + 1);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const samples = { count, shape, pixels, labels, digest: '' };
  const positions = Int32Array.from({ length: count }, (_, i) => i);
  const split = (name: 'train' | 'validation' | 'test') => ({ name, count, samples, positions, labels });
  return {
    classes: ['0', '1', '2'],
    shape,
    splits: { train: split('train'), validation: split('validation'), test: split('test') },
    normalization: {
      mean: new Array<number>(channels).fill(0),
      deviation: new Array<number>(channels).fill(1),
    },
    hash: '',
    validationHash: '',
  };
}

const OPTIONS: BatchOptions = { batchSize: 4, seed: 1, shuffle: true, augment: [] };
const batches = (dataset: Dataset, options: Partial<BatchOptions> = {}) =>
  new Batches(dataset, 'train', { ...OPTIONS, ...options });

/** The one sample of a dataset of one, augmented. */
function augmented(
  augment: AugmentSettings[],
  epoch: number,
  shape: [number, number, number] = [4, 5, 2],
): number[] {
  return Array.from(batches(numbered(1, shape), { batchSize: 1, augment }).batch(epoch, 0).inputs);
}

describe('batches', () => {
  it('show every sample once an epoch, with its own label, the rest padded and masked', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(5),
      (count, batchSize, epoch) => {
        const all = batches(numbered(count), { batchSize });
        const seen: number[] = [];
        for (let i = 0; i < all.count; i++) {
          const batch = all.batch(epoch, i);
          expect(batch.inputs).toHaveLength(batchSize * 40);
          for (let j = 0; j < batchSize; j++) {
            const used = j < batch.count;
            expect(batch.mask[j]).toBe(used ? 1 : 0);
            const index = batch.indices[j] ?? -1;
            if (used) seen.push(index);
            expect(batch.labels[j]).toBe(used ? index % 3 : 0);
            expect(batch.inputs[j * 40]).toBe(used ? index * 40 + 1 : 0);
          }
        }
        expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      },
    );
    fc.assert(property, { seed: 4, numRuns: 60 });
  });

  it('depend on seed, epoch and index alone, in whatever order they are asked for', () => {
    const dataset = numbered(23);
    const augment: AugmentSettings[] = [
      { kind: 'randomCrop', padding: 1 },
      { kind: 'randomFlip', probability: 0.5 },
    ];
    const straight = batches(dataset, { augment });
    const expected = [3, 0, 5].map((index) => structuredClone(straight.batch(2, index)));
    const resumed = batches(dataset, { augment });
    resumed.batch(7, 1);
    expect([3, 0, 5].map((index) => structuredClone(resumed.batch(2, index)))).toEqual(expected);
    const order = (seed: number, epoch: number) =>
      Array.from(batches(dataset, { seed, batchSize: 23 }).batch(epoch, 0).indices);
    expect(order(1, 0)).not.toEqual(order(1, 1));
    expect(order(1, 0)).not.toEqual(order(2, 0));
  });

  it('augment a sample alike whatever the size of its batch', () => {
    const dataset = numbered(12);
    const augment: AugmentSettings[] = [
      { kind: 'randomCrop', padding: 2 },
      { kind: 'randomFlip', probability: 0.5 },
    ];
    const byIndex = (batchSize: number) => {
      const all = batches(dataset, { batchSize, augment });
      const found = new Map<number, number[]>();
      for (let i = 0; i < all.count; i++) {
        const batch = all.batch(1, i);
        for (let j = 0; j < batch.count; j++) {
          found.set(batch.indices[j] ?? -1, Array.from(batch.inputs.subarray(j * 40, (j + 1) * 40)));
        }
      }
      return [...found].sort(([a], [b]) => a - b);
    };
    expect(byIndex(5)).toEqual(byIndex(12));
  });

  it('keep the order of the split when they are not shuffled', () => {
    expect(Array.from(batches(numbered(6), { shuffle: false }).batch(3, 1).indices)).toEqual([4, 5, 0, 0]);
  });

  it('normalise bytes and floats to (v - mean) / deviation', () => {
    const dataset = numbered(1, [1, 1, 2]);
    const normalization = { mean: [0.5, 0.25], deviation: [0.5, 2] };
    const bytes = Uint8Array.of(255, 51);
    const floats = Float32Array.of(1, 0.2);
    for (const pixels of [bytes, floats]) {
      const split = { ...dataset.splits.train, samples: { ...dataset.splits.train.samples, pixels } };
      const own = { ...dataset, normalization, splits: { ...dataset.splits, train: split } };
      const { inputs } = batches(own, { batchSize: 1 }).batch(0, 0);
      expect(inputs[0]).toBeCloseTo(1, 6);
      expect(inputs[1]).toBeCloseTo(-0.025, 6);
    }
  });

  it('refuse an index that is not there', () => {
    expect(() => batches(numbered(6)).batch(0, 2)).toThrow(RangeError);
  });
});

describe('a random crop', () => {
  const augment: AugmentSettings[] = [{ kind: 'randomCrop', padding: 1 }];
  const original = Array.from({ length: 20 }, (_, i) => i + 1);
  /** The picture moved by whole pixels, zeros where nothing was. */
  const moved = (down: number, right: number) =>
    original.map((_, i) => {
      const row = Math.floor(i / 5) + down;
      const column = (i % 5) + right;
      return row >= 0 && row < 4 && column >= 0 && column < 5 ? row * 5 + column + 1 : 0;
    });

  it('moves the picture by at most the padding, to each of the places about equally often', () => {
    const places = new Map<string, number>();
    for (let down = -1; down <= 1; down++) {
      for (let right = -1; right <= 1; right++) places.set(moved(down, right).join(), 0);
    }
    expect(places.size).toBe(9);
    for (let epoch = 0; epoch < 900; epoch++) {
      const key = augmented(augment, epoch, [4, 5, 1]).join();
      expect(places.has(key)).toBe(true);
      places.set(key, (places.get(key) ?? 0) + 1);
    }
    for (const count of places.values()) expect(Math.abs(count - 100)).toBeLessThan(40);
  });

  it('fills what lies outside with black, normalised like any pixel', () => {
    const dataset = numbered(1, [1, 1, 1]);
    const own = { ...dataset, normalization: { mean: [0.5], deviation: [0.25] } };
    const values = new Set<number>();
    for (let epoch = 0; epoch < 40; epoch++) {
      values.add(batches(own, { batchSize: 1, augment }).batch(epoch, 0).inputs[0] ?? Number.NaN);
    }
    expect(values).toEqual(new Set([-2, 2]));
  });
});

describe('a random flip', () => {
  it('mirrors left and right with its probability, keeping channels in order', () => {
    const plain = augmented([], 0);
    const mirrored = plain.map((_, i) => {
      const pixel = Math.floor(i / 2);
      return plain[(Math.floor(pixel / 5) * 5 + (4 - (pixel % 5))) * 2 + (i % 2)];
    });
    let flips = 0;
    for (let epoch = 0; epoch < 1000; epoch++) {
      const found = augmented([{ kind: 'randomFlip', probability: 0.3 }], epoch);
      const flipped = found.join() === mirrored.join();
      expect(flipped || found.join() === plain.join()).toBe(true);
      if (flipped) flips += 1;
    }
    expect(Math.abs(flips - 300)).toBeLessThan(60);
  });

  it('never acts at probability 0 and always at 1', () => {
    expect(augmented([{ kind: 'randomFlip', probability: 0 }], 1)).toEqual(augmented([], 1));
    expect(augmented([{ kind: 'randomFlip', probability: 1 }], 1)).not.toEqual(augmented([], 1));
  });

  it('and a crop act in the order they are listed', () => {
    const crop: AugmentSettings = { kind: 'randomCrop', padding: 2 };
    const flip: AugmentSettings = { kind: 'randomFlip', probability: 1 };
    const mirror = (row: number[]) => [...row].reverse();
    for (let epoch = 0; epoch < 20; epoch++) {
      const cropped = augmented([crop], epoch, [1, 6, 1]);
      expect(augmented([crop, flip], epoch, [1, 6, 1])).toEqual(mirror(cropped));
    }
  });
});

describe('a view of a picture', () => {
  it('is what its draws say, pixel by pixel, of bytes and of numbers, also where it shows nothing but black', () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }));
    const property = fc.property(shape, fc.nat(9), fc.nat(50), fc.boolean(), fc.boolean(), (size, padding, epoch, flip, bytes) => {
      const [height, width, channels] = size;
      const dataset = numbered(1, size);
      const { train } = dataset.splits;
      const pixels = bytes ? Uint8Array.from(train.samples.pixels, (value) => (37 * value) % 256) : train.samples.pixels;
      const normalization = { mean: Array.from({ length: channels }, (_, c) => 0.1 * c), deviation: Array.from({ length: channels }, (_, c) => 0.3 + c) };
      const own = { ...dataset, normalization, splits: { ...dataset.splits, train: { ...train, samples: { ...train.samples, pixels } } } };
      const augment: AugmentSettings[] = [{ kind: 'randomCrop', padding }, ...(flip ? [{ kind: 'randomFlip', probability: 1 } as const] : [])];
      const view = { top: 0, left: 0, mirrored: false };
      augmentation(augment, OPTIONS.seed)(view, epoch, 0);
      const expected = Float32Array.from({ length: height * width * channels }, (_, at) => {
        const [c, x, y] = [at % channels, Math.floor(at / channels) % width, Math.floor(at / channels / width)];
        const [row, column] = [y + view.top, (view.mirrored ? width - 1 - x : x) + view.left];
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        const value = inside ? (pixels[(row * width + column) * channels + c] ?? NaN) : 0;
        return ((bytes ? value / 255 : value) - (normalization.mean[c] ?? 0)) / (normalization.deviation[c] ?? 1);
      });
      expect(batches(own, { batchSize: 1, augment }).batch(epoch, 0).inputs).toEqual(expected);
    });
    fc.assert(property, { seed: 11 });
  });
}); // prettier-ignore
