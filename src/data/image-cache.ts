import { readCached, writeCached } from './cache-file.ts';
import type { Samples } from './samples.ts';

type Pixels = Pick<Samples, 'shape' | 'pixels'>;

/** Height, width and channels stand before the pixels. */
const SHAPE_BYTES = 3 * Int32Array.BYTES_PER_ELEMENT;

/** Decoded pixels kept under this key, or null where there are none or they are damaged. */
export function readCachedPixels(folder: string, key: string): Pixels | null {
  const content = readCached(folder, nameOf(key));
  if (content === null) return null;
  const [height = 0, width = 0, channels = 0] = new Int32Array(content.slice(0, SHAPE_BYTES).buffer);
  return { shape: [height, width, channels], pixels: content.subarray(SHAPE_BYTES) };
}

export function writeCachedPixels(folder: string, key: string, { shape, pixels }: Pixels): void {
  const head = new Uint8Array(Int32Array.from(shape).buffer);
  writeCached(folder, nameOf(key), [
    head,
    new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength),
  ]);
}

function nameOf(key: string): string {
  return `images-${key.slice(0, 32)}.bin`;
}
