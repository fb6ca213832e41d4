import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import { loadDataset, type Dataset, type LoadOptions } from '../../src/data/dataset.ts';
import type { DataSettings } from '../../src/data/settings.ts';
import { UserError, type Problem } from '../../src/protocol/errors.ts';

export type IdxSettings = Extract<DataSettings, { format: 'idx' }>;
export type FolderSettings = Extract<DataSettings, { format: 'image-folder' }>;

/** A folder of this test file's own, removed at its end. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kd-data-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file, with its folders. A name that ends in `.gz` is packed. */
export function write(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  return path;
}

const WRITERS: Readonly<Record<number, (bytes: Buffer, value: number) => number>> = {
  8: (bytes, value) => bytes.writeUInt8(value),
  9: (bytes, value) => bytes.writeInt8(value),
  11: (bytes, value) => bytes.writeInt16BE(value),
  12: (bytes, value) => bytes.writeInt32BE(value),
  13: (bytes, value) => bytes.writeFloatBE(value),
  14: (bytes, value) => bytes.writeDoubleBE(value),
};

/** An IDX file; `values` are written as the type says, big-endian. */
export function idx(type: number, dimensions: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt8(type, 2);
  header.writeUInt8(dimensions.length, 3);
  dimensions.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  const body = values.map((value) => {
    const bytes = Buffer.alloc(8);
    const end = WRITERS[type]?.(bytes, value);
    return bytes.subarray(0, end);
  });
  return Buffer.concat([header, ...body]);
}

/** `count` images of 2x2 with a pixel value of their own position, and labels 0, 1, 2, 0, 1, 2, ... */
export function tinySet(count: number): { images: Buffer; labels: Buffer } {
  const pixels = Array.from({ length: count * 4 }, (_, i) => Math.floor(i / 4) % 256);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  return { images: idx(8, [count, 2, 2], pixels), labels: idx(8, [count], labels) };
}

export const PLAIN = {
  validation: { fraction: 0.1 },
  normalize: 'trainingSplit',
  augment: [],
  limit: { train: null, test: null },
} as const;

/** Settings for four IDX files in one folder. */
export function idxSettings(folder: string, changes: Partial<IdxSettings> = {}): IdxSettings {
  return {
    ...PLAIN,
    format: 'idx',
    train: { inputs: join(folder, 'train-images'), labels: join(folder, 'train-labels') },
    test: { inputs: join(folder, 'test-images'), labels: join(folder, 'test-labels') },
    ...changes,
  };
}

/** A folder with a good set of 60 + 12 images. */
export function tinyFolder(): string {
  const folder = temporaryFolder();
  for (const [split, count] of [
    ['train', 60],
    ['test', 12],
  ] as const) {
    const { images, labels } = tinySet(count);
    write(folder, `${split}-images`, images);
    write(folder, `${split}-labels`, labels);
  }
  return folder;
}

export function load(
  settings: DataSettings,
  root: string,
  options: Partial<LoadOptions> = {},
): Promise<Dataset> {
  return loadDataset(settings, { root, seed: 1, cacheFolder: null, ...options });
}

/** The problem that loading reports; fails where it reports none or throws something else. */
export async function problemOfLoading(settings: DataSettings, root: string): Promise<Problem> {
  try {
    await load(settings, root);
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
  throw new Error('expected a UserError, but nothing was thrown');
}
