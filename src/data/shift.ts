/** How images are made unlike those that were learned from. */
export type Shift = 'blur' | 'lowResolution';

/** Neighbours on each side that a blurred pixel is the mean of. */
const BLUR_REACH = 1;
/** Edge of the squares of pixels that become one. */
const COARSE = 2;

/**
 * A batch of images, blurred by the mean over 3x3 pixels, or at half the resolution (each 2x2 square its mean). At the edges the mean is
 * over what there is.
 * @param images `[batch, height, width, channels]`
 */
export function shifted(
  images: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  shift: Shift,
): Float32Array {
  const result = new Float32Array(images.length);
  const size = height * width * channels;
  const span = (at: number, length: number): readonly [number, number] => {
    if (shift === 'blur') return [Math.max(0, at - BLUR_REACH), Math.min(length, at + BLUR_REACH + 1)];
    const first = at - (at % COARSE);
    return [first, Math.min(length, first + COARSE)];
  };
  for (let image = 0; image < images.length; image += size) {
    for (let row = 0; row < height; row++) {
      const [top, bottom] = span(row, height);
      for (let column = 0; column < width; column++) {
        const [left, right] = span(column, width);
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          for (let y = top; y < bottom; y++)
            for (let x = left; x < right; x++)
              sum += images[image + (y * width + x) * channels + channel] ?? NaN;
          result[image + (row * width + column) * channels + channel] =
            sum / ((bottom - top) * (right - left));
        }
      }
    }
  }
  return result;
}
