/** How well images fit those that they should be. */
interface ReconstructionMeasures {
  /** Mean over the images of 10 log₁₀(max(x)² / MSE), in dB. */
  readonly psnr: number;
  /** Mean over the images of the structural similarity, −1..1. */
  readonly ssim: number;
}

/** Of an image without any error the PSNR would be infinite, and with it every mean. */
export const LARGEST_PSNR = 100;

/** Side of the window of the structural similarity, and its two constants. */
const WINDOW = 7;
const [K1, K2] = [0.01, 0.03];

type Shape = readonly [height: number, width: number, channels: number];
type Values = Float32Array | Float64Array;

/**
 * Measures of one image, `[height, width, channels]`, with the largest value R of the true image as its range (of a black one 1), as
 * the public code of magnetic resonance reconstruction has it:
 *
 *     PSNR = 10 log₁₀(R² / mean (x̂ − x)²), at most 100 dB
 *     SSIM = mean over windows of (2 μ μ̂ + c₁)(2 σ_xx̂ + c₂) / ((μ² + μ̂² + c₁)(σ² + σ̂² + c₂)),  c_i = (k_i R)²
 *
 * over windows of 7x7 that lie whole within the image, all alike, with variances of the sample, channel by channel (Wang et al. 2004;
 * scikit-image's defaults). Smaller images have a window as large as they allow.
 */
export function measureImage(image: Values, truth: Values, shape: Shape): ReconstructionMeasures {
  const [, , channels] = shape;
  const range = rangeOf(truth);
  let ssim = 0;
  for (let c = 0; c < channels; c++) ssim += similarity(image, truth, shape, c, range) / channels;
  return { psnr: peakRatio(image, truth), ssim };
}

/** The PSNR of one image alone, as `measureImage` has it. */
export function peakRatio(image: Values, truth: Values): number {
  const range = rangeOf(truth);
  let squares = 0;
  for (let i = 0; i < truth.length; i++) squares += ((image[i] ?? NaN) - (truth[i] ?? 0)) ** 2;
  return Math.min(LARGEST_PSNR, 10 * Math.log10((range * range * truth.length) / squares));
}

/** The largest value of a true image; of a black one 1. */
function rangeOf(truth: Values): number {
  let largest = 0;
  for (let i = 0; i < truth.length; i++) largest = Math.max(largest, truth[i] ?? 0);
  return largest || 1;
}

/** Means over images, one after the other in `[count, height, width, channels]`. */
export class ReconstructionMeter {
  readonly #shape: Shape;
  #count = 0;
  #psnr = 0;
  #ssim = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  add(images: Values, truths: Values): void {
    const [height, width, channels] = this.#shape;
    const size = height * width * channels;
    for (let at = 0; at < truths.length; at += size) {
      const one = measureImage(images.subarray(at, at + size), truths.subarray(at, at + size), this.#shape);
      this.#psnr += one.psnr;
      this.#ssim += one.ssim;
      this.#count += 1;
    }
  }

  means(): ReconstructionMeasures {
    return { psnr: this.#psnr / this.#count, ssim: this.#ssim / this.#count };
  }
}

function similarity(image: Values, truth: Values, shape: Shape, channel: number, range: number): number {
  const [height, width] = shape;
  const [rows, columns] = [Math.min(WINDOW, height), Math.min(WINDOW, width)];
  const count = rows * columns;
  // Of the sample: n − 1 in the denominator; a window of one pixel has no variance.
  const unbiased = count / Math.max(1, count - 1);
  const [c1, c2] = [(K1 * range) ** 2, (K2 * range) ** 2];
  const sums = (value: (x: number, y: number) => number) => windowMeans(image, truth, shape, channel, value);
  const [ofImage, ofTruth] = [sums((x) => x), sums((_, y) => y)];
  const [xx, yy, xy] = [sums((x) => x * x), sums((_, y) => y * y), sums((x, y) => x * y)];
  let total = 0;
  for (let at = 0; at < ofImage.length; at++) {
    const [mean, wanted] = [ofImage[at] ?? 0, ofTruth[at] ?? 0];
    const variances = unbiased * ((xx[at] ?? 0) - mean * mean + ((yy[at] ?? 0) - wanted * wanted));
    const covariance = unbiased * ((xy[at] ?? 0) - mean * wanted);
    const numerator = (2 * mean * wanted + c1) * (2 * covariance + c2);
    total += numerator / ((mean * mean + wanted * wanted + c1) * (variances + c2));
  }
  return total / ofImage.length;
}

/** Means of a function of both images over every window, by a table of sums. */
function windowMeans(
  image: Values,
  truth: Values,
  [height, width, channels]: Shape,
  channel: number,
  value: (x: number, y: number) => number,
): Float64Array {
  const [rows, columns] = [Math.min(WINDOW, height), Math.min(WINDOW, width)];
  const stride = width + 1;
  const table = new Float64Array((height + 1) * stride);
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels + channel;
      row += value(image[at] ?? NaN, truth[at] ?? 0);
      table[(y + 1) * stride + x + 1] = row + (table[y * stride + x + 1] ?? 0);
    }
  }
  const across = width - columns + 1;
  const entry = (y: number, x: number) => table[y * stride + x] ?? 0;
  return Float64Array.from({ length: (height - rows + 1) * across }, (_, at) => {
    const [y, x] = [Math.floor(at / across), at % across];
    const sum = entry(y + rows, x + columns) - entry(y, x + columns) - entry(y + rows, x) + entry(y, x);
    return sum / (rows * columns);
  });
}
