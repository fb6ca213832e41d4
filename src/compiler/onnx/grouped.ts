import type { Window } from '../kernels/spatial.ts';
import { sizeOf } from '../shape.ts';
import type { OnnxBuilder } from './builder.ts';

export function windowAttributes(window: Window): {
  kernel_shape: readonly number[];
  strides: readonly number[];
  pads: readonly number[];
  dilations: readonly number[];
} {
  return {
    kernel_shape: window.kernel,
    strides: window.strides,
    pads: window.pads,
    dilations: window.dilations,
  };
}

/** How many outputs a group must have for the provider to compute `outputs` of them rightly. */
export function groupOutputs({ limits }: OnnxBuilder, outputs: number): number {
  const step = limits.groupOutputs ?? 1;
  return outputs <= step ? outputs : step * Math.ceil(outputs / step);
}

/** The first `wanted` of `count` entries along an axis. */
export function firstOf(
  onnx: OnnxBuilder,
  name: string,
  axis: number,
  count: number,
  wanted: number,
): string {
  if (count === wanted) return name;
  return onnx.op('Slice', [name, ...[[0], [wanted], [axis]].map((list) => onnx.integers(list))]);
}

/**
 * A convolution of each channel with `multiplier` filters of its own. Filters of zeros are added to each channel, and what they
 * yield is cut off, where the provider cannot do without.
 *
 * @param operands image `[batch, channels, height, width]`, filter `[channels · multiplier, 1, height, width]`
 */
export function groupedConvolution(
  onnx: OnnxBuilder,
  [image, filter]: readonly [string, string],
  { channels, multiplier }: { readonly channels: number; readonly multiplier: number },
  window: Window,
): string {
  const attributes = { group: channels, ...windowAttributes(window) };
  const padded = groupOutputs(onnx, multiplier);
  if (padded === multiplier) return onnx.op('Conv', [image, filter], attributes);
  const taps = sizeOf(window.kernel);
  const groups = onnx.reshape(filter, [channels, multiplier, taps]);
  const more = onnx.op('Pad', [groups, onnx.integers([0, 0, 0, 0, padded - multiplier, 0]), onnx.scalar(0)]);
  const wide = onnx.reshape(more, [channels * padded, 1, ...window.kernel]);
  const [batch = 1, height = 1, width = 1] = window.outShape;
  const result = onnx.reshape(onnx.op('Conv', [image, wide], attributes), [
    batch,
    channels,
    padded,
    height * width,
  ]);
  return onnx.reshape(firstOf(onnx, result, 2, padded, multiplier), [
    batch,
    channels * multiplier,
    height,
    width,
  ]);
}
