import type { Value } from '../graph.ts';
import { convolutionWindow, type Window } from '../kernels/spatial.ts';
import { axisSize, sizeOf } from '../shape.ts';
import type { OnnxBuilder } from './builder.ts';
import { inputAt, onlyOutput, type Emitter } from './emit.ts';
import { firstOf, groupOutputs, windowAttributes } from './limited-convolution.ts';
import { CONTRIB } from './model.ts';

/** Every pixel of each window as a channel of its own, `[batch, channels · taps, height, width]`. */
interface Windows {
  readonly name: string;
  /** Pixels of a window; at the end of them zeros where the provider wants more. */
  readonly taps: number;
}

/**
 * A grouped convolution with one-hot filters, which is many times faster than a convolution with the roles of image and
 * gradient swapped, as long as windows are small.
 */
export function windows(onnx: OnnxBuilder, x: Value, window: Window): Windows {
  const [height, width] = window.kernel;
  const pixels = height * width;
  const image = onnx.channelsFirst(x);
  if (pixels === 1 && window.strides.every((stride) => stride === 1) && window.pads.every((pad) => pad === 0))
    return { name: image, taps: 1 };
  const channels = axisSize(x.shape, 3);
  const taps = groupOutputs(onnx, pixels);
  const filter = onnx.memo(`one-hot${channels}x${height}x${width}`, () => {
    const ones = new Float32Array(channels * taps * pixels);
    for (let channel = 0; channel < channels; channel++)
      for (let tap = 0; tap < pixels; tap++) ones[(channel * taps + tap) * pixels + tap] = 1;
    return onnx.initializer([channels * taps, 1, height, width], ones, 'float32');
  });
  const key = `windows${x.id}:${height}x${width}:${window.strides.join()}:${window.pads.join()}:${window.dilations.join()}`;
  const name = onnx.memo(key, () =>
    onnx.op('Conv', [image, filter], { group: channels, ...windowAttributes(window) }),
  );
  return { name, taps };
}

/** What a gradient of a filter is made of. */
interface Operands {
  readonly x: Value;
  readonly dy: Value;
  readonly output: Value;
  readonly window: Window;
}

/** Multiply-adds that one-hot filters may take; fewer are done before another form has begun. */
const MOST_ONE_HOT = 1 << 22;
/** Numbers in the gradients of all images, before they are summed; fewer pass through the caches. */
const MOST_SINGLE = 1 << 20;

type Form = 'windows' | 'swapped' | 'rows';

/** How the gradient is taken: all forms are equal but for the order of sums. */
function formOf(onnx: OnnxBuilder, { x, output, window }: Operands): Form {
  // Providers with limits keep to what they were compared in.
  if (Object.keys(onnx.limits).length > 0) return 'windows';
  const [batch, channels, filters] = [axisSize(x.shape, 0), axisSize(x.shape, 3), axisSize(output.shape, 3)];
  const [pixels, taps] = [sizeOf(window.output), sizeOf(window.kernel)];
  if (taps > pixels && batch * channels * taps ** 2 * pixels > MOST_ONE_HOT) return 'swapped';
  if (filters > pixels && batch * filters * channels * taps > MOST_SINGLE) return 'rows';
  return 'windows';
}

/** The gradient of a filter, `[height, width, channels, filters]`. */
export const filterGradient: Emitter = (onnx, node) => {
  const [x, dy, output] = [inputAt(node, 'x'), inputAt(node, 'dy'), onlyOutput(node)];
  const operands = { x, dy, output, window: convolutionWindow(x.shape, output.shape, node.attributes) };
  onnx.define(output, FORMS[formOf(onnx, operands)](onnx, operands));
};

const FORMS: Readonly<Record<Form, (onnx: OnnxBuilder, operands: Operands) => string>> = {
  windows: ofWindows,
  swapped: withRolesSwapped,
  rows: ofRows,
};

/** A product of windows and gradient an image, summed over the images. */
function ofWindows(onnx: OnnxBuilder, { x, dy, output, window }: Operands): string {
  const [batch, channels, filters] = [axisSize(x.shape, 0), axisSize(x.shape, 3), axisSize(output.shape, 3)];
  const pixels = sizeOf(window.output);
  const { name, taps } = windows(onnx, x, window);
  const columns = onnx.reshape(name, [batch, channels * taps, pixels]);
  const gradient = onnx.reshape(onnx.channelsFirst(dy), [batch, filters, pixels]);
  const each = onnx.op('FusedMatMul', [gradient, columns], { transB: 1 }, CONTRIB);
  const sum = onnx.op('ReduceSum', [each, onnx.integers([0])], { keepdims: 0 });
  const own = firstOf(onnx, onnx.reshape(sum, [filters, channels, taps]), 2, taps, sizeOf(window.kernel));
  return onnx.transpose(onnx.reshape(own, [filters, channels, ...window.kernel]), [2, 3, 1, 0]);
}

/**
 * A window larger than the map that it makes: the gradient is a convolution of the image with the gradient of that map, channels in
 * the place of images. One-hot filters would take the square of the window's pixels.
 */
function withRolesSwapped(onnx: OnnxBuilder, { x, dy, window }: Operands): string {
  const [rows, columns] = window.kernel;
  const attributes = {
    kernel_shape: window.output,
    strides: window.dilations,
    dilations: window.strides,
    pads: window.pads,
  };
  const made = onnx.op('Conv', [imagesInside(onnx, x), imagesInside(onnx, dy)], attributes);
  // What the strides left over of the image makes rows and columns that belong to no tap.
  const own = onnx.op('Slice', [made, onnx.integers([0, 0]), onnx.integers([rows, columns]), onnx.integers([2, 3])]);
  return onnx.transpose(own, [2, 3, 0, 1]);
} // prettier-ignore

/** A map as `[channels, batch, height, width]`. */
function imagesInside(onnx: OnnxBuilder, map: Value): string {
  return onnx.prefersChannelsFirst(map)
    ? onnx.transpose(onnx.channelsFirst(map), [1, 0, 2, 3])
    : onnx.transpose(onnx.plain(map), [3, 0, 1, 2]);
}

/**
 * Many filters over few pixels: one product of all windows, a row each, with all pixels of the gradient. The gradients of single
 * images would together be many times as large as what goes into them.
 */
function ofRows(onnx: OnnxBuilder, { x, dy, output, window }: Operands): string {
  const [batch = 1, , , channels = 1] = x.shape;
  const [pixels, taps, filters] = [sizeOf(window.output), sizeOf(window.kernel), axisSize(output.shape, 3)];
  const rows = onnx.reshape(windowRows(onnx, x, window), [batch * pixels, taps * channels]);
  const gradient = onnx.reshape(onnx.plain(dy), [batch * pixels, filters]);
  return onnx.reshape(
    onnx.op('FusedMatMul', [rows, gradient], { transA: 1 }, CONTRIB),
    output.shape,
  );
} // prettier-ignore

/** The windows of all pixels of the result, `[batch, pixels · taps, channels]`. */
function windowRows(onnx: OnnxBuilder, x: Value, window: Window): string {
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [top, left, bottom, right] = window.pads;
  const across = width + left + right;
  const wide = [batch, (height + top + bottom) * across, channels];
  const source = onnx.reshape(padded(onnx, onnx.plain(x), window.pads), wide);
  const lines = (axis: 0 | 1): number[][] =>
    Array.from({ length: window.output[axis] }, (_, at) =>
      Array.from({ length: window.kernel[axis] }, (__, tap) => at * window.strides[axis] + tap * window.dilations[axis]),
    );
  const key = `pixels${wide.join()}:${window.output.join()}:${windowKey(window)}`;
  const places = onnx.memo(key, () => {
    const list = lines(0).flatMap((down) =>
      lines(1).flatMap((along) => down.flatMap((row) => along.map((column) => BigInt(row * across + column)))),
    );
    return onnx.initializer([list.length], BigInt64Array.from(list), 'int64');
  });
  return onnx.op('Gather', [source, places], { axis: 1 });
} // prettier-ignore

function windowKey({ kernel, strides, pads, dilations }: Window): string {
  return [kernel, strides, pads, dilations].map((list) => list.join()).join(':');
}

/** Zeros around a map with channels last. */
function padded(onnx: OnnxBuilder, name: string, [top, left, bottom, right]: Window['pads']): string {
  if (top + left + bottom + right === 0) return name;
  return onnx.op('Pad', [name, onnx.integers([0, top, left, 0, 0, bottom, right, 0]), onnx.scalar(0)]);
}
