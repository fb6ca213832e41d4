import { flagOf, numberOf } from '../attributes.ts';
import type { GraphNode, Value } from '../graph.ts';
import { convolutionWindow, type Window } from '../kernels/spatial.ts';
import { axisSize, sameShape, sizeOf } from '../shape.ts';
import type { OnnxBuilder } from './builder.ts';
import { filterGradient, windows } from './filter-gradient.ts';
import {
  firstOf,
  groupedConvolution,
  groupedOperands,
  ungroupedConvolution,
  windowAttributes,
} from './limited-convolution.ts';
import { inputAt, onlyOutput, optionalInput, type Emitter } from './emit.ts';
import { CONTRIB, float } from './model.ts';

const matMul: Emitter = (onnx, node) => {
  const [a, b] = [inputAt(node, 'a'), inputAt(node, 'b')];
  const [transA, transB] = [flagOf(node.attributes, 'transposeA'), flagOf(node.attributes, 'transposeB')];
  const operands = [onnx.plain(a), onnx.plain(b)];
  onnx.define(onlyOutput(node), product(onnx, operands, [a, b], transA, transB));
};

function product(
  onnx: OnnxBuilder,
  operands: readonly string[],
  values: readonly Value[],
  transA: boolean,
  transB: boolean,
): string {
  if (!transA && !transB) return onnx.op('MatMul', operands);
  if (values[0]?.dtype === 'float32')
    return onnx.op('FusedMatMul', operands, { transA: transA ? 1 : 0, transB: transB ? 1 : 0 }, CONTRIB);
  const turned = operands.map((operand, at) =>
    (at === 0 ? transA : transB)
      ? onnx.transpose(operand, lastSwapped(values[at]?.shape.length ?? 2))
      : operand,
  );
  return onnx.op('MatMul', turned);
}

function lastSwapped(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) =>
    axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
  );
}

/** Filters as ONNX wants them, `[out, in, height, width]`, once a filter. */
function outerFilter(onnx: OnnxBuilder, filter: Value): string {
  return onnx.memo(`oihw${filter.id}`, () => onnx.transpose(onnx.plain(filter), [3, 2, 0, 1]));
}

const convolution: Emitter = (onnx, node) => {
  const [x, filter] = [inputAt(node, 'x'), inputAt(node, 'filter')];
  const window = convolutionWindow(x.shape, filter.shape, node.attributes);
  onnx.defineChannelsFirst(
    onlyOutput(node),
    ungroupedConvolution(
      onnx,
      [onnx.channelsFirst(x), outerFilter(onnx, filter)],
      axisSize(x.shape, 3),
      windowAttributes(window),
    ),
  );
};

/** How many times the pixels of the gradient a map may have for the flipped filter to go over it. */
const MOST_PADDED = 4;

/** Also a transposed convolution run forwards. */
const inputGradient: Emitter = (onnx, node) => {
  const [dy, filter, output] = [inputAt(node, 'dy'), inputAt(node, 'filter'), onlyOutput(node)];
  const window = convolutionWindow(output.shape, filter.shape, node.attributes);
  const result =
    window.strides.every((stride) => stride === 1) && !isPaddedMostly(window)
      ? flipped(onnx, dy, filter, window)
      : transposed(onnx, dy, outerFilter(onnx, filter), window, 1);
  onnx.defineChannelsFirst(output, result);
};

/** True where a flipped filter would mostly read the zeros around a gradient: that of a window almost as large as the map. */
export function isPaddedMostly({ input, output }: Pick<Window, 'input' | 'output'>): boolean {
  return sizeOf(input) > MOST_PADDED * sizeOf(output);
}

/** At stride 1 the gradient is a convolution with the filter turned around and its channels swapped. */
function flipped(onnx: OnnxBuilder, dy: Value, filter: Value, window: Window): string {
  const turned = onnx.memo(`flipped${filter.id}`, () => {
    const swapped = onnx.transpose(onnx.plain(filter), [2, 3, 0, 1]);
    if (sizeOf(window.kernel) === 1) return swapped;
    const backwards = [
      [-1, -1],
      [-1000, -1000],
      [2, 3],
      [-1, -1],
    ].map((list) => onnx.integers(list));
    return onnx.op('Slice', [swapped, ...backwards]);
  });
  const pads = window.pads.map(
    (pad, side) => (axisSize(window.kernel, side % 2) - 1) * axisSize(window.dilations, side % 2) - pad,
  );
  if (pads.every((pad) => pad >= 0)) {
    return ungroupedConvolution(onnx, [onnx.channelsFirst(dy), turned], axisSize(dy.shape, 3), {
      kernel_shape: window.kernel,
      pads,
      dilations: window.dilations,
    });
  }
  return transposed(onnx, dy, outerFilter(onnx, filter), window, 1);
}

function transposed(onnx: OnnxBuilder, dy: Value, filter: string, window: Window, group: number): string {
  // What the strides left over of the input beyond the last window.
  const rest = [0, 1].map((axis) => {
    const reach = (axisSize(window.kernel, axis) - 1) * axisSize(window.dilations, axis) + 1;
    const covered = (axisSize(window.output, axis) - 1) * axisSize(window.strides, axis) + reach;
    return (
      axisSize(window.input, axis) + axisSize(window.pads, axis) + axisSize(window.pads, axis + 2) - covered
    );
  });
  // ONNX takes a rest below the stride only; windows that overhang the input leave a negative one, which is cut by the pads.
  const [below, right] = [rest[0] ?? 0, rest[1] ?? 0];
  const [top, left, bottom, end] = window.pads;
  const pads = [top, left, bottom - Math.min(0, below), end - Math.min(0, right)];
  const attributes = {
    ...windowAttributes(window),
    pads,
    group,
    output_padding: [Math.max(0, below), Math.max(0, right)],
  };
  const operands = groupedOperands(onnx, [onnx.channelsFirst(dy), filter], dy.shape, group, window);
  return onnx.op('ConvTranspose', operands, attributes);
}

/** `[height, width, channels, multiplier]` to `[channels · multiplier, 1, height, width]`. */
function depthwiseFilter(onnx: OnnxBuilder, filter: Value): string {
  const [height = 1, width = 1, channels = 1, multiplier = 1] = filter.shape;
  return onnx.memo(`depthwise${filter.id}`, () =>
    onnx.reshape(onnx.transpose(onnx.plain(filter), [2, 3, 0, 1]), [channels * multiplier, 1, height, width]),
  );
}

const depthwise: Emitter = (onnx, node) => {
  const [x, filter] = [inputAt(node, 'x'), inputAt(node, 'filter')];
  const window = convolutionWindow(x.shape, filter.shape, node.attributes, true);
  const operands = [onnx.channelsFirst(x), depthwiseFilter(onnx, filter)] as const;
  const [channels, multiplier] = [axisSize(x.shape, 3), axisSize(filter.shape, 3)];
  const convolved = groupedConvolution(onnx, operands, { channels, multiplier }, window);
  onnx.defineChannelsFirst(onlyOutput(node), convolved);
};

const depthwiseInputGradient: Emitter = (onnx, node) => {
  const [dy, filter, output] = [inputAt(node, 'dy'), inputAt(node, 'filter'), onlyOutput(node)];
  const window = convolutionWindow(output.shape, filter.shape, node.attributes, true);
  onnx.defineChannelsFirst(
    output,
    transposed(onnx, dy, depthwiseFilter(onnx, filter), window, axisSize(output.shape, 3)),
  );
};

/** A product of windows and gradient a channel, summed over the batch. */
const depthwiseFilterGradient: Emitter = (onnx, node) => {
  const [x, dy, output] = [inputAt(node, 'x'), inputAt(node, 'dy'), onlyOutput(node)];
  const window = convolutionWindow(x.shape, output.shape, node.attributes, true);
  const [height = 1, width = 1, channels = 1, multiplier = 1] = output.shape;
  const [batch, pixels] = [axisSize(x.shape, 0), sizeOf(window.output)];
  const { name, taps } = windows(onnx, x, window);
  const columns = onnx.reshape(name, [batch * channels, taps, pixels]);
  const gradient = onnx.reshape(onnx.channelsFirst(dy), [batch * channels, multiplier, pixels]);
  const each = onnx.op('FusedMatMul', [columns, gradient], { transB: 1 }, CONTRIB);
  const sum = onnx.op(
    'ReduceSum',
    [onnx.reshape(each, [batch, channels, taps, multiplier]), onnx.integers([0])],
    { keepdims: 0 },
  );
  const own = firstOf(onnx, sum, 1, taps, height * width);
  onnx.define(output, onnx.transpose(onnx.reshape(own, [channels, height, width, multiplier]), [1, 2, 0, 3]));
};

const batchNorm: Emitter = (onnx, node) => {
  const [x, mean, variance, output] = [
    inputAt(node, 'x'),
    inputAt(node, 'mean'),
    inputAt(node, 'variance'),
    onlyOutput(node),
  ];
  const channels = [axisSize(x.shape, -1)];
  const vector = (value: Value | null, otherwise: number): string => {
    if (value === null) return onnx.op('Expand', [onnx.scalar(otherwise), onnx.integers(channels)]);
    return sameShape(value.shape, channels) ? onnx.plain(value) : onnx.reshape(onnx.plain(value), channels);
  };
  requireVector(node, mean);
  const operands = [
    vector(optionalInput(node, 'scale'), 1),
    vector(optionalInput(node, 'offset'), 0),
    vector(mean, 0),
    vector(variance, 1),
  ];
  const attributes = { epsilon: float(numberOf(node.attributes, 'varianceEpsilon')) };
  onnx.defineChannelsFirst(
    output,
    onnx.op('BatchNormalization', [onnx.channelsFirst(x), ...operands], attributes),
  );
};

function requireVector(node: GraphNode, value: Value): void {
  if (sizeOf(value.shape) !== axisSize(onlyOutput(node).shape, -1))
    throw new Error('statistics of a batch normalisation are one number a channel');
}

export const linearEmitters: Readonly<Record<string, Emitter>> = {
  BatchMatMul: matMul,
  Conv2D: convolution,
  Conv2DBackpropFilter: filterGradient,
  Conv2DBackpropInput: inputGradient,
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  FusedBatchNorm: batchNorm,
};
