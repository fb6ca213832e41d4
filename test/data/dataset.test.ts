import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseStratified } from '../../src/data/choose.ts';
import { inspectData } from '../../src/data/inspect.ts';
import {
  idx,
  idxSettings,
  load,
  problemOfLoading,
  temporaryFolder,
  tinyFolder,
  tinySet,
  write,
} from './fixtures.ts';

const folder = tinyFolder();
const settings = idxSettings(folder);

describe('the splits of a dataset', () => {
  it('share out the training files, no sample twice, each class in its proportion', async () => {
    const { splits } = await load(settings, folder);
    expect([splits.train.count, splits.validation.count, splits.test.count]).toEqual([54, 6, 12]);
    const all = [...splits.train.positions, ...splits.validation.positions].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 60 }, (_, i) => i));
    for (const label of [0, 1, 2]) {
      expect(splits.validation.labels.filter((value) => value === label)).toHaveLength(2);
    }
    for (const split of [splits.train, splits.validation, splits.test]) {
      split.positions.forEach((position, i) => expect(split.labels[i]).toBe(split.samples.labels[position]));
    }
  });

  it('are the same for the same seed and others for another', async () => {
    const first = await load(settings, folder);
    const second = await load(settings, folder);
    const other = await load(settings, folder, { seed: 2 });
    expect(second.validationHash).toBe(first.validationHash);
    expect(second.hash).toBe(first.hash);
    expect(other.validationHash).not.toBe(first.validationHash);
    expect(other.hash).not.toBe(first.hash);
  });

  it('never change: recorded hashes', async () => {
    const dataset = await load(settings, folder);
    expect([dataset.hash, dataset.validationHash]).toMatchInlineSnapshot(`
      [
        "f98916960d4e958df6a6c82ad1e8a70650107630b6ffb9489a79dbcad1e63c56",
        "45974f86195e8fefbdc829bd570f5b18347fe4823b845e46969830fab79381cc",
      ]
    `);
  });

  it('are limited before the validation split is taken, each class in its proportion', async () => {
    const { splits } = await load({ ...settings, limit: { train: 30, test: 6 } }, folder);
    expect([splits.train.count, splits.validation.count, splits.test.count]).toEqual([27, 3, 6]);
    for (const label of [0, 1, 2]) {
      expect(splits.test.labels.filter((value) => value === label)).toHaveLength(2);
    }
    const whole = await load({ ...settings, limit: { train: 1000, test: 1000 } }, folder);
    expect(whole.splits.train.count).toBe(54);
  });

  it('without validation keep every sample for training', async () => {
    const { splits } = await load({ ...settings, validation: { fraction: 0 } }, folder);
    expect([splits.train.count, splits.validation.count]).toEqual([60, 0]);
  });

  it.each([
    [0.001, 'leaves none for validation'],
    [0.999, 'leaves none for training'],
  ])('refuse a fraction of %f', async (fraction, words) => {
    const problem = await problemOfLoading({ ...settings, validation: { fraction } }, folder);
    expect(inspectData({ ...settings, validation: { fraction } }, folder).problems).toEqual([problem]);
    expect(problem).toMatchObject({ code: 'KD3030', key: 'data.validation.fraction' });
    expect(problem.message).toContain(words);
  });

  it('have a hash that changes with the data and with what decides about the splits', async () => {
    const own = tinyFolder();
    const hash = async (changes = {}) => (await load(idxSettings(own, changes), own)).hash;
    const reference = await hash();
    const hashes = [
      reference,
      await hash({ validation: { fraction: 0.2 } }),
      await hash({ limit: { train: 30, test: null } }),
      await hash({ normalize: 'none' }),
      await hash({ classes: ['a', 'b', 'c'] }),
    ];
    const { images } = tinySet(60);
    images[images.length - 1] = 99;
    write(own, 'train-images', images);
    hashes.push(await hash());
    expect(new Set(hashes).size).toBe(6);
    expect(await hash({ augment: [{ kind: 'randomCrop', padding: 2 }] })).toBe(hashes[5]);
  });

  it('take class names from the config, and then allow classes without training samples', async () => {
    const dataset = await load({ ...settings, classes: ['ant', 'bee', 'cat', 'dog'] }, folder);
    expect(dataset.classes).toEqual(['ant', 'bee', 'cat', 'dog']);
    const problem = await problemOfLoading({ ...settings, classes: ['ant', 'bee'] }, folder);
    expect(problem).toMatchObject({ code: 'KD3011', key: 'data.train.labels' });
  });
});

describe('normalisation', () => {
  it('is measured on the training split alone', async () => {
    const { splits, normalization } = await load(settings, folder);
    const values = Array.from(splits.train.positions, (position) => position / 255);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(normalization.mean[0]).toBeCloseTo(mean, 10);
    expect(normalization.deviation[0]).toBeCloseTo(Math.sqrt(variance), 10);
  });

  it('is by channel, for bytes and for floats alike', async () => {
    const own = tinyFolder();
    const pixels = Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? 51 : 10 * i));
    const normalizationOf = async (type: number, factor: number) => {
      write(
        own,
        'train-images',
        idx(
          type,
          [3, 2, 2, 2],
          pixels.map((value) => value * factor),
        ),
      );
      write(own, 'train-labels', idx(8, [3], [0, 1, 2]));
      write(
        own,
        'test-images',
        idx(
          type,
          [3, 2, 2, 2],
          pixels.map((value) => value * factor),
        ),
      );
      write(own, 'test-labels', idx(8, [3], [0, 1, 2]));
      return (await load(idxSettings(own, { validation: { fraction: 0 } }), own)).normalization;
    };
    const bytes = await normalizationOf(8, 1);
    const doubles = await normalizationOf(14, 1 / 255);
    expect(bytes.mean[0]).toBeCloseTo(0.2, 10);
    expect(bytes.deviation[0]).toBeCloseTo(1, 10); // a constant channel is not divided by zero
    expect(doubles.mean[1]).toBeCloseTo(bytes.mean[1] ?? 0, 6);
    expect(doubles.deviation[1]).toBeCloseTo(bytes.deviation[1] ?? 0, 6);
  });

  it('can be left out', async () => {
    const { normalization } = await load({ ...settings, normalize: 'none' }, folder);
    expect(normalization).toEqual({ mean: [0], deviation: [1] });
  });
});

describe('a stratified choice', () => {
  it('has the asked size, no sample twice, and every class to within one of its share', () => {
    const property = fc.property(
      fc.array(fc.nat(4), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(),
      (labels, share, seed) => {
        const all = Int32Array.from(labels.keys());
        const count = Math.round(share * labels.length);
        const chosen = chooseStratified(Int32Array.from(labels), all, count, { seed, name: 'x' });
        expect(chosen).toHaveLength(count);
        expect(new Set(chosen).size).toBe(count);
        for (const label of new Set(labels)) {
          const quota = (count * labels.filter((value) => value === label).length) / labels.length;
          const found = Array.from(chosen).filter((position) => labels[position] === label).length;
          expect(Math.abs(found - quota)).toBeLessThan(1 + 1e-9);
        }
      },
    );
    fc.assert(property, { seed: 3, numRuns: 200 });
  });

  it('draws from the positions it is given', () => {
    const labels = new Int32Array(10);
    const chosen = chooseStratified(labels, Int32Array.of(2, 5, 7), 2, { seed: 1, name: 'x' });
    expect([2, 5, 7]).toEqual(expect.arrayContaining(Array.from(chosen)));
  });
});

describe('the sample data', () => {
  const sample = join(import.meta.dirname, '../../media/sample/data');
  it('is a class-balanced part of MNIST', async () => {
    const file = (name: string) => join(sample, name);
    const dataset = await load(
      idxSettings(sample, {
        train: { inputs: file('train-images-idx3-ubyte.gz'), labels: file('train-labels-idx1-ubyte.gz') },
        test: { inputs: file('t10k-images-idx3-ubyte.gz'), labels: file('t10k-labels-idx1-ubyte.gz') },
      }),
      sample,
    );
    expect(dataset.shape).toEqual([28, 28, 1]);
    expect(dataset.classes).toHaveLength(10);
    const { train, validation, test } = dataset.splits;
    expect([train.count, validation.count, test.count]).toEqual([5400, 600, 1000]);
    for (let digit = 0; digit < 10; digit++) {
      expect(test.labels.filter((label) => label === digit)).toHaveLength(100);
      expect(train.labels.filter((label) => label === digit)).toHaveLength(540);
    }
    // The whole of MNIST has mean 0.1307 and deviation 0.3081.
    expect(dataset.normalization.mean[0]).toBeCloseTo(0.1307, 2);
    expect(dataset.normalization.deviation[0]).toBeCloseTo(0.3081, 2);
  });

  it('is made again by its script, byte for byte once unpacked', () => {
    const target = temporaryFolder();
    const script = join(import.meta.dirname, '../../scripts/make-sample-data.mjs');
    execFileSync(process.execPath, [script, target], { stdio: 'ignore' });
    const names = readdirSync(target);
    // Digits and words of digits, images and labels, training and test.
    expect(names).toHaveLength(8);
    for (const name of names) {
      const kept = readFileSync(join(sample, name));
      expect([name, gunzipSync(readFileSync(join(target, name))).equals(gunzipSync(kept))]).toEqual([
        name,
        true,
      ]);
    }
  });

  it('is small enough to ship', () => {
    const bytes = readdirSync(sample).reduce((sum, name) => sum + readFileSync(join(sample, name)).length, 0);
    expect(bytes).toBeLessThan(2_000_000);
  });
});
