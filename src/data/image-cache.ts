import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Samples } from './samples.ts';

type Pixels = Pick<Samples, 'shape' | 'pixels'>;

/** First line of a cache file; pixels follow it. */
interface CacheHeader {
  readonly shape: readonly [number, number, number];
  readonly sha256: string;
}
const LINE_END = 0x0a;
const LONGEST_LINE = 1024;

/** Decoded pixels kept under this key, or null where there are none or they are damaged. */
export function readCachedPixels(folder: string, key: string): Pixels | null {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(cachePath(folder, key));
  } catch {
    return null;
  }
  const end = bytes.subarray(0, LONGEST_LINE).indexOf(LINE_END);
  const header = parseHeader(Buffer.from(bytes.subarray(0, Math.max(0, end))).toString('utf8'));
  const pixels = bytes.subarray(end + 1);
  return header !== null && sha256(pixels) === header.sha256 ? { shape: header.shape, pixels } : null;
}

/** Keeps decoded pixels. The cache only saves time: where it cannot be written, reading goes on without it. */
export function writeCachedPixels(folder: string, key: string, { shape, pixels }: Pixels): void {
  const path = cachePath(folder, key);
  const aside = `${path}.${process.pid}.part`;
  try {
    mkdirSync(folder, { recursive: true });
    const header = `${JSON.stringify({ shape, sha256: sha256(pixels) })}\n`;
    writeFileSync(aside, header);
    writeFileSync(aside, new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength), { flag: 'a' });
    renameSync(aside, path);
  } catch {
    discard(aside);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where not even this works, there is nothing to remove.
  }
}

function cachePath(folder: string, key: string): string {
  return join(folder, `images-${key.slice(0, 32)}.bin`);
}

function parseHeader(line: string): CacheHeader | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('shape' in value) || !('sha256' in value))
      return null;
    const { shape, sha256: hash } = value;
    if (!Array.isArray(shape) || shape.length !== 3 || !shape.every(Number.isInteger)) return null;
    return typeof hash === 'string'
      ? { shape: shape as unknown as CacheHeader['shape'], sha256: hash }
      : null;
  } catch {
    return null;
  }
}

function sha256(pixels: Uint8Array | Float32Array): string {
  return createHash('sha256').update(pixels).digest('hex');
}
