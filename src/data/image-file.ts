import { readFileSync } from 'node:fs';
import { decodeJpeg, isJpeg, jpegSize } from './jpeg.ts';
import type { Picture } from './picture.ts';
import { fileSystemError, findFile, placeName, type Place } from './place.ts';
import { decodePng, isPng, pngSize } from './png.ts';
import { dataError } from './problems.ts';

export const IMAGE_ENDINGS = ['.png', '.jpg', '.jpeg'] as const;
/** Most bytes of one picture file. */
const LARGEST_FILE = 256 * 2 ** 20;

export function isImageName(name: string): boolean {
  const lower = name.toLowerCase();
  return IMAGE_ENDINGS.some((ending) => lower.endsWith(ending));
}

/** The bytes of a picture file. */
export function readImageBytes(place: Place): Uint8Array {
  const file = findFile(place);
  if (file.stats.size > LARGEST_FILE) throw unreadable(place, new Error('it is larger than 256 MB'));
  try {
    return readFileSync(file.real);
  } catch (error) {
    throw fileSystemError(file, error);
  }
}

/** Decodes by content, whatever the file's name. Throws `UserError` KD3021, naming the file. */
export function decodeImage(place: Place, bytes: Uint8Array): Picture {
  return attempt(place, () => {
    if (isPng(bytes)) return decodePng(bytes);
    if (isJpeg(bytes)) return decodeJpeg(bytes);
    throw new Error(bytes.length === 0 ? 'it is empty' : 'it is neither PNG nor JPEG');
  });
}

/** Height and width without decoding. */
export function imageSize(place: Place, bytes: Uint8Array): readonly [number, number] {
  return attempt(place, () => {
    if (isPng(bytes)) return pngSize(bytes);
    if (isJpeg(bytes)) return jpegSize(bytes);
    throw new Error(bytes.length === 0 ? 'it is empty' : 'it is neither PNG nor JPEG');
  });
}

function attempt<T>(place: Place, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(place, error);
  }
}

function unreadable(place: Place, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `the picture ${placeName(place)} cannot be read: ${reason}`;
  return dataError('unreadableImage', place.key, message, 'Replace or remove this file.', error);
}
