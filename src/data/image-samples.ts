import { createHash, type Hash } from 'node:crypto';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readCachedPixels, writeCachedPixels } from './image-cache.ts';
import { decodeImage, readImageBytes } from './image-file.ts';
import { folderNames, labelOf, listClassFolders, type ClassFolder } from './image-folder.ts';
import { resizePicture, withChannels } from './picture.ts';
import { placeName, type Place } from './place.ts';
import { dataError } from './problems.ts';
import type { Samples } from './samples.ts';

/** Change it when decoding or resizing changes: cached pixels of another version are not used. */
const DECODER_VERSION = 1;
/** Pictures between two looks at the world: progress, cancellation. */
const PICTURES_AT_ONCE = 64;
/** Most bytes of all decoded pictures of one split. */
const MOST_BYTES = 2 ** 31 - 1;

export interface ImageSettings {
  /** Height and width; null: all pictures must share one size. */
  readonly size: readonly [number, number] | null;
  readonly channels: 1 | 3;
}

export interface ImageReading {
  /** Folder of decoded pixels; null: decode every time. */
  readonly cacheFolder: string | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Reads a folder of class folders, decoding each picture once: pixels are cached by the content of all files.
 * @param classes names with label 0 first; null: the names of the class folders
 */
export async function readImageSamples(
  place: Place,
  settings: ImageSettings,
  classes: readonly string[] | null,
  reading: ImageReading,
): Promise<Samples & { readonly classes: readonly string[] }> {
  const folders = listClassFolders(place);
  const names = classes ?? folderNames(place, folders);
  const labels = Int32Array.from(
    folders.flatMap((folder) => {
      const label = labelOf(place, folder, names);
      return folder.pictures.map(() => label);
    }),
  );
  const pictures = folders.flatMap((folder) => folder.pictures);
  const digest = await digestOf(folders, reading);
  const key = createHash('sha256')
    .update(JSON.stringify([DECODER_VERSION, digest, settings]))
    .digest('hex');
  const cached = reading.cacheFolder === null ? null : readCachedPixels(reading.cacheFolder, key);
  const decoded = cached ?? (await decodeAll(pictures, settings, reading));
  if (cached === null && reading.cacheFolder !== null) writeCachedPixels(reading.cacheFolder, key, decoded);
  const files = folders.flatMap(({ name, pictures: own }) =>
    own.map(({ path }) => `${name}/${basename(path)}`),
  );
  return { count: pictures.length, ...decoded, labels, names: files, digest, classes: names };
}

/** SHA-256 over class names, file names and bytes, in order. */
async function digestOf(folders: readonly ClassFolder[], reading: ImageReading): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  for (const folder of folders) {
    for (const picture of folder.pictures) {
      if (done++ % PICTURES_AT_ONCE === 0) await breathe(reading);
      addPicture(hash, folder.name, picture);
    }
  }
  return hash.digest('hex');
}

function addPicture(hash: Hash, folder: string, picture: Place): void {
  const bytes = readImageBytes(picture);
  hash.update(JSON.stringify([folder, basename(picture.path), bytes.length])).update(bytes);
}

async function decodeAll(
  pictures: readonly Place[],
  settings: ImageSettings,
  reading: ImageReading,
): Promise<Pick<Samples, 'pixels' | 'shape'>> {
  let shape: readonly [number, number, number] | null = null;
  let pixels = new Uint8Array(0);
  for (const [index, place] of pictures.entries()) {
    if (index % PICTURES_AT_ONCE === 0) {
      await breathe(reading);
      reading.onProgress?.(index, pictures.length);
    }
    let picture = withChannels(decodeImage(place, readImageBytes(place)), settings.channels);
    if (settings.size !== null) picture = resizePicture(picture, ...settings.size);
    if (shape === null) {
      shape = [picture.height, picture.width, picture.channels];
      pixels = new Uint8Array(requireRoom(place, pictures.length, picture.pixels.length));
    }
    if (picture.height !== shape[0] || picture.width !== shape[1]) {
      throw dataError(
        'imageSizes',
        place.key,
        `the pictures differ in size: ${placeName(place)} has ${picture.height}x${picture.width}, the first one ${shape[0]}x${shape[1]}`,
        'Set data.size, for instance [32, 32], to bring all to one size.',
      );
    }
    pixels.set(picture.pixels, index * picture.pixels.length);
  }
  reading.onProgress?.(pictures.length, pictures.length);
  return { pixels, shape: shape ?? [0, 0, 0] };
}

function requireRoom(place: Place, count: number, bytes: number): number {
  if (count * bytes <= MOST_BYTES) return count * bytes;
  const gigabytes = ((count * bytes) / 2 ** 30).toFixed(1);
  const message = `${count} pictures of this size need ${gigabytes} GB of memory`;
  throw dataError('tooLarge', place.key, message, 'Set data.size to a smaller one, or use fewer pictures.');
}

/** Lets the process look at its control channel. */
async function breathe(reading: ImageReading): Promise<void> {
  await setImmediate();
  reading.signal?.throwIfAborted();
}
