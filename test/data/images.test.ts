import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectData } from '../../src/data/inspect.ts';
import { decodeJpeg, jpegSize } from '../../src/data/jpeg.ts';
import { resizePicture, withChannels, type Picture } from '../../src/data/picture.ts';
import { decodePng, pngSize } from '../../src/data/png.ts';
import { load, PLAIN, problemOfLoading, temporaryFolder, write, type FolderSettings } from './fixtures.ts';
import { chunk, greyPng, plainJpeg, png, type RawPng } from './pictures.ts';

describe('PNG pictures', () => {
  const cases: [string, RawPng, 1 | 3, number[]][] = [
    ['grey', { width: 2, height: 1, depth: 8, colourType: 0, rows: [[0, 200]] }, 1, [0, 200]],
    [
      'grey of 16 bits',
      { width: 2, height: 1, depth: 16, colourType: 0, rows: [[255, 255, 128, 0]] },
      1,
      [255, 128],
    ],
    [
      'black and white',
      {
        width: 10,
        height: 2,
        depth: 1,
        colourType: 0,
        rows: [
          [0b10100000, 0b01000000],
          [0, 0],
        ],
      },
      1,
      [255, 0, 255, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    [
      'grey of 4 bits',
      { width: 3, height: 1, depth: 4, colourType: 0, rows: [[0x0f, 0x80]] },
      1,
      [0, 255, 136],
    ],
    ['grey with alpha', { width: 2, height: 1, depth: 8, colourType: 4, rows: [[9, 0, 8, 255]] }, 1, [9, 8]],
    [
      'colour',
      {
        width: 1,
        height: 2,
        depth: 8,
        colourType: 2,
        rows: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      3,
      [1, 2, 3, 4, 5, 6],
    ],
    [
      'colour with alpha',
      { width: 2, height: 1, depth: 8, colourType: 6, rows: [[1, 2, 3, 0, 4, 5, 6, 255]] },
      3,
      [1, 2, 3, 4, 5, 6],
    ],
    [
      'a palette',
      {
        width: 3,
        height: 1,
        depth: 2,
        colourType: 3,
        rows: [[0b01001000]],
        palette: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      },
      3,
      [4, 5, 6, 1, 2, 3, 7, 8, 9],
    ],
  ];
  it.each(cases)('of %s are decoded to bytes', (_name, raw, channels, pixels) => {
    const bytes = png(raw);
    expect(pngSize(bytes)).toEqual([raw.height, raw.width]);
    const picture = decodePng(bytes);
    expect([picture.height, picture.width, picture.channels]).toEqual([raw.height, raw.width, channels]);
    expect(Array.from(picture.pixels)).toEqual(pixels);
  });

  it('that promise too many pixels are refused before anything is unpacked', () => {
    const bytes = greyPng(1, 1, () => 0);
    bytes.writeUInt32BE(100_000, 16);
    bytes.writeUInt32BE(100_000, 20);
    expect(() => decodePng(bytes)).toThrow('too large');
  });

  it('that hold far more data than pixels are refused', () => {
    const small = greyPng(1, 1, () => 0);
    const padded = Buffer.concat([
      small.subarray(0, -12),
      chunk('IDAT', Buffer.alloc(10_000)),
      small.subarray(-12),
    ]);
    expect(() => decodePng(padded)).toThrow('more data');
  });

  it('with a flipped bit are refused', () => {
    const bytes = greyPng(4, 4, (y, x) => y * 16 + x);
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    expect(() => decodePng(bytes)).toThrow();
  });
});

describe('JPEG pictures', () => {
  it('are decoded to colour', () => {
    const bytes = plainJpeg(5, 7, [200, 100, 50]);
    expect(jpegSize(bytes)).toEqual([5, 7]);
    const picture = decodeJpeg(bytes);
    expect([picture.height, picture.width, picture.channels]).toEqual([5, 7, 3]);
    const [red = 0, green = 0, blue = 0] = picture.pixels;
    expect(Math.max(Math.abs(red - 200), Math.abs(green - 100), Math.abs(blue - 50))).toBeLessThan(4);
  });

  it('that are cut short are refused wherever the cut is', () => {
    const bytes = plainJpeg(16, 16, [200, 100, 50]);
    for (let length = 3; length < bytes.length; length += 7) {
      expect(() => decodeJpeg(bytes.subarray(0, length))).toThrow();
    }
  });
});

describe('a picture', () => {
  const grey = (height: number, width: number, pixels: number[]): Picture => ({
    height,
    width,
    channels: 1,
    pixels: Uint8Array.from(pixels),
  });

  it('becomes grey by its luminance and colour by repetition', () => {
    const colours: Picture = {
      height: 1,
      width: 3,
      channels: 3,
      pixels: Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255]),
    };
    expect(Array.from(withChannels(colours, 1).pixels)).toEqual([76, 150, 29]);
    expect(Array.from(withChannels(grey(1, 2, [5, 9]), 3).pixels)).toEqual([5, 5, 5, 9, 9, 9]);
  });

  it('is enlarged and shrunk by a triangle filter', () => {
    // By hand: at twice the size, centres lie a quarter off; at half, weights are 3, 3, 1 sevenths.
    expect(Array.from(resizePicture(grey(1, 2, [0, 200]), 1, 4).pixels)).toEqual([0, 50, 150, 200]);
    expect(Array.from(resizePicture(grey(4, 1, [0, 0, 210, 210]), 2, 1).pixels)).toEqual([30, 180]);
  });

  it('of one colour keeps it at any size', () => {
    const property = fc.property(
      fc.nat(255),
      fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 1, max: 9 }))),
      (value, sizes) => {
        const [height = 1, width = 1, newHeight = 1, newWidth = 1] = sizes;
        const resized = resizePicture(
          grey(height, width, new Array<number>(height * width).fill(value)),
          newHeight,
          newWidth,
        );
        expect(resized.pixels).toHaveLength(newHeight * newWidth);
        expect(new Set(resized.pixels)).toEqual(new Set([value]));
      },
    );
    fc.assert(property, { seed: 6, numRuns: 100 });
  });
});

/** Folders of two classes, three training and one test picture each, 3x4 grey. */
function pictureFolders(): string {
  const folder = temporaryFolder();
  for (const [split, count] of [
    ['train', 3],
    ['test', 1],
  ] as const) {
    ['cat', 'ant'].forEach((name, label) => {
      for (let i = 0; i < count; i++)
        write(
          folder,
          `${split}/${name}/${i}.png`,
          greyPng(3, 4, () => 100 * label + i),
        );
    });
  }
  return folder;
}

function folderSettings(folder: string, changes: Partial<FolderSettings> = {}): FolderSettings {
  return {
    ...PLAIN,
    validation: { fraction: 0 },
    format: 'image-folder',
    train: { folder: join(folder, 'train') },
    test: { folder: join(folder, 'test') },
    size: null,
    channels: 1,
    ...changes,
  };
}

describe('image folders', () => {
  it('have a class for each folder in the order of names, other files left out', async () => {
    const folder = pictureFolders();
    write(folder, 'train/ant/notes.txt', Buffer.from('x'));
    write(folder, 'train/.hidden/0.png', Buffer.from('x'));
    write(folder, 'train/readme.md', Buffer.from('x'));
    const dataset = await load(folderSettings(folder), folder);
    expect(dataset.classes).toEqual(['ant', 'cat']);
    expect(dataset.shape).toEqual([3, 4, 1]);
    expect(Array.from(dataset.splits.train.labels)).toEqual([0, 0, 0, 1, 1, 1]);
    const firstPixels = [0, 1, 2, 3, 4, 5].map((i) => dataset.splits.train.samples.pixels[12 * i]);
    expect(firstPixels).toEqual([100, 101, 102, 0, 1, 2]);
    expect(inspectData(folderSettings(folder), folder)).toEqual({
      shape: [3, 4, 1],
      classes: ['ant', 'cat'],
      counts: { train: 6, test: 2 },
      perClass: [3, 3],
      problems: [],
    });
  });

  it('mix PNG and JPEG, known by their content', async () => {
    const folder = pictureFolders();
    write(folder, 'train/ant/3.JPG', plainJpeg(3, 4, [10, 10, 10]));
    write(folder, 'train/ant/4.png', plainJpeg(3, 4, [10, 10, 10]));
    const { splits } = await load(folderSettings(folder), folder);
    expect(splits.train.count).toBe(8);
    expect(Math.abs((splits.train.samples.pixels[12 * 3] ?? 0) - 10)).toBeLessThan(3);
  });

  it('are decoded once: the second time pixels come from the cache, unless it is damaged or the pictures changed', async () => {
    const folder = pictureFolders();
    const cacheFolder = join(folder, '.kd/cache');
    const progress: number[] = [];
    const read = () =>
      load(folderSettings(folder), folder, { cacheFolder, onProgress: (done) => progress.push(done) });
    const first = await read();
    expect(progress.splice(0)).toEqual([0, 6, 0, 2]);
    const second = await read();
    expect(progress.splice(0)).toEqual([]);
    expect(Array.from(second.splits.train.samples.pixels)).toEqual(
      Array.from(first.splits.train.samples.pixels),
    );
    expect(second.hash).toBe(first.hash);
    for (const name of readdirSync(cacheFolder)) {
      const path = join(cacheFolder, name);
      const bytes = readFileSync(path);
      bytes[bytes.length - 1] = 77;
      writeFileSync(path, bytes);
    }
    expect((await read()).splits.test.samples.pixels).toEqual(first.splits.test.samples.pixels);
    expect(progress.splice(0)).toEqual([0, 6, 0, 2]);
    write(
      folder,
      'train/cat/0.png',
      greyPng(3, 4, () => 50),
    );
    const changed = await read();
    expect(progress.splice(0)).toEqual([0, 6]);
    expect(changed.hash).not.toBe(first.hash);
  });

  it('are searched for copies once, whether their pixels were decoded or kept', async () => {
    const folder = pictureFolders();
    const cacheFolder = join(folder, '.kd/cache');
    const settings = {
      ...folderSettings(folder),
      duplicates: { across: 'report', likeness: 0.995 },
    } as const;
    const first = await load(settings, folder, { cacheFolder });
    const second = await load(settings, folder, { cacheFolder });
    expect(second.report).toEqual(first.report);
    expect(readdirSync(cacheFolder).filter((name) => name.startsWith('copies-'))).toHaveLength(1);
  });

  it('go on without a cache that cannot be written', async () => {
    const folder = pictureFolders();
    write(folder, 'file', Buffer.from('x'));
    const dataset = await load(folderSettings(folder), folder, {
      cacheFolder: join(folder, 'file', 'cache'),
    });
    expect(dataset.splits.train.count).toBe(6);
  });

  it('are brought to one size and number of channels', async () => {
    const folder = pictureFolders();
    write(
      folder,
      'train/ant/9.png',
      greyPng(9, 9, () => 70),
    );
    const dataset = await load(folderSettings(folder, { size: [5, 6], channels: 3 }), folder);
    expect(dataset.shape).toEqual([5, 6, 3]);
    expect(Array.from(dataset.splits.train.samples.pixels.subarray(90 * 3, 90 * 4))).toEqual(
      new Array<number>(90).fill(70),
    );
    expect(inspectData(folderSettings(folder, { size: [5, 6], channels: 3 }), folder).shape).toEqual([
      5, 6, 3,
    ]);
  });

  it('can be given up while they are read', async () => {
    const folder = pictureFolders();
    const control = new AbortController();
    control.abort(new Error('stopped'));
    await expect(load(folderSettings(folder), folder, { signal: control.signal })).rejects.toThrow('stopped');
  });

  const cases: [string, (folder: string) => void, string, string][] = [
    ['a missing folder', (folder) => rmSync(join(folder, 'test'), { recursive: true }), 'KD3001', 'test'],
    [
      'a file in place of the folder',
      (folder) => {
        rmSync(join(folder, 'test'), { recursive: true });
        write(folder, 'test', Buffer.from('x'));
      },
      'KD3015',
      'not a folder',
    ],
    [
      'no class folders',
      (folder) => {
        rmSync(join(folder, 'train'), { recursive: true });
        write(
          folder,
          'train/0.png',
          greyPng(3, 4, () => 0),
        );
      },
      'KD3020',
      'train',
    ],
    ['a class without pictures', (folder) => mkdirSync(join(folder, 'train/bee')), 'KD3014', 'train/bee'],
    [
      'a class only the test has',
      (folder) =>
        write(
          folder,
          'test/bat/0.png',
          greyPng(3, 4, () => 0),
        ),
      'KD3023',
      'did you mean "cat"',
    ],
    [
      'a picture that is none',
      (folder) => write(folder, 'train/ant/0.png', Buffer.from('hello')),
      'KD3021',
      'train/ant/0.png',
    ],
    [
      'an empty picture',
      (folder) => write(folder, 'train/ant/0.png', Buffer.alloc(0)),
      'KD3021',
      'it is empty',
    ],
    [
      'a picture cut short',
      (folder) => write(folder, 'train/ant/0.png', greyPng(3, 4, () => 0).subarray(0, 50)),
      'KD3021',
      'train/ant/0.png',
    ],
    [
      'pictures of different sizes',
      (folder) =>
        write(
          folder,
          'train/cat/1.png',
          greyPng(4, 4, () => 0),
        ),
      'KD3022',
      'train/cat/1.png has 4x4',
    ],
    [
      'test pictures of another size',
      (folder) => {
        for (const name of ['ant', 'cat'])
          write(
            folder,
            `test/${name}/0.png`,
            greyPng(5, 4, () => 0),
          );
      },
      'KD3012',
      '5x4x1',
    ],
  ];
  it.each(cases)('with %s give their own error', async (_name, spoil, code, words) => {
    const folder = pictureFolders();
    spoil(folder);
    const problem = await problemOfLoading(folderSettings(folder), folder);
    expect(problem).toMatchObject({ code });
    expect(problem.message).toContain(words);
    expect(problem.key).toMatch(/^data\.(train|test)\.folder$/);
    expect(problem.help).not.toBe('');
  });

  it.each(cases.filter(([, , code]) => ['KD3001', 'KD3015', 'KD3020', 'KD3014', 'KD3023'].includes(code)))(
    'with %s are found out by looking',
    (_name, spoil, code) => {
      const folder = pictureFolders();
      expect(inspectData(folderSettings(folder), folder).problems).toEqual([]);
      spoil(folder);
      const found = inspectData(folderSettings(folder), folder).problems.map((problem) => problem.code);
      expect(found).toContain(code);
    },
  );

  it.each(['train/ant/link.png', 'train/bee'])(
    'with a link at %s that leads outside give their own error',
    async (name) => {
      const outside = temporaryFolder();
      write(
        outside,
        'train/0.png',
        greyPng(3, 4, () => 0),
      );
      const folder = pictureFolders();
      symlinkSync(join(outside, name.endsWith('.png') ? 'train/0.png' : 'train'), join(folder, name));
      expect(await problemOfLoading(folderSettings(folder), folder)).toMatchObject({ code: 'KD3002' });
    },
  );

  it('whatever bytes a picture holds, reading ends in data or in a user error', async () => {
    const folder = pictureFolders();
    const good = [greyPng(3, 4, () => 9), plainJpeg(3, 4, [9, 9, 9])];
    const edits = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 });
    const property = fc.asyncProperty(fc.nat(1), edits, fc.nat(700), async (kind, changes, length) => {
      const content = Buffer.from((good[kind] ?? Buffer.alloc(0)).subarray(0, length));
      for (const [at, value] of changes) if (content.length > 0) content[at % content.length] = value;
      write(folder, 'train/ant/0.png', content);
      try {
        await load(folderSettings(folder), folder);
      } catch (error) {
        expect(error).toHaveProperty('problem.code');
      }
    });
    await fc.assert(property, { seed: 8, numRuns: 150 });
  });

  it('are looked at again when a file is added', () => {
    const folder = pictureFolders();
    expect(inspectData(folderSettings(folder), folder).counts.train).toBe(6);
    write(
      folder,
      'train/ant/new.png',
      greyPng(3, 4, () => 0),
    );
    expect(inspectData(folderSettings(folder), folder).counts.train).toBe(7);
    appendFileSync(join(folder, 'train/ant/new.png'), 'x');
    expect(inspectData(folderSettings(folder), folder).counts.train).toBe(7);
  });
});
