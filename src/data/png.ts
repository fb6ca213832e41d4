import { convertIndexedToRgb, decode, type DecodedPng } from 'fast-png';
import { MOST_PIXELS, type Picture } from './picture.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Signature, length and name of the first chunk, then width and height, depth, colour type. */
const HEADER_BYTES = 26;
const CHANNELS_BY_COLOUR_TYPE: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/** Height and width from the header. Throws an `Error` that says what is wrong. */
export function pngSize(bytes: Uint8Array): readonly [number, number] {
  if (!isPng(bytes) || bytes.length < HEADER_BYTES) throw new Error('it ends within its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [view.getUint32(20), view.getUint32(16)];
}

/**
 * Decodes a PNG of any depth and colour type; transparency is dropped, as Pillow's `convert('RGB')` does.
 * Throws an `Error` that says what is wrong; size and amount of packed data are checked before anything is unpacked.
 */
export function decodePng(bytes: Uint8Array): Picture {
  const [height, width] = pngSize(bytes);
  if (height === 0 || width === 0) throw new Error('it has no pixels');
  if (height * width > MOST_PIXELS)
    throw new Error(`its header says ${width}x${height} pixels, which is too large`);
  const depth = bytes[24] ?? 0;
  const channels = CHANNELS_BY_COLOUR_TYPE[bytes[25] ?? -1] ?? 0;
  const unpacked = height * (1 + Math.ceil((width * channels * depth) / 8));
  // Deflate adds little to what it cannot pack: more packed data than pixels is a mistake or a bomb.
  if (packedBytes(bytes) > 2 * unpacked + 4096) throw new Error('it holds more data than its size needs');
  return toPicture(decode(bytes, { checkCrc: true }));
}

/** Sum of the lengths of the IDAT chunks. */
function packedBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let at = SIGNATURE.length; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === 0x49444154) sum += length;
    at += 12 + length;
  }
  return sum;
}

function toPicture(png: DecodedPng): Picture {
  const { height, width, depth } = png;
  if (png.palette !== undefined) {
    const colours = convertIndexedToRgb(png);
    return pick(colours, { height, width, stored: png.palette[0]?.length ?? 3, channels: 3 });
  }
  if (depth < 8) {
    // The same unpacking serves grey levels: a palette of one channel.
    const most = 2 ** depth - 1;
    const palette = Array.from({ length: most + 1 }, (_, level) => [Math.round((255 * level) / most)]);
    return { height, width, channels: 1, pixels: convertIndexedToRgb({ ...png, palette }) };
  }
  const data = depth === 16 ? Uint8Array.from(png.data, (value) => Math.round(value / 257)) : png.data;
  return pick(data, { height, width, stored: png.channels, channels: png.channels < 3 ? 1 : 3 });
}

/** The first `channels` of the `stored` channels of each pixel. */
function pick(
  data: ArrayLike<number>,
  { height, width, stored, channels }: { height: number; width: number; stored: number; channels: 1 | 3 },
): Picture {
  const count = height * width;
  if (data.length < count * stored) throw new Error('its pixel data ends too early');
  const pixels = new Uint8Array(count * channels);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) pixels[i * channels + c] = data[i * stored + c] ?? 0;
  }
  return { height, width, channels, pixels };
}
