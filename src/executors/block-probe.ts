import type { NumericArray } from '../compiler/graph.ts';
import type { InternalKernel } from '../compiler/onnx/blocked/forms.ts';
import type { BlockSize } from '../compiler/onnx/blocked/maps.ts';
import { OnnxBuilder } from '../compiler/onnx/builder.ts';
import { BLOCKED, type OnnxAttribute, type OnnxModel } from '../compiler/onnx/model.ts';
import { sizeOf } from '../compiler/shape.ts';
import { wave } from './compare.ts';
import { blocked, blockedFilters, convolved, pooled, type Map4 } from './block-reference.ts';

/** One call of an internal kernel, and what it must give. */
export interface KernelProbe {
  readonly kernel: InternalKernel;
  readonly model: OnnxModel;
  readonly feeds: Readonly<Record<string, NumericArray>>;
  readonly expected: Float32Array;
}

/** Every internal kernel in each of the ways that the blocked form calls it, on few numbers. */
export function kernelProbes(size: BlockSize): readonly KernelProbe[] {
  return [
    ...reorderings(size),
    ...convolutions(size),
    pooling('maxPool', size, [2, 2], [2, 2], [0, 0, 0, 0]),
    pooling('maxPool', size, [2, 1], [2, 1], [0, 0, 0, 0]),
    pooling('maxPool', size, [3, 3], [2, 2], [1, 1, 0, 0]),
    pooling('globalAveragePool', size, [4, 4], [1, 1], [0, 0, 0, 0]),
  ];
}

interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

function map(shape: Map4['shape'], height = 1): Map4 {
  return { shape, data: Float32Array.from(wave(sizeOf(shape), height)) };
}

/** A model of one internal node, with the probe's tensors as its inputs. */
function probe(
  kernel: InternalKernel,
  type: string,
  inputs: readonly (Numbers | null)[],
  attributes: Readonly<Record<string, OnnxAttribute>>,
  output: { readonly shape: readonly number[]; readonly expected: Float32Array },
): KernelProbe {
  const onnx = new OnnxBuilder();
  const names = inputs.map((one, at) => (one === null ? '' : onnx.input(`x${at}`, 'float32', one.shape)));
  onnx.output('y', 'float32', output.shape, onnx.op(type, names, attributes, BLOCKED));
  const feeds = Object.fromEntries(inputs.flatMap((one, at) => (one === null ? [] : [[`x${at}`, one.data]])));
  return { kernel, model: onnx.model(kernel), feeds, expected: output.expected };
}

/** `[2, 2B, 2, 4]` to and from blocks; of what comes back, the last channels may be missing. */
function reorderings(size: BlockSize): readonly KernelProbe[] {
  const [first, last] = [map([2, 2 * size, 2, 4]), map([2, 2, 4, 2 * size])];
  const [batch, channels, height, width] = first.shape;
  const turned = transposed(last);
  // Half of a block, whose other half becomes zeros.
  const half = map([2, 2, 4, size / 2]);
  const filled = map([2, size, 2, 4], 0);
  for (const [at, number] of transposed(half).data.entries()) {
    const image = Math.floor(at / (4 * size));
    filled.data[image * 8 * size + (at % (4 * size))] = number;
  }
  const inBlocks = (shape: Map4['shape'], data: Float32Array): Map4 => ({ shape, data: blocked({ shape, data }, size) });
  const fewer = channels - 3;
  const kept = Float32Array.from({ length: batch * fewer * height * width }, (_, at) => {
    const plane = Math.floor(at / (height * width));
    return first.data[(Math.floor(plane / fewer) * channels + (plane % fewer)) * height * width + (at % (height * width))] ?? 0;
  });
  const keptLast = Float32Array.from({ length: kept.length }, (_, at) => last.data[Math.floor(at / fewer) * channels + (at % fewer)] ?? 0);
  return [
    probe('reorderInputChannelsFirst', 'ReorderInput', [first], {}, { shape: first.shape, expected: blocked(first, size) }),
    probe('reorderInput', 'ReorderInput', [last], { channels_last: 1 }, { shape: first.shape, expected: blocked(turned, size) }),
    probe('reorderInput', 'ReorderInput', [half], { channels_last: 1 }, { shape: [2, size, 2, 4], expected: blocked(filled, size) }),
    probe('reorderOutputChannelsFirst', 'ReorderOutput', [inBlocks(first.shape, first.data)], { channels: fewer, channels_last: 0 }, { shape: [batch, fewer, height, width], expected: kept }),
    probe('reorderOutput', 'ReorderOutput', [inBlocks(first.shape, turned.data)], { channels: fewer, channels_last: 1 }, { shape: [batch, height, width, fewer], expected: keptLast }),
  ];
} // prettier-ignore

/** A map with channels last as one with channels first. */
function transposed({ shape: [batch, height, width, channels], data }: Map4): Map4 {
  const pixels = height * width;
  const turned = new Float32Array(data.length);
  for (const [at, number] of data.entries()) {
    const [pixel, channel] = [Math.floor(at / channels), at % channels];
    turned[(Math.floor(pixel / pixels) * channels + channel) * pixels + (pixel % pixels)] = number;
  }
  return { shape: [batch, channels, height, width], data: turned };
}

interface Call {
  readonly x: Map4;
  readonly filter: Map4;
  readonly strides?: readonly [number, number];
  readonly pads?: readonly [number, number, number, number];
  readonly dilations?: readonly [number, number];
  readonly group?: number;
  readonly bias?: boolean;
  readonly sum?: boolean;
  readonly relu?: boolean;
}

function convolutions(size: BlockSize): readonly KernelProbe[] {
  const wide = 2 * size;
  const x = map([1, wide, 4, 4]);
  const square = map([wide, wide, 3, 3], 0.3);
  const around = [1, 1, 1, 1] as const;
  const single = (shape: Map4['shape']): Map4 => map(shape, 0.7);
  const calls: readonly (readonly [InternalKernel, Call])[] = [
    ['convolution', { x, filter: square, pads: around }],
    ['convolution', { x, filter: square, strides: [2, 2], pads: [0, 0, 1, 1] }],
    ['convolution', { x, filter: map([wide, wide, 1, 2], 0.3), pads: [0, 1, 0, 0] }],
    ['pairConvolution', { x, filter: map([size, wide, 3, 4], 0.3), strides: [1, 2], pads: around }],
    ['pointConvolution', { x, filter: map([size, wide, 1, 1], 0.3) }],
    ['imageConvolution', { x: map([2, 3, 4, 4]), filter: map([wide, 3, 3, 3], 0.3), pads: around }],
    ['convolutionBias', { x, filter: square, pads: around, bias: true }],
    ['convolutionBias', { x, filter: single([wide, 1, 1, 1]), group: wide, bias: true }],
    ['convolutionSum', { x, filter: square, pads: around, sum: true }],
    ['convolutionSum', { x, filter: map([wide, wide, 1, 1], 0.3), sum: true }],
    ['convolutionSum', { x, filter: single([wide, 1, 1, 1]), group: wide, bias: true, sum: true }],
    ['convolutionRelu', { x, filter: square, pads: around, relu: true }],
    ['convolutionRelu', { x, filter: single([wide, 1, 1, 1]), group: wide, relu: true }],
    ['channelConvolution', { x, filter: single([wide, 1, 1, 1]), group: wide }],
    ['channelConvolution', { x, filter: single([wide, 1, 1, 1]), group: wide, pads: [0, 1, 0, 2] }],
    ['channelConvolution', { x, filter: single([wide, 1, 2, 2]), group: wide, strides: [2, 2] }],
    ['planeConvolution', { x: map([1, 2 * wide, 2, 4]), filter: single([2 * wide, 1, 2, 4]), group: 2 * wide }],
    ['groupConvolution', { x: map([1, wide, 2, 4 * size]), filter: map([wide, size, 2, 2], 0.3), group: 2, dilations: [1, size], pads: [1, 0, 1, 0] }],
  ]; // prettier-ignore
  return calls.map(([kernel, call]) => convolution(kernel, size, call));
}

function convolution(kernel: InternalKernel, size: BlockSize, call: Call): KernelProbe {
  const { x, filter, strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1 } = call;
  const [filters] = filter.shape;
  const bias = call.bias === true ? Float32Array.from(wave(filters, 0.5)) : null;
  const plain = convolved(x, filter, { strides, pads, dilations, group });
  const sum = call.sum === true ? map(plain.shape) : null;
  const pixels = plain.shape[2] * plain.shape[3];
  const values = plain.data.map((value, at) => {
    const offset = bias?.[Math.floor(at / pixels) % filters] ?? 0;
    const total = value + offset + (sum?.data[at] ?? 0);
    return call.relu === true ? Math.max(0, total) : total;
  });
  const isImage = x.shape[1] < size;
  const inputs: (Numbers | null)[] = [
    isImage ? x : { ...x, data: blocked(x, size) },
    { ...filter, data: blockedFilters(filter, size, isImage || filter.shape[1] === 1) },
    bias === null ? null : { shape: [filters], data: bias },
    sum === null ? null : { ...sum, data: blocked(sum, size) },
  ];
  while (inputs.at(-1) === null) inputs.pop();
  const attributes = {
    ...{ kernel_shape: filter.shape.slice(2), strides, pads, dilations, group },
    ...(call.relu === true ? { activation: 'Relu' } : {}),
  };
  const expected = blocked({ shape: plain.shape, data: values }, size);
  return probe(kernel, 'Conv', inputs, attributes, { shape: plain.shape, expected });
}

function pooling(
  kernel: 'maxPool' | 'globalAveragePool',
  size: BlockSize,
  window: readonly [number, number],
  strides: readonly [number, number],
  pads: readonly [number, number, number, number],
): KernelProbe {
  const x = map([2, 2 * size, 4, 4]);
  const result = pooled(x, { window, strides, pads, mean: kernel === 'globalAveragePool' });
  const attributes = kernel === 'maxPool' ? { kernel_shape: window, strides, pads, dilations: [1, 1] } : {};
  const type = kernel === 'maxPool' ? 'MaxPool' : 'GlobalAveragePool';
  const output = { shape: result.shape, expected: blocked(result, size) };
  return probe(kernel, type, [{ ...x, data: blocked(x, size) }], attributes, output);
}
