import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeCached } from '../../src/data/cache-file.ts';
import { findCopies } from '../../src/data/copies.ts';
import { COPY_MARKS } from '../../src/data/copy-marks.ts';
import { stemOf } from '../../src/data/groups.ts';
import { knownCopies } from '../../src/data/known-copies.ts';
import type { Samples } from '../../src/data/samples.ts';
import { splitGroups, type Stratify } from '../../src/data/split-groups.ts';
import { uniform, randomStream } from '../../src/random/random.ts';
import { idx, idxSettings, load, problemOfLoading, temporaryFolder, write } from './fixtures.ts';

const SIDE = 16;
const smooth = (n: number, at: (x: number, y: number) => number) =>
  Uint8Array.from({ length: SIDE * SIDE }, (_, i) =>
    Math.round(127 + 60 * at((i % SIDE) / SIDE, Math.floor(i / SIDE) / SIDE) + (n % 7)),
  );
/** A picture of its own for each number. */
function picture(n: number): Uint8Array {
  const [a = 0, b = 0, c = 0, d = 0] = uniform(randomStream(n, 'picture'), 0, new Float32Array(4));
  return smooth(
    n,
    (x, y) =>
      Math.sin(9 * a * x + 7 * b) * Math.cos(11 * c * y + 3 * d) + 0.7 * Math.sin(13 * d * (x + a * y)),
  );
}
function samplesOf(pictures: readonly Uint8Array[]): Samples {
  const pixels = new Uint8Array(pictures.length * SIDE * SIDE);
  pictures.forEach((one, n) => pixels.set(one, n * SIDE * SIDE));
  const labels = new Int32Array(pictures.length);
  return { count: pictures.length, shape: [SIDE, SIDE, 1], pixels, labels, digest: '' };
}
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => n + from);

describe('copies of one picture', () => {
  it('are found by their bytes and by their looks, and different pictures are not', () => {
    const own = numbers(400).map(picture);
    const brighter = picture(3).map((value) => Math.min(255, Math.round(value * 1.1 + 9)));
    const noisy = picture(5).map((value, i) => value + ((i * 7) % 3) - 1);
    const sets = [samplesOf(own), samplesOf([picture(1000), picture(7), brighter, noisy])];
    expect(findCopies(sets, 0.995)).toEqual([
      { first: 7, second: 401, exact: true },
      { first: 3, second: 402, exact: false },
      { first: 5, second: 403, exact: false },
    ]);
  });

  it('each is named with the first, and pictures of one brightness are alike only by their bytes', () => {
    const flat = (value: number) => new Uint8Array(SIDE * SIDE).fill(value);
    const set = samplesOf([picture(1), picture(1), picture(1), flat(3), flat(4), flat(3)]);
    expect(findCopies([set], 0.995)).toEqual([
      { first: 0, second: 1, exact: true },
      { first: 0, second: 2, exact: true },
      { first: 3, second: 5, exact: true },
    ]);
  });
});

describe('what the search for copies found', () => {
  const sets = [samplesOf([picture(1), picture(2), picture(1)])];
  const found = [{ first: 0, second: 2, exact: true }];
  const keptIn = (folder: string) => readdirSync(folder).map((name) => join(folder, name));

  it('is kept by pixels, labels and likeness, and read by the next run', () => {
    const folder = temporaryFolder();
    expect(knownCopies(sets, 0.995, folder)).toEqual(found);
    const [file = ''] = keptIn(folder);
    const other = [{ first: 1, second: 2, exact: false }];
    writeCached(folder, basename(file), [Buffer.from(JSON.stringify(other))]);
    expect(knownCopies(sets, 0.995, folder)).toEqual(other);
    expect(knownCopies(sets, 0.99, folder)).toEqual(found);
    const [set] = sets as [Samples];
    expect(knownCopies([{ ...set, labels: Int32Array.of(0, 0, 1) }], 0.995, folder)).toEqual(found);
    expect(knownCopies([samplesOf([picture(1), picture(2), picture(3)])], 0.995, folder)).toEqual([]);
    expect(keptIn(folder)).toHaveLength(4);
  });

  it('is searched anew where the file is damaged, and everywhere without a folder', () => {
    const folder = temporaryFolder();
    knownCopies(sets, 0.995, folder);
    const [file = ''] = keptIn(folder);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 1));
    expect(knownCopies(sets, 0.995, folder)).toEqual(found);
    expect(readFileSync(file)).toEqual(bytes);
    expect(knownCopies(sets, 0.995, null)).toEqual(found);
    expect(knownCopies(sets, 0.995, join(file, 'below a file'))).toEqual(found);
  });
});

describe('groups by the stem of the file', () => {
  it.each([
    ['F0/Scan_007.PNG', 'scan_007'],
    ['F0/scan_007_copy2.png', 'scan_007'],
    ['F0/scan_007_aug_3_copy.jpeg', 'scan_007'],
    ['F0/scan_007 (12).jpg', 'scan_007'],
    ['F0/scan_007_flip_rot90.png', 'scan_007'],
    ['F0/_copy.png', '_copy'],
    ['F0/scan_008.png', 'scan_008'],
  ])('%s belongs to %s', (name, stem) => {
    expect(stemOf(name, COPY_MARKS)).toBe(stem);
  });

  it('marks are taken as they are written: a dot is a dot', () => {
    expect(stemOf('a.b.png', ['.b'])).toBe('a');
    expect(stemOf('a-b.png', ['.b'])).toBe('a-b');
  });
});

describe('splitting groups', () => {
  const sizes = numbers(60).map((group) => 1 + ((group * group) % 5));
  const groups = Int32Array.from(sizes.flatMap((size, group) => numbers(size).map(() => group)));
  const labels = groups.map((group) => group % 3);
  const positions = groups.map((_, n) => n);
  const nameOf = (group: number) => `patient ${group}`;
  const shares = [0.7, 0.15, 0.15];
  const part = (of: readonly Int32Array[], group: number) =>
    of.findIndex((one) => one.some((position) => groups[position] === group));

  it.each<Stratify>(['samples', 'groups', 'none'])(
    'tears none apart, for any seed, and keeps the shares (%s)',
    (stratify) => {
      for (let seed = 0; seed < 40; seed++) {
        const parts = splitGroups({ labels, groups, nameOf }, positions, shares, stratify, seed);
        expect(parts.flatMap((one) => Array.from(one)).sort((a, b) => a - b)).toEqual(Array.from(positions));
        for (const group of numbers(60)) {
          const holding = parts.filter((one) => one.some((position) => groups[position] === group));
          expect(holding).toHaveLength(1);
        }
        if (stratify === 'none') continue;
        for (const label of [0, 1, 2]) {
          const all = labels.filter((one) => one === label).length;
          parts.forEach((one, at) => {
            const own = one.filter((position) => labels[position] === label).length;
            // No further off than the largest group, or what so many groups may hold.
            const slack = stratify === 'samples' ? 5 : 5 + 0.1 * all;
            expect(Math.abs(own - (shares[at] ?? 0) * all)).toBeLessThanOrEqual(slack);
          });
        }
      }
    },
  );

  it('with shares of groups a further copy never moves any group', () => {
    for (let seed = 0; seed < 20; seed++) {
      const before = splitGroups({ labels, groups, nameOf }, positions, shares, 'groups', seed);
      const more = Int32Array.from([...groups, 17]);
      const moreLabels = Int32Array.from([...labels, 17 % 3]);
      const after = splitGroups(
        { labels: moreLabels, groups: more, nameOf },
        more.map((_, n) => n),
        shares,
        'groups',
        seed,
      );
      for (const group of numbers(60)) expect(part(after, group)).toBe(part(before, group));
    }
  });

  it('another seed makes other splits', () => {
    const of = (seed: number) => splitGroups({ labels, groups, nameOf }, positions, shares, 'samples', seed);
    expect(of(1)).not.toEqual(of(2));
    expect(of(1)).toEqual(of(1));
  });
});

describe('a data set', () => {
  const folder = temporaryFolder();
  const file = (name: string, pictures: readonly Uint8Array[]) => ({
    inputs: write(
      folder,
      `${name}-images`,
      idx(8, [pictures.length, SIDE, SIDE], [...pictures.flatMap((one) => [...one])]),
    ),
    labels: write(
      folder,
      `${name}-labels`,
      idx(
        8,
        [pictures.length],
        pictures.map((_, n) => n % 2),
      ),
    ),
  });
  const train = file('train', [...numbers(40).map(picture), picture(0), picture(2)]);
  const leaking = file('leaking', [picture(500), picture(4), picture(502), picture(7)]);
  const clean = file('clean', numbers(8, 600).map(picture));
  const settings = (extra: Parameters<typeof idxSettings>[1] & object) => ({
    ...idxSettings(folder, {}),
    train,
    ...extra,
  });

  it('keeps copies among the training files in one split, and says so', async () => {
    const { splits, report } = await load(
      settings({
        test: clean,
        validation: { fraction: 0.3 },
        duplicates: { across: 'report', likeness: 0.995 },
      }),
      folder,
    );
    const of = (position: number) => (splits.train.positions.includes(position) ? 'train' : 'validation');
    expect([of(40), of(41)]).toEqual([of(0), of(2)]);
    expect(report).toMatchObject({
      copies: { exact: 2, near: 0 },
      acrossTest: { exact: 0, near: 0 },
      dropped: 0,
    });
    expect(report?.perClass.test).toEqual([4, 4]);
  });

  it('test samples among the training samples are reported, left out, or refused by name', async () => {
    const told = await load(
      settings({ test: leaking, duplicates: { across: 'report', likeness: 0.995 } }),
      folder,
    );
    expect(told.report?.acrossTest).toEqual({
      exact: 2,
      near: 0,
      examples: ['sample 4 = sample 1', 'sample 7 = sample 3'],
    });
    const dropped = await load(
      settings({ test: leaking, duplicates: { across: 'drop', likeness: 0.995 } }),
      folder,
    );
    expect(dropped.report?.dropped).toBe(2);
    const kept = [...dropped.splits.train.positions, ...dropped.splits.validation.positions];
    expect(kept).not.toContain(4);
    expect(kept).not.toContain(7);
    const problem = await problemOfLoading(
      settings({ test: leaking, duplicates: { across: 'refuse', likeness: 0.995 } }),
      folder,
    );
    expect(problem).toMatchObject({
      code: 'KD3032',
      message: expect.stringContaining('sample 7 = sample 3') as string,
    });
  });

  it('the test split can be a share of the training files, apart from all copies and groups', async () => {
    const rows = numbers(42).map((n) => `${n},patient ${Math.floor((n % 40) / 4) * 2 + (n % 2)}`);
    const table = write(folder, 'patients.csv', Buffer.from(['row,patient', ...rows].join('\n')));
    const groupBy = { by: 'table', file: table, name: 'file', group: 'patient' } as const;
    const { splits, report } = await load(
      settings({
        test: { fraction: 0.25 },
        validation: { fraction: 0.25 },
        groupBy,
        duplicates: { across: 'report', likeness: 0.995 },
      }),
      folder,
    );
    const patients = (of: 'train' | 'validation' | 'test') =>
      new Set(Array.from(splits[of].positions, (n) => rows[n]?.split(',')[1]));
    expect(splits.train.count + splits.validation.count + splits.test.count).toBe(42);
    expect(splits.test.count).toBeGreaterThan(5);
    for (const patient of patients('test')) {
      expect(patients('train').has(patient) || patients('validation').has(patient)).toBe(false);
    }
    for (const patient of patients('validation')) expect(patients('train').has(patient)).toBe(false);
    expect(report?.groups).toBe(20);
  });

  it('a group of two classes is an error that names it', async () => {
    const rows = numbers(42).map((n) => `patient ${n >> 1}`);
    const table = write(folder, 'mixed.csv', Buffer.from(['patient', ...rows].join('\n')));
    const problem = await problemOfLoading(
      settings({ test: clean, groupBy: { by: 'table', file: table, name: 'file', group: 'patient' } }),
      folder,
    );
    expect(problem).toMatchObject({
      code: 'KD3031',
      message: expect.stringContaining('"patient 0"') as string,
    });
  });
});
