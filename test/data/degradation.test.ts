import { describe, expect, it } from 'vitest';
import { Batches } from '../../src/data/batches.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { degrading, type DegradationSettings } from '../../src/data/degradation.ts';
import { keptColumns, rowFilter } from '../../src/random/undersampling.ts';
import { idxSettings, load, tinyFolder } from './fixtures.ts';

const SETTINGS: DegradationSettings = { kind: 'undersampling', acceleration: 2, centre: 0.2, seed: 1 };
const SHAPE = [3, 10, 2] as const;
const SIZE = 60;

function values(count: number): Float32Array {
  return Float32Array.from({ length: count * SIZE }, (_, at) => Math.fround(((at * 37) % 101) / 101));
}

function poorOf(good: Float32Array): Float32Array {
  const poor = new Float32Array(good.length);
  degrading(SETTINGS, SHAPE)(good, poor, good.length / SIZE);
  return poor;
}

function dataset(degradation?: DegradationSettings): Dataset {
  const samples = {
    count: 5,
    shape: SHAPE,
    pixels: values(5),
    labels: new Int32Array(5),
    digest: '',
  };
  const positions = Int32Array.from({ length: 5 }, (_, at) => at);
  const split = (name: 'train' | 'validation' | 'test') => ({
    ...{ name, count: 5, samples, positions },
    labels: samples.labels,
  });
  return {
    classes: ['0', '1'],
    shape: SHAPE,
    splits: { train: split('train'), validation: split('validation'), test: split('test') },
    normalization: { mean: [0.25, 0.5], deviation: [0.5, 2] },
    hash: '',
    validationHash: '',
    ...(degradation === undefined ? {} : { degradation }),
  };
}

describe('an undersampled image', () => {
  it('is each row of each channel through the filter of the kept columns', () => {
    const good = values(2);
    const poor = poorOf(good);
    const filter = rowFilter(keptColumns(10, SETTINGS));
    const at = (row: number, x: number, c: number) => (row * 10 + x) * 2 + c;
    for (const [row, c] of [
      [0, 0],
      [4, 1],
    ] as const) {
      for (let x = 0; x < 10; x++) {
        let wanted = 0;
        for (let j = 0; j < 10; j++)
          wanted += (filter[(x - j + 10) % 10] ?? NaN) * (good[at(row, j, c)] ?? NaN);
        expect(poor[at(row, x, c)]).toBeCloseTo(wanted, 6);
      }
    }
  });

  it('keeps an offset, so that it does not matter whether it was normalised before', () => {
    const good = values(1);
    const shifted = poorOf(good.map((value) => 2 * value + 3));
    poorOf(good).forEach((value, at) => {
      expect(shifted[at]).toBeCloseTo(2 * value + 3, 5);
    });
  });
});

describe('batches of a task whose answers are images', () => {
  it('hold the images as targets and their poor versions as inputs, padded alike', () => {
    const options = { batchSize: 3, seed: 1, shuffle: false, augment: [] };
    const plain = new Batches(dataset(), 'train', options);
    const images = new Batches(dataset(SETTINGS), 'train', options);
    for (const index of [0, 1]) {
      const [good, both] = [plain.batch(0, index), images.batch(0, index)];
      expect(good.targets).toBeNull();
      expect(both.targets).toEqual(good.inputs);
      const wanted = new Float32Array(good.inputs.length);
      wanted.set(poorOf(good.inputs.subarray(0, good.count * SIZE)));
      expect(both.inputs).toEqual(wanted);
    }
  });

  it('show the poor version of the augmented image', () => {
    const augment = [{ kind: 'randomFlip', probability: 1 }] as const;
    const options = { batchSize: 2, seed: 1, shuffle: true, augment };
    const [good, both] = [dataset(), dataset(SETTINGS)].map((of) =>
      new Batches(of, 'train', options).batch(3, 0),
    );
    expect(both?.targets).toEqual(good?.inputs);
    expect(both?.inputs).toEqual(poorOf(good?.inputs ?? new Float32Array()));
  });
});

describe('data of such a task', () => {
  it('have another hash for other poor images, and the same splits', async () => {
    const folder = tinyFolder();
    const plain = await load(idxSettings(folder), folder);
    const made = async (degradation: DegradationSettings) =>
      load(idxSettings(folder, { degradation }), folder);
    const [one, other] = [await made(SETTINGS), await made({ ...SETTINGS, seed: 2 })];
    expect(new Set([plain.hash, one.hash, other.hash]).size).toBe(3);
    expect(one.validationHash).toBe(plain.validationHash);
    expect(one.degradation).toEqual(SETTINGS);
  });
});
