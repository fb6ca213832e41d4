import type { Window } from '../kernels/spatial.ts';
import { axisSize, sizeOf } from '../shape.ts';
import type { OnnxBuilder } from './builder.ts';
import { poolAttributes, unpadded, windowsReach } from './pool-window.ts';

/** Less than every pixel: what a window sees beyond the border. */
const BELOW_ALL = -3.4028234663852886e38;

/**
 * The gradient of max pooling where the provider does not say which pixel won. Each place in the window ("tap") compares
 * its pixels with the maxima; the first that equals takes the gradient, and a transposed convolution puts all taps back.
 *
 *     free₀ = 1,  winsₜ = freeₜ · [xₜ = y],  freeₜ₊₁ = freeₜ − winsₜ,  dx = Σₜ putₜ(dy · winsₜ)
 *
 * @returns `[batch, channels, height, width]`
 */
export function maxPoolGradientByTaps(
  onnx: OnnxBuilder,
  image: string,
  dy: string,
  shape: readonly number[],
  window: Window,
): string {
  const maxima = onnx.op('MaxPool', [image], { ...poolAttributes(window), dilations: window.dilations });
  const covered = cover(onnx, image, window);
  const taps = sizeOf(window.kernel);
  const across = axisSize(window.kernel, 1);
  const [batch = 1, height = 1, width = 1, channels = 1] = shape;
  const single = [batch * channels, 1, ...window.output];
  let free = onnx.scalar(1);
  const shares = Array.from({ length: taps }, (_, tap) => {
    const pixels = tapPixels(onnx, covered, window, Math.floor(tap / across), tap % across);
    const equal = onnx.op('Where', [onnx.op('Equal', [pixels, maxima]), onnx.scalar(1), onnx.scalar(0)]);
    const wins = tap === 0 ? equal : onnx.op('Mul', [equal, free]);
    free = onnx.op('Sub', [free, wins]);
    return onnx.reshape(onnx.op('Mul', [wins, dy]), single);
  });
  const filter = onnx.memo(`put${window.kernel.join('x')}`, () => {
    const ones = Float32Array.from({ length: taps * taps }, (_, at) => (at % (taps + 1) === 0 ? 1 : 0));
    return onnx.initializer([taps, 1, ...window.kernel], ones, 'float32');
  });
  const full = onnx.op('ConvTranspose', [onnx.op('Concat', shares, { axis: 1 }), filter], {
    kernel_shape: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
  });
  return onnx.reshape(unpadded(onnx, full, window), [batch, channels, height, width]);
}

/** The image with a border that windows may read. */
function cover(onnx: OnnxBuilder, image: string, window: Window): string {
  const [top, left] = window.pads;
  const reach = windowsReach(window);
  const [below, right] = [0, 1].map((axis) =>
    Math.max(0, axisSize(reach, axis) - axisSize(window.input, axis) - axisSize(window.pads, axis)),
  );
  const pads = [0, 0, top, left, 0, 0, below ?? 0, right ?? 0];
  if (pads.every((pad) => pad === 0)) return image;
  return onnx.op('Pad', [image, onnx.integers(pads), onnx.scalar(BELOW_ALL)]);
}

/** What each window sees at one of its places. */
function tapPixels(onnx: OnnxBuilder, covered: string, window: Window, row: number, column: number): string {
  const starts = [row, column].map((place, axis) => place * axisSize(window.dilations, axis));
  const ends = starts.map(
    (start, axis) => start + (axisSize(window.output, axis) - 1) * axisSize(window.strides, axis) + 1,
  );
  return onnx.op('Slice', [
    covered,
    ...[starts, ends, [2, 3], window.strides].map((list) => onnx.integers(list)),
  ]);
}
