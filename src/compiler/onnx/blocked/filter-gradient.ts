import type { Value } from '../../graph.ts';
import { convolutionWindow, type Window } from '../../kernels/spatial.ts';
import { axisSize, sameShape, sizeOf } from '../../shape.ts';
import type { OnnxBuilder } from '../builder.ts';
import { inputAt, onlyOutput } from '../emit.ts';
import { isImage, isPoint, subsampled } from './convolution.ts';
import type { BlockedEmitter } from './emit.ts';
import { blockSides, convolve, identityFilter, interleaved, swapped, type BlockedMaps } from './maps.ts';

/** Numbers in the gradients of all blocks of images; more are never written, since they would be summed through memory. */
const MOST_GROUPED = 1 << 20;

/**
 * The gradient of a filter as a convolution with roles swapped: images are the channels (in blocks), the map's own
 * channels lie on its width, and the gradient of the result is the filter. No windows are copied.
 */
export const filterGradient: BlockedEmitter = (onnx, maps, node) => {
  const [x, dy, output] = [inputAt(node, 'x'), inputAt(node, 'dy'), onlyOutput(node)];
  const window = convolutionWindow(x.shape, output.shape, node.attributes);
  if (window.dilations.some((dilation) => dilation !== 1)) return false;
  const ofImage = isImage(maps, x);
  if (!maps.allows(ofImage ? 'imageFilterGradients' : 'filterGradients')) return false;
  if (ofImage) {
    onnx.define(output, ofImages(onnx, maps, x, dy, output, window));
    return true;
  }
  const { size } = maps;
  const batch = maps.width(axisSize(x.shape, 0));
  const [channels, filters] = [maps.width(axisSize(x.shape, 3)), maps.width(axisSize(output.shape, 3))];
  const point = isPoint(window);
  const reach = reachOf(window);
  const [top, left, bottom, right] = reach.pads;
  const source = point ? subsampled(onnx, maps, x, window) : padded(onnx, maps, x, left, right);
  const [down, along] = point ? ([1, 1] as const) : window.strides;
  const [height, width] = point ? window.output : window.input;
  const across = width + (point ? 0 : left + right);
  const key = `images-inside${source}`;
  const images = onnx.memo(key, () => {
    const outer = (channels / size) * height;
    const whole = wholeBlocks(onnx, maps, source, [axisSize(x.shape, 0), channels, height, across]);
    const inside = swapped(onnx, whole, [batch / size, size, outer, across * size]);
    if (channels === size) return onnx.reshape(inside, [1, batch, height, across * size]);
    const split = onnx.reshape(inside, [batch / size, channels / size, height * across * size * size]);
    return onnx.reshape(onnx.transpose(split, [1, 0, 2]), [channels / size, batch, height, across * size]);
  });
  const [rows, columns] = window.kernel;
  // A gradient for each block of images, which are then summed, or one for all of them.
  const groups = sizeOf(output.shape) * (batch / size) > MOST_GROUPED ? 1 : batch / size;
  const swappedRoles = convolve(images, gradientAsFilter(onnx, maps, dy, groups), {
    kernel_shape: window.output,
    pads: [top, 0, bottom, 0],
    dilations: [down, along * size],
    group: groups,
  });
  // In memory [channels / B, groups, filters / B, rows, columns, B channels, B filters].
  const lines = (channels / size) * groups * (filters / size);
  const made = maps.write(swappedRoles);
  const each = point ? made : taps(onnx, made, lines, reach, window, size ** 2);
  const list = onnx.reshape(each, [channels / size, groups, filters * rows * columns * size]);
  const sum = groups === 1 ? list : onnx.op('ReduceSum', [list, onnx.integers([1])], { keepdims: 0 });
  const blocks = [channels / size, filters / size, rows * columns, size, size];
  const turned = onnx.transpose(onnx.reshape(sum, blocks), [2, 0, 3, 1, 4]);
  onnx.define(output, cut(onnx, turned, [rows, columns, channels, filters], output.shape));
  return true;
};

/** Of a filter with channels and filters that fill blocks, what is real. */
function cut(onnx: OnnxBuilder, filter: string, filled: readonly number[], shape: readonly number[]): string {
  const all = onnx.reshape(filter, filled);
  if (sameShape(filled, shape)) return all;
  return onnx.op('Slice', [all, onnx.integers([0, 0]), onnx.integers(shape.slice(2)), onnx.integers([2, 3])]);
}

/** Images in whole blocks: those that the last block lacks are zeros, which add nothing to a gradient. */
function wholeBlocks(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  source: string,
  shape: readonly [number, number, number, number],
): string {
  const lack = maps.width(shape[0]) - shape[0];
  if (lack === 0) return source;
  const rest = [lack, ...shape.slice(1)];
  return onnx.op('Concat', [source, onnx.op('Expand', [onnx.scalar(0), onnx.integers(rest)])], { axis: 0 });
}

/** How far windows reach over a map. */
interface Reach {
  /** Zeros around the map that a window reads: above, left, below, right. */
  readonly pads: Window['pads'];
  /** Rows and columns at the end that no window reads; each gives a number too many in the gradient. */
  readonly rest: readonly [number, number];
}

function reachOf({ kernel, strides, pads, input, output }: Window): Reach {
  const beyond = (axis: 0 | 1): number =>
    (output[axis] - 1) * strides[axis] + kernel[axis] - input[axis] - pads[axis];
  const [below, right] = [beyond(0), beyond(1)];
  return {
    pads: [pads[0], pads[1], Math.max(0, below), Math.max(0, right)],
    rest: [Math.max(0, -below), Math.max(0, -right)],
  };
}

/** The numbers of a gradient that belong to taps of the filter, of `lines` times all rows and columns. */
function taps(
  onnx: OnnxBuilder,
  gradient: string,
  lines: number,
  { rest: [below, right] }: Reach,
  { kernel: [rows, columns] }: Window,
  column: number,
): string {
  if (below === 0 && right === 0) return gradient;
  const all = onnx.reshape(gradient, [lines, rows + below, (columns + right) * column]);
  const ends = onnx.integers([rows, columns * column]);
  return onnx.op('Slice', [all, onnx.integers([0, 0]), ends, onnx.integers([1, 2])]);
}

/** Zeros left and right; those above and below are the convolution's own padding. */
function padded(onnx: OnnxBuilder, maps: BlockedMaps, x: Value, left: number, right: number): string {
  const image = maps.get(x);
  if (left + right === 0) return image;
  const channels = maps.width(axisSize(x.shape, 3));
  return onnx.memo(`padded${image}:${left},${right}`, () =>
    maps.write(
      convolve(image, identityFilter(onnx, channels), { pads: [0, left, 0, right], group: channels }),
    ),
  );
}

/**
 * The gradient of the result as a filter whose channels are images, once a gradient.
 *
 * @param groups of images, each with filters of its own; 1: all of them are the channels of the same filters
 */
function gradientAsFilter(onnx: OnnxBuilder, maps: BlockedMaps, dy: Value, groups: number): string {
  const [count = 1, height = 1, width = 1, real = 1] = dy.shape;
  const source = maps.get(dy);
  const { size } = maps;
  const [batch, filters] = [maps.width(count), maps.width(real)];
  const shape = [groups * filters, batch / groups, height, width];
  const turned = onnx.memo(`as-filter${source}`, () => {
    const whole = wholeBlocks(onnx, maps, source, [count, filters, height, width]);
    return interleaved(onnx, whole, [batch / size, ...blockSides(size), filters * height * width]);
  });
  if (groups === batch / size) return onnx.reshape(turned, shape);
  return onnx.memo(`as-one-filter${source}`, () => {
    const blocks = onnx.reshape(turned, [batch / size, filters / size, height * width * size ** 2]);
    return onnx.reshape(onnx.transpose(blocks, [1, 0, 2]), shape);
  });
}

/** Few channels, as of the first layer, take the place of the batch. */
function ofImages(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  x: Value,
  dy: Value,
  output: Value,
  window: Window,
): string {
  const [count = 1, height = 1, width = 1, channels = 1] = x.shape;
  const batch = maps.width(count);
  const reach = reachOf(window);
  const [top, left, bottom, right] = reach.pads;
  const { size } = maps;
  const across = width + left + right;
  const images = onnx.memo(`images-inside${x.id}:${left},${right}`, () => {
    const rows = onnx.reshape(onnx.channelsFirst(x), [count * channels * height, width]);
    const pads = [0, left, (batch - count) * channels * height, right];
    const wide = onnx.op('Pad', [rows, onnx.integers(pads), onnx.scalar(0)]);
    const inside = swapped(onnx, wide, [batch / size, size, channels * height, across]);
    const split = onnx.reshape(inside, [batch / size, channels, height * across * size]);
    return onnx.reshape(onnx.transpose(split, [1, 0, 2]), [channels, batch, height, across]);
  });
  const swappedRoles = convolve(images, gradientAsFilter(onnx, maps, dy, batch / size), {
    kernel_shape: window.output,
    pads: [top, 0, bottom, 0],
    dilations: window.strides,
    group: batch / size,
  });
  const filters = maps.width(axisSize(output.shape, 3));
  const lines = channels * (batch / size) * (filters / size);
  const each = taps(onnx, maps.write(swappedRoles), lines, reach, window, size);
  const windowSize = sizeOf(window.kernel);
  const sum = onnx.op(
    'ReduceSum',
    [onnx.reshape(each, [channels, batch / size, filters * windowSize]), onnx.integers([1])],
    { keepdims: 0 },
  );
  const blocks = [channels, filters / size, windowSize, size];
  const turned = onnx.transpose(onnx.reshape(sum, blocks), [2, 0, 1, 3]);
  return cut(onnx, turned, [...window.kernel, channels, filters], output.shape);
}
