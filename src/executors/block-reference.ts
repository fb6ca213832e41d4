import { sizeOf } from '../compiler/shape.ts';

/** Four axes of numbers in plain order: a map `[batch, channels, height, width]` or a filter `[filters, channels, height, width]`. */
export interface Map4 {
  readonly shape: readonly [number, number, number, number];
  readonly data: Float32Array;
}

/** `[batch, channels, height, width]` as `[batch, channels / B, height, width, B]`. */
export function blocked({ shape, data }: Map4, size: number): Float32Array {
  const [, channels, height, width] = shape;
  const pixels = height * width;
  const result = new Float32Array(data.length);
  for (const [at, number] of data.entries()) {
    const [plane, pixel] = [Math.floor(at / pixels), at % pixels];
    const [image, channel] = [Math.floor(plane / channels), plane % channels];
    const block = image * (channels / size) + Math.floor(channel / size);
    result[(block * pixels + pixel) * size + (channel % size)] = number;
  }
  return result;
}

/**
 * `[filters, channels, height, width]` as `[filters / B, channels / B, height, width, B channels, B filters]`.
 *
 * @param few channels fill no block: `[filters / B, channels, height, width, B filters]`
 */
export function blockedFilters({ shape, data }: Map4, size: number, few: boolean): Float32Array {
  const [, channels, height, width] = shape;
  const taps = height * width;
  const inner = few ? 1 : size;
  const result = new Float32Array(data.length);
  for (const [at, number] of data.entries()) {
    const [pair, tap] = [Math.floor(at / taps), at % taps];
    const [filter, channel] = [Math.floor(pair / channels), pair % channels];
    const block = Math.floor(filter / size) * (channels / inner) + Math.floor(channel / inner);
    result[((block * taps + tap) * inner + (channel % inner)) * size + (filter % size)] = number;
  }
  return result;
}

interface Steps {
  readonly strides: readonly [number, number];
  /** Above, left, below, right. */
  readonly pads: readonly [number, number, number, number];
}

/** A convolution by its definition: `y[n, k, i, j] = Σ x[n, c, s·i + d·a − p, s·j + d·b − p] · w[k, c, a, b]`, channels in groups. */
export function convolved(
  x: Map4,
  filter: Map4,
  { strides, pads, dilations, group }: Steps & { readonly dilations: readonly [number, number]; readonly group: number },
): Map4 {
  const [batch, channels, height, width] = x.shape;
  const [filters, own, rows, columns] = filter.shape;
  const high = extent(height + pads[0] + pads[2], dilations[0] * (rows - 1) + 1, strides[0]);
  const wide = extent(width + pads[1] + pads[3], dilations[1] * (columns - 1) + 1, strides[1]);
  const shape = [batch, filters, high, wide] as const;
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, at) => {
    const [plane, i, j] = [Math.floor(at / (high * wide)), Math.floor(at / wide) % high, at % wide];
    const [image, k] = [Math.floor(plane / filters), plane % filters];
    const first = Math.floor(k / (filters / group)) * own;
    let total = 0;
    for (let c = 0; c < own; c++)
      for (let a = 0; a < rows; a++) {
        const row = i * strides[0] + a * dilations[0] - pads[0];
        if (row < 0 || row >= height) continue;
        const line = ((image * channels + first + c) * height + row) * width;
        const taps = ((k * own + c) * rows + a) * columns;
        for (let b = 0; b < columns; b++) {
          const column = j * strides[1] + b * dilations[1] - pads[1];
          if (column >= 0 && column < width)
            total += (x.data[line + column] ?? 0) * (filter.data[taps + b] ?? 0);
        }
      }
    return total;
  });
  return { shape, data };
} // prettier-ignore

/** The greatest number of each window, or its mean. */
export function pooled(
  x: Map4,
  { window, strides, pads, mean }: Steps & { readonly window: readonly [number, number]; readonly mean: boolean },
): Map4 {
  const [batch, channels, height, width] = x.shape;
  const high = extent(height + pads[0] + pads[2], window[0], strides[0]);
  const wide = extent(width + pads[1] + pads[3], window[1], strides[1]);
  const shape = [batch, channels, high, wide] as const;
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, at) => {
    const [plane, i, j] = [Math.floor(at / (high * wide)), Math.floor(at / wide) % high, at % wide];
    const seen: number[] = [];
    for (let a = 0; a < window[0]; a++)
      for (let b = 0; b < window[1]; b++) {
        const [row, column] = [i * strides[0] + a - pads[0], j * strides[1] + b - pads[1]];
        if (row >= 0 && column >= 0 && row < height && column < width)
          seen.push(x.data[(plane * height + row) * width + column] ?? 0);
      }
    return mean ? seen.reduce((sum, number) => sum + number, 0) / seen.length : Math.max(...seen);
  });
  return { shape, data };
} // prettier-ignore

function extent(size: number, window: number, stride: number): number {
  return Math.floor((size - window) / stride) + 1;
}
