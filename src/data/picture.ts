/** A decoded picture: one byte a channel, rows from the top. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** `[height, width, channels]` */
  readonly pixels: Uint8Array;
}

/** Most pixels of one picture, checked against its header before it is decoded. */
export const MOST_PIXELS = 40_000_000;

/**
 * Grey to colour by repeating, colour to grey by Y = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, as Pillow).
 */
export function withChannels(picture: Picture, channels: 1 | 3): Picture {
  if (picture.channels === channels) return picture;
  const count = picture.height * picture.width;
  const pixels = new Uint8Array(count * channels);
  for (let i = 0; i < count; i++) {
    if (channels === 3) pixels.fill(picture.pixels[i] ?? 0, 3 * i, 3 * i + 3);
    else pixels[i] = luminance(picture.pixels, 3 * i);
  }
  return { ...picture, channels, pixels };
}

function luminance(pixels: Uint8Array, at: number): number {
  const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
  return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
}

/** Resizes by a triangle filter, first along rows, then along columns; when shrinking, the filter grows with the scale. */
export function resizePicture(picture: Picture, height: number, width: number): Picture {
  const { channels } = picture;
  if (picture.height === height && picture.width === width) return picture;
  const wide = new Float32Array(picture.height * width * channels);
  const columns = triangleFilter(picture.width, width);
  for (let y = 0; y < picture.height; y++) {
    columns.forEach(({ first, weights }, x) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        weights.forEach((weight, i) => {
          sum += weight * (picture.pixels[(y * picture.width + first + i) * channels + c] ?? 0);
        });
        wide[(y * width + x) * channels + c] = sum;
      }
    });
  }
  const pixels = new Uint8Array(height * width * channels);
  const stride = width * channels;
  triangleFilter(picture.height, height).forEach(({ first, weights }, y) => {
    for (let x = 0; x < stride; x++) {
      let sum = 0;
      weights.forEach((weight, i) => {
        sum += weight * (wide[(first + i) * stride + x] ?? 0);
      });
      pixels[y * stride + x] = Math.round(sum);
    }
  });
  return { height, width, channels, pixels };
}

interface Taps {
  readonly first: number;
  /** Sum to 1. */
  readonly weights: readonly number[];
}

/** For each of `to` positions, which of `from` positions count how much: w = max(0, 1 - |distance| / radius). */
function triangleFilter(from: number, to: number): Taps[] {
  const scale = from / to;
  const radius = Math.max(1, scale);
  return Array.from({ length: to }, (_, position) => {
    const centre = (position + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - radius));
    const last = Math.min(from - 1, Math.ceil(centre + radius) - 1);
    const raw = Array.from({ length: last - first + 1 }, (_unused, i) =>
      Math.max(0, 1 - Math.abs(first + i + 0.5 - centre) / radius),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}
