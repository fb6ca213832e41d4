import type { Dataset } from '../../data/dataset.ts';
import type { GapReport } from '../../protocol/gap-report.ts';
import type { Split } from '../../protocol/records.ts';

/** Longest side of a picture in a report, in pixels; larger images are averaged down. */
const LONGEST_SIDE = 64;

export type PictureShape = GapReport['picture'];

/** How pictures of a data set stand in a report: at most 64 pixels a side, in colour or grey. */
export function pictureShape({ shape: [height, width, channels] }: Pick<Dataset, 'shape'>): PictureShape {
  const shrink = Math.min(1, LONGEST_SIDE / Math.max(height, width));
  return {
    height: Math.max(1, Math.round(height * shrink)),
    width: Math.max(1, Math.round(width * shrink)),
    channels: channels === 3 ? 3 : 1,
  };
}

/**
 * A sample as bytes, `[height, width, channels]`, base64: not normalised. Bytes stay what they are; floats are spread over 0 to
 * 255 from their smallest to their largest; of other channels than one or three the mean is shown.
 */
export function pictureOf(dataset: Dataset, split: Split, index: number): string {
  const { samples, positions } = dataset.splits[split];
  const [height, width, channels] = dataset.shape;
  const size = height * width * channels;
  const start = (positions[index] ?? 0) * size;
  const source = samples.pixels.subarray(start, start + size);
  const shape = pictureShape(dataset);
  const kept = shape.channels === channels ? channels : 1;
  const out = new Float64Array(shape.height * shape.width * kept);
  for (let i = 0; i < shape.height; i++) {
    const rows = windowOf(i, shape.height, height);
    for (let j = 0; j < shape.width; j++) {
      const columns = windowOf(j, shape.width, width);
      for (let c = 0; c < kept; c++)
        out[(i * shape.width + j) * kept + c] = meanOf(
          source,
          [width, channels],
          rows,
          columns,
          kept === 1 ? null : c,
        );
    }
  }
  return Buffer.from(toBytes(out, samples.pixels instanceof Uint8Array)).toString('base64');
}

type Window = readonly [from: number, until: number];

function windowOf(index: number, count: number, length: number): Window {
  return [Math.floor((index * length) / count), Math.ceil(((index + 1) * length) / count)];
}

/** @param channel null: of all channels */
function meanOf(
  source: ArrayLike<number>,
  [width, channels]: readonly [number, number],
  rows: Window,
  columns: Window,
  channel: number | null,
): number {
  const [first, last] = channel === null ? [0, channels - 1] : [channel, channel];
  let sum = 0;
  let count = 0;
  for (let y = rows[0]; y < rows[1]; y++) {
    for (let x = columns[0]; x < columns[1]; x++) {
      for (let c = first; c <= last; c++) {
        sum += source[(y * width + x) * channels + c] ?? 0;
        count += 1;
      }
    }
  }
  return sum / Math.max(1, count);
}

function toBytes(values: Float64Array, areBytes: boolean): Uint8Array {
  if (areBytes) return Uint8Array.from(values, Math.round);
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const span = high - low;
  return Uint8Array.from(values, (value) => (span > 0 ? Math.round(((value - low) / span) * 255) : 0));
}
