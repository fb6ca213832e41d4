import { keptColumns, rowFilter, type Undersampling } from '../random/undersampling.ts';

/** How the images that a model reads are made of those that it is to answer with. */
export type DegradationSettings = { readonly kind: 'undersampling' } & Undersampling;

/** Writes the poor versions of the first `count` images. Both are `[count, height, width, channels]`. */
export type Degrade = (good: Float32Array, poor: Float32Array, count: number) => void;

/**
 * Each row of each channel without the columns of its spectrum that are not kept, which is what a magnetic resonance scanner shows
 * that skips lines and fills them with zeros:
 *
 *     x_poor = Re F⁻¹(m ⊙ F x)
 *
 * Frequency 0 is kept, so that an offset stays what it is and the poor image of a normalised one is the normalised poor image.
 * @param shape height, width, channels
 */
export function degrading(
  settings: DegradationSettings,
  [height, width, channels]: readonly [number, number, number],
): Degrade {
  const filter = rowFilter(keptColumns(width, settings));
  return (good, poor, count) => {
    for (let row = 0; row < count * height; row++) {
      const start = row * width * channels;
      for (let c = 0; c < channels; c++) filterRow(filter, good, poor, start + c, channels);
    }
  };
}

function filterRow(
  filter: Float64Array,
  good: Float32Array,
  poor: Float32Array,
  start: number,
  step: number,
) {
  const width = filter.length;
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++) {
      const shift = i < j ? i - j + width : i - j;
      sum += (filter[shift] ?? 0) * (good[start + j * step] ?? 0);
    }
    poor[start + i * step] = sum;
  }
}
