import { createHash } from 'node:crypto';
import { readIdxFile, readIdxHeader, type IdxFile } from './idx-file.ts';
import { IDX_TYPES, type IdxHeader } from './idx-header.ts';
import { placeName, type Place } from './place.ts';
import { dataError } from './problems.ts';
import type { Samples } from './samples.ts';

/** The two files of one split. */
export interface IdxPlaces {
  readonly inputs: Place;
  readonly labels: Place;
}

/** More channels than any image format has: the file is most likely channels-first. */
const MOST_CHANNELS = 16;
/** Read at once when only headers are asked for; more labels are counted by the header alone. */
const MOST_LABELS_TO_INSPECT = 4_000_000;

/** Reads images and labels. Throws `UserError` KD3001 to KD3016. */
export function readIdxSamples(places: IdxPlaces): Samples {
  const labelFile = readIdxFile(places.labels);
  const labels = decodeLabels(places.labels, labelFile);
  const header = readIdxHeader(places.inputs);
  const shape = imageShape(places.inputs, header);
  checkCounts(places, header, labels.length);
  const imageFile = readIdxFile(places.inputs);
  const pixels = imageFile.header.type === 0x08 ? imageFile.bytes : decodeFloats(places.inputs, imageFile);
  const digest = createHash('sha256')
    .update(JSON.stringify([imageFile.header.type, imageFile.header.dimensions, labelFile.header.type]))
    .update(imageFile.bytes)
    .update(labelFile.bytes)
    .digest('hex');
  return { count: labels.length, shape, pixels, labels, digest };
}

/** Shape and count from the headers, and the labels where they are few enough to be read while someone types. */
export function inspectIdx(
  places: IdxPlaces,
): Pick<Samples, 'count' | 'shape'> & { readonly labels: Int32Array | null } {
  const header = readIdxHeader(places.inputs);
  const shape = imageShape(places.inputs, header);
  const labelHeader = readIdxHeader(places.labels);
  checkLabelHeader(places.labels, labelHeader);
  const count = labelHeader.dimensions[0] ?? 0;
  checkCounts(places, header, count);
  const labels =
    count <= MOST_LABELS_TO_INSPECT ? decodeLabels(places.labels, readIdxFile(places.labels)) : null;
  return { count, shape, labels };
}

function imageShape(place: Place, header: IdxHeader): [number, number, number] {
  const [, height, width, channels = 1] = header.dimensions;
  const rank = header.dimensions.length;
  if (height === undefined || width === undefined || rank > 4) {
    throw dataError(
      'wrongDimensions',
      place.key,
      `${placeName(place)} has ${rank} dimensions (${header.dimensions.join('x')}), but images have 3 or 4`,
      rank === 1
        ? 'This looks like labels: were inputs and labels exchanged?'
        : 'Store images as count x height x width [x channels].',
    );
  }
  if (channels > MOST_CHANNELS) {
    throw dataError(
      'wrongDimensions',
      place.key,
      `${placeName(place)} has images of ${channels} channels (${header.dimensions.join('x')})`,
      'Store images with the channels last: count x height x width x channels.',
    );
  }
  return [height, width, channels];
}

function checkLabelHeader(place: Place, header: IdxHeader): void {
  const type = IDX_TYPES[header.type].name;
  if (header.dimensions.length === 1 && type !== 'float' && type !== 'double') return;
  throw dataError(
    'wrongDimensions',
    place.key,
    `${placeName(place)} holds ${header.dimensions.join('x')} values of type ${type}, but labels are one whole number a sample`,
    header.dimensions.length >= 3
      ? 'This looks like images: were inputs and labels exchanged?'
      : 'Store labels as one-dimensional IDX of unsigned bytes.',
  );
}

function checkCounts(places: IdxPlaces, images: IdxHeader, labels: number): void {
  const count = images.dimensions[0] ?? 0;
  if (count === labels) return;
  throw dataError(
    'countMismatch',
    places.labels.key,
    `${placeName(places.inputs)} has ${count} images, but ${placeName(places.labels)} has ${labels} labels`,
    'Name the two files of the same split.',
  );
}

function decodeLabels(place: Place, file: IdxFile): Int32Array {
  checkLabelHeader(place, file.header);
  const labels = Int32Array.from(decodeNumbers(file));
  const negative = labels.findIndex((label) => label < 0);
  if (negative >= 0) {
    throw dataError(
      'labelOutside',
      place.key,
      `${placeName(place)} has the label ${labels[negative] ?? 0} at index ${negative}`,
      'Number the classes from 0.',
    );
  }
  return labels;
}

function decodeFloats(place: Place, file: IdxFile): Float32Array {
  const values = Float32Array.from(decodeNumbers(file));
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const perImage = values.length / (file.header.dimensions[0] ?? 1);
    throw dataError(
      'notFinite',
      place.key,
      `${placeName(place)} holds ${String(values[bad])} in image ${Math.floor(bad / perImage)}`,
      'Replace what is not a finite number.',
    );
  }
  return values;
}

/** The values in this machine's byte order. */
function decodeNumbers({ header, bytes }: IdxFile): ArrayLike<number> & Iterable<number> {
  const count = bytes.length / IDX_TYPES[header.type].bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (header.type) {
    case 0x08:
      return bytes;
    case 0x09:
      return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    case 0x0b:
      return fill(new Int16Array(count), (i) => view.getInt16(2 * i));
    case 0x0c:
      return fill(new Int32Array(count), (i) => view.getInt32(4 * i));
    case 0x0d:
      return fill(new Float32Array(count), (i) => view.getFloat32(4 * i));
    case 0x0e:
      return fill(new Float64Array(count), (i) => view.getFloat64(8 * i));
  }
}

function fill<T extends Int16Array | Int32Array | Float32Array | Float64Array>(
  out: T,
  value: (index: number) => number,
): T {
  for (let i = 0; i < out.length; i++) out[i] = value(i);
  return out;
}
