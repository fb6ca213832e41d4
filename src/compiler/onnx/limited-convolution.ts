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
  const more = longer(onnx, groups, 3, 1, padded - multiplier);
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

/** Zeros behind the entries of one axis. */
function longer(onnx: OnnxBuilder, name: string, rank: number, axis: number, by: number): string {
  const pads = Array.from({ length: 2 * rank }, (_, at) => (at === rank + axis ? by : 0));
  return onnx.memo(`${name}+${by}@${axis}`, () =>
    onnx.op('Pad', [name, onnx.integers(pads), onnx.scalar(0)]),
  );
}

/** An ordinary convolution; channels of zeros are added where the provider needs another number of them. */
export function ungroupedConvolution(
  onnx: OnnxBuilder,
  [image, filter]: readonly [string, string],
  channels: number,
  attributes: Readonly<Record<string, readonly number[]>>,
): string {
  const wrong = onnx.limits.wrongThirds === true && channels > 3 && channels % 3 === 0 && channels % 4 !== 0;
  if (!wrong) return onnx.op('Conv', [image, filter], attributes);
  const more = 4 - (channels % 4);
  return onnx.op('Conv', [longer(onnx, image, 4, 1, more), longer(onnx, filter, 4, 1, more)], attributes);
}

/**
 * The operands of a transposed convolution in groups, with an input of zeros more a group where the provider needs it.
 *
 * @param shape of the image, `[batch, height, width, channels]`
 * @param filter `[channels, outputs a group, height, width]`
 */
export function groupedOperands(
  onnx: OnnxBuilder,
  [image, filter]: readonly [string, string],
  shape: readonly number[],
  group: number,
  { kernel }: Window,
): readonly [string, string] {
  const [batch = 1, height = 1, width = 1, channels = 1] = shape;
  const inputs = channels / group;
  if (onnx.limits.oddGroupInputs !== true || group === 1 || inputs % 2 === 1) return [image, filter];
  const images = onnx.reshape(image, [batch, group, inputs, height * width]);
  const filters = onnx.reshape(filter, [group, inputs, sizeOf(kernel)]);
  const wide = group * (inputs + 1);
  return [
    onnx.reshape(longer(onnx, images, 4, 2, 1), [batch, wide, height, width]),
    onnx.reshape(longer(onnx, filters, 3, 1, 1), [wide, 1, ...kernel]),
  ];
}
