import type { Value } from '../../graph.ts';
import { convolutionWindow, type Window } from '../../kernels/spatial.ts';
import { axisSize, sizeOf } from '../../shape.ts';
import type { OnnxBuilder } from '../builder.ts';
import { inputAt, onlyOutput } from '../emit.ts';
import { isPoint, subsampled } from './convolution.ts';
import type { BlockedEmitter } from './emit.ts';
import { blockSides, convolve, identityFilter, interleaved, swapped, type BlockedMaps } from './maps.ts';

/**
 * The gradient of a filter as a convolution with roles swapped: images are the channels (in blocks), the map's own
 * channels lie on its width, and the gradient of the result is the filter. No windows are copied.
 */
export const filterGradient: BlockedEmitter = (onnx, maps, node) => {
  const [x, dy, output] = [inputAt(node, 'x'), inputAt(node, 'dy'), onlyOutput(node)];
  const [batch, channels] = [axisSize(x.shape, 0), axisSize(x.shape, 3)];
  if (!maps.fits(batch) || !maps.fits(axisSize(dy.shape, 3))) return false;
  const window = convolutionWindow(x.shape, output.shape, node.attributes);
  if (window.dilations.some((dilation) => dilation !== 1)) return false;
  if (!maps.fits(channels)) {
    if (channels >= maps.size || !coversAll(window)) return false;
    onnx.define(output, ofImages(onnx, maps, x, dy, output, window));
    return true;
  }
  const point = isPoint(window);
  if (!point && !coversAll(window)) return false;
  const source = point ? subsampled(onnx, maps, x, window) : padded(onnx, maps, x, window);
  const [down, along] = point ? ([1, 1] as const) : window.strides;
  const [height, width] = point ? window.output : window.input;
  const across = width + (point ? 0 : window.pads[1] + window.pads[3]);
  const { size } = maps;
  const key = `images-inside${source}`;
  const images = onnx.memo(key, () => {
    const outer = (channels / size) * height;
    const inside = swapped(onnx, source, [batch / size, size, outer, across * size]);
    if (channels === size) return onnx.reshape(inside, [1, batch, height, across * size]);
    const split = onnx.reshape(inside, [batch / size, channels / size, height * across * size * size]);
    return onnx.reshape(onnx.transpose(split, [1, 0, 2]), [channels / size, batch, height, across * size]);
  });
  const each = onnx.reshape(
    maps.write(
      convolve(images, gradientAsFilter(onnx, maps, dy), {
        kernel_shape: window.output,
        pads: [window.pads[0], 0, window.pads[2], 0],
        dilations: [down, along * size],
        group: batch / size,
      }),
    ),
    [channels / size, batch / size, (sizeOf(output.shape) / channels) * size],
  );
  const sum = batch === size ? each : onnx.op('ReduceSum', [each, onnx.integers([1])], { keepdims: 0 });
  const filters = axisSize(output.shape, 3);
  const blocks = [channels / size, filters / size, sizeOf(window.kernel), size, size];
  onnx.define(output, onnx.reshape(onnx.transpose(onnx.reshape(sum, blocks), [2, 0, 3, 1, 4]), output.shape));
  return true;
};

/** True where the windows end with the padded map, so that the result has one number a tap. */
function coversAll({ kernel, strides, pads, input, output }: Window): boolean {
  return [0, 1].every(
    (axis) =>
      (axisSize(output, axis) - 1) * axisSize(strides, axis) + axisSize(kernel, axis) ===
      axisSize(input, axis) + axisSize(pads, axis) + axisSize(pads, axis + 2),
  );
}

/** Zeros left and right; those above and below are the convolution's own padding. */
function padded(onnx: OnnxBuilder, maps: BlockedMaps, x: Value, { pads }: Window): string {
  const image = maps.get(x);
  const [, left, , right] = pads;
  if (left + right === 0) return image;
  const channels = axisSize(x.shape, 3);
  return onnx.memo(`padded${image}:${left},${right}`, () =>
    maps.write(
      convolve(image, identityFilter(onnx, channels), { pads: [0, left, 0, right], group: channels }),
    ),
  );
}

/** The gradient of the result as a filter whose channels are images, once a gradient. */
function gradientAsFilter(onnx: OnnxBuilder, maps: BlockedMaps, dy: Value): string {
  const [batch = 1, height = 1, width = 1, filters = 1] = dy.shape;
  const source = maps.get(dy);
  const { size } = maps;
  return onnx.memo(`as-filter${source}`, () => {
    const [a, b] = blockSides(size);
    const turned = interleaved(onnx, source, [batch / size, a, b, filters * height * width]);
    return onnx.reshape(turned, [(batch / size) * filters, size, height, width]);
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
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [top, left, bottom, right] = window.pads;
  const { size } = maps;
  const across = width + left + right;
  const images = onnx.memo(`images-inside${x.id}:${left},${right}`, () => {
    const rows = onnx.reshape(onnx.channelsFirst(x), [batch * channels * height, width]);
    const wide = onnx.op('Pad', [rows, onnx.integers([0, left, 0, right]), onnx.scalar(0)]);
    const inside = swapped(onnx, wide, [batch / size, size, channels * height, across]);
    const split = onnx.reshape(inside, [batch / size, channels, height * across * size]);
    return onnx.reshape(onnx.transpose(split, [1, 0, 2]), [channels, batch, height, across]);
  });
  const each = maps.write(
    convolve(images, gradientAsFilter(onnx, maps, dy), {
      kernel_shape: window.output,
      pads: [top, 0, bottom, 0],
      dilations: window.strides,
      group: batch / size,
    }),
  );
  const filters = axisSize(output.shape, 3);
  const taps = sizeOf(window.kernel);
  const sum = onnx.op(
    'ReduceSum',
    [onnx.reshape(each, [channels, batch / size, filters * taps]), onnx.integers([1])],
    { keepdims: 0 },
  );
  const blocks = [channels, filters / size, taps, size];
  return onnx.reshape(onnx.transpose(onnx.reshape(sum, blocks), [2, 0, 1, 3]), output.shape);
}
