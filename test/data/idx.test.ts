import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectData } from '../../src/data/inspect.ts';
import { UserError } from '../../src/protocol/errors.ts';
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

describe('IDX files', () => {
  it('are read plain and packed alike, with the same hash', async () => {
    const plain = tinyFolder();
    const packed = temporaryFolder();
    for (const [split, count] of [
      ['train', 60],
      ['test', 12],
    ] as const) {
      const { images, labels } = tinySet(count);
      write(packed, `${split}-images.gz`, images);
      write(packed, `${split}-labels.gz`, labels);
    }
    const first = await load(idxSettings(plain), plain);
    const second = await load(
      idxSettings(packed, {
        train: { inputs: join(packed, 'train-images.gz'), labels: join(packed, 'train-labels.gz') },
        test: { inputs: join(packed, 'test-images.gz'), labels: join(packed, 'test-labels.gz') },
      }),
      packed,
    );
    expect(first.shape).toEqual([2, 2, 1]);
    expect(first.classes).toEqual(['0', '1', '2']);
    expect(first.splits.test.count).toBe(12);
    expect(Array.from(first.splits.test.samples.pixels.subarray(4, 8))).toEqual([1, 1, 1, 1]);
    expect(second.hash).toBe(first.hash);
    expect(second.splits.train.samples.pixels).toEqual(first.splits.train.samples.pixels);
  });

  it.each([
    [8, 'unsigned byte', [0, 255, 7]],
    [9, 'signed byte', [-128, 127, 7]],
    [11, 'short', [-32768, 32767, 7]],
    [12, 'int', [-65536, 65536, 7]],
    [13, 'float', [-1.5, 0.25, 7]],
    [14, 'double', [-1.5, 0.25, 7]],
  ])('of type %i (%s) hold their own values', async (type, _name, values) => {
    const folder = tinyFolder();
    write(folder, 'train-images', idx(type, [3, 1, 1], values));
    write(folder, 'train-labels', idx(8, [3], [0, 1, 1]));
    write(folder, 'test-images', idx(type, [3, 1, 1], values));
    write(folder, 'test-labels', idx(11, [3], [0, 1, 1]));
    const dataset = await load(idxSettings(folder, { validation: { fraction: 0 } }), folder);
    expect(Array.from(dataset.splits.train.samples.pixels)).toEqual(values);
    expect(dataset.splits.train.samples.pixels).toBeInstanceOf(type === 8 ? Uint8Array : Float32Array);
    expect(Array.from(dataset.splits.test.labels)).toEqual([0, 1, 1]);
  });

  it('of four dimensions hold colour images with the channels last', async () => {
    const folder = tinyFolder();
    const pixels = Array.from({ length: 36 }, (_, i) => i);
    write(folder, 'train-images', idx(8, [3, 2, 2, 3], pixels));
    write(folder, 'train-labels', idx(8, [3], [0, 1, 2]));
    write(folder, 'test-images', idx(8, [3, 2, 2, 3], pixels));
    write(folder, 'test-labels', idx(8, [3], [0, 1, 2]));
    const dataset = await load(idxSettings(folder, { validation: { fraction: 0 } }), folder);
    expect(dataset.shape).toEqual([2, 2, 3]);
    expect(dataset.normalization.mean).toHaveLength(3);
  });
});

describe('bad IDX data', () => {
  const { images, labels } = tinySet(60);
  const bytes = (text: string) => Buffer.from(text);
  /** What is written over which good file, the code, and words of the message. */
  const cases: [string, string, Buffer, string, string][] = [
    ['a file cut short', 'train-images', images.subarray(0, -1), 'KD3005', 'has 255'],
    ['a file cut within its header', 'train-images', images.subarray(0, 9), 'KD3005', 'within its header'],
    ['a file that is too long', 'train-images', Buffer.concat([images, bytes('x')]), 'KD3006', 'has 257'],
    [
      'a wrong magic number',
      'train-images',
      Buffer.concat([bytes('PK\x03\x04'), images]),
      'KD3004',
      '50 4b 03 04',
    ],
    [
      'an unknown type',
      'train-images',
      Buffer.concat([Buffer.from([0, 0, 7, 3]), images]),
      'KD3004',
      '00 00 07 03',
    ],
    ['a text file', 'train-labels', bytes('0\n1\n2\n'), 'KD3004', 'train-labels'],
    ['an empty file', 'train-labels', Buffer.alloc(0), 'KD3007', 'empty'],
    ['no images', 'train-images', idx(8, [0, 2, 2], []), 'KD3007', '0x2x2'],
    ['images without rows', 'train-images', idx(8, [60, 0, 2], []), 'KD3007', '60x0x2'],
    ['exchanged files', 'train-images', labels, 'KD3008', '1 dimensions'],
    ['images for labels', 'train-labels', images, 'KD3008', 'labels are one whole number'],
    [
      'labels that are no whole numbers',
      'train-labels',
      idx(13, [60], new Array<number>(60).fill(0)),
      'KD3008',
      'float',
    ],
    [
      'channels first',
      'train-images',
      idx(8, [1, 3, 32, 32], new Array<number>(3072).fill(0)),
      'KD3008',
      '32 channels',
    ],
    ['fewer labels than images', 'train-labels', tinySet(59).labels, 'KD3010', '60 images'],
    [
      'a label above its classes',
      'test-labels',
      idx(8, [12], [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 3]),
      'KD3011',
      'label 3 at index 11',
    ],
    [
      'a negative label',
      'train-labels',
      idx(9, [60], [-1, ...new Array<number>(59).fill(0)]),
      'KD3011',
      'label -1 at index 0',
    ],
    [
      'a label no data set has',
      'train-labels',
      idx(12, [60], [...new Array<number>(59).fill(0), 2 ** 30]),
      'KD3011',
      'index 59',
    ],
    [
      'a class without samples',
      'train-labels',
      idx(8, [60], [...new Array<number>(59).fill(0), 255]),
      'KD3014',
      'up to 255',
    ],
    ['one class alone', 'train-labels', idx(8, [60], new Array<number>(60).fill(0)), 'KD3017', 'one class'],
    [
      'test images of another size',
      'test-images',
      idx(8, [12, 2, 3], new Array<number>(72).fill(0)),
      'KD3012',
      '2x3x1',
    ],
    [
      'values that are not finite',
      'train-images',
      idx(13, [60, 1, 1], [...new Array<number>(59).fill(0), Number.NaN]),
      'KD3013',
      'image 59',
    ],
    [
      'a header that asks for all memory',
      'train-images',
      idx(14, [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], []),
      'KD3009',
      'GB',
    ],
    [
      'a packed file that ends too early',
      'train-images',
      gzipSync(images).subarray(0, -12),
      'KD3005',
      'cut short',
    ],
    [
      'a packed file shorter than its header says',
      'train-images',
      gzipSync(images.subarray(0, -1)),
      'KD3005',
      'has 255',
    ],
    [
      'a packed file longer than its header says',
      'train-images',
      gzipSync(Buffer.concat([images, images])),
      'KD3006',
      'longer',
    ],
    ['a damaged packed file', 'train-images', damaged(gzipSync(images)), 'KD3003', 'damaged'],
  ];

  it.each(cases)('%s gives its own error', async (_name, file, content, code, words) => {
    const folder = tinyFolder();
    write(folder, file, content);
    const problem = await problemOfLoading(idxSettings(folder), folder);
    expect(problem).toMatchObject({ code });
    expect(problem.message).toContain(words);
    expect(problem.key).toMatch(/^data\.(train|test)\.(inputs|labels)$/);
    expect(problem.help).not.toBe('');
  });

  it.each(cases.filter(([name]) => !/not finite|damaged/.test(name)))(
    '%s is found without reading everything',
    (_name, file, content, code) => {
      const folder = tinyFolder();
      write(folder, file, content);
      const { problems } = inspectData(idxSettings(folder), folder);
      expect(problems.map((problem) => problem.code)).toContain(code);
    },
  );

  it('a name ending in .gz on something else gives its own error', async () => {
    const folder = tinyFolder();
    const { images: plain } = tinySet(60);
    writeFileSync(join(folder, 'images.gz'), plain);
    const settings = idxSettings(folder);
    const train = { ...settings.train, inputs: join(folder, 'images.gz') };
    expect(await problemOfLoading({ ...settings, train }, folder)).toMatchObject({
      code: 'KD3003',
      key: 'data.train.inputs',
    });
  });

  it('a missing file, a folder and a socket in its place each give their own error', async () => {
    const folder = tinyFolder();
    const settings = idxSettings(folder);
    const withLabels = (name: string) => ({
      ...settings,
      train: { ...settings.train, labels: join(folder, name) },
    });
    expect(await problemOfLoading(withLabels('nowhere'), folder)).toMatchObject({
      code: 'KD3001',
      key: 'data.train.labels',
    });
    mkdirSync(join(folder, 'folder'));
    expect(await problemOfLoading(withLabels('folder'), folder)).toMatchObject({ code: 'KD3015' });
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    expect(await problemOfLoading(withLabels('socket'), folder)).toMatchObject({ code: 'KD3015' });
    server.close();
    expect(await problemOfLoading(withLabels('a\0b'), folder)).toMatchObject({ code: 'KD3016' });
  });

  it('a path or a link out of the experiment folder gives its own error, even if nothing is there', async () => {
    const outside = tinyFolder();
    const folder = tinyFolder();
    const settings = idxSettings(folder);
    const withInputs = (inputs: string) => ({ ...settings, test: { ...settings.test, inputs } });
    const codeOf = async (path: string) => (await problemOfLoading(withInputs(path), folder)).code;
    expect(await codeOf(join(outside, 'test-images'))).toBe('KD3002');
    expect(await codeOf(join(folder, '..', '..', 'nowhere'))).toBe('KD3002');
    symlinkSync(join(outside, 'test-images'), join(folder, 'link'));
    symlinkSync(outside, join(folder, 'folder-link'));
    expect(await codeOf(join(folder, 'link'))).toBe('KD3002');
    expect(await codeOf(join(folder, 'folder-link', 'test-images'))).toBe('KD3002');
    symlinkSync(join(folder, 'test-images'), join(folder, 'inner-link'));
    expect((await load(withInputs(join(folder, 'inner-link')), folder)).splits.test.count).toBe(12);
    expect(inspectData(withInputs(join(folder, 'link')), folder).problems[0]?.code).toBe('KD3002');
  });

  it('whatever bytes a file holds, reading ends in data or in a user error', async () => {
    const folder = tinyFolder();
    const { images: good } = tinySet(60);
    const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(
      edits,
      fc.boolean(),
      fc.nat(good.length),
      async (changes, pack, length) => {
        const content = Buffer.from(good.subarray(0, length));
        for (const [at, value] of changes) content[at % Math.max(1, length)] = value;
        write(folder, 'train-images', pack ? gzipSync(content) : content);
        try {
          await load(idxSettings(folder), folder);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      },
    );
    await fc.assert(property, { seed: 5, numRuns: 300 });
  });

  it('are gone once the file is mended', () => {
    const folder = tinyFolder();
    const settings = idxSettings(folder);
    write(folder, 'train-labels', Buffer.alloc(0));
    expect(inspectData(settings, folder).problems).toHaveLength(1);
    write(folder, 'train-labels', labels);
    expect(inspectData(settings, folder).problems).toEqual([]);
  });

  function damaged(packed: Buffer): Buffer {
    const copy = Buffer.from(packed);
    copy[copy.length - 7] = (copy[copy.length - 7] ?? 0) ^ 0xff; // within the checksum
    return copy;
  }
});
