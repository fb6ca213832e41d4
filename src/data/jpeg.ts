import { decode } from 'jpeg-js';
import { MOST_PIXELS, type Picture } from './picture.ts';

const MOST_MEGABYTES = 1024;

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** Height and width from the frame header (SOF). Throws an `Error` that says what is wrong. */
export function jpegSize(bytes: Uint8Array): readonly [number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw new Error('its header is damaged');
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // SOF0 to SOF15 but DHT, JPG and DAC, which share the range.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return [view.getUint16(at + 5), view.getUint16(at + 7)];
    }
    at += 2 + view.getUint16(at + 2);
  }
  throw new Error('it ends within its header');
}

/** Decodes a JPEG to colour. Throws an `Error` that says what is wrong; the size is checked before anything is unpacked. */
export function decodeJpeg(bytes: Uint8Array): Picture {
  const [height, width] = jpegSize(bytes);
  if (height === 0 || width === 0) throw new Error('it has no pixels');
  if (height * width > MOST_PIXELS)
    throw new Error(`its header says ${width}x${height} pixels, which is too large`);
  if (!hasEnd(bytes)) throw new Error('it is cut short: its end marker is missing');
  const image = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxMemoryUsageInMB: MOST_MEGABYTES,
  });
  return { height: image.height, width: image.width, channels: 3, pixels: image.data };
}

/** The decoder fills what is missing with grey, so a missing end of image (ff d9) has to be looked for. */
function hasEnd(bytes: Uint8Array): boolean {
  for (let at = bytes.length - 2; at > 2; at--) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
    // After the marker some writers add padding; before it there is picture data.
    if (bytes[at + 1] !== 0 && bytes[at + 1] !== 0xff && bytes.length - at > 65_536) return false;
  }
  return false;
}
