import type { Value } from '../../graph.ts';
import { convolutionWindow, type Window } from '../../kernels/spatial.ts';
import { axisSize, sizeOf } from '../../shape.ts';
import type { OnnxBuilder } from '../builder.ts';
import { inputAt, onlyOutput } from '../emit.ts';
import { isPaddedMostly } from '../linear.ts';
import { BLOCKED } from '../model.ts';
import type { BlockedEmitter } from './emit.ts';
import { blockedFilter, swappedFilter, type FilterBlock } from './filters.ts';
import {
  convolve,
  identityFilter,
  interleaved,
  type BlockedMaps,
  type BlockSize,
  type DeferredConvolution,
} from './maps.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** Few channels that lie in no blocks (an image's) are read with channels first. */
export const convolution: BlockedEmitter = (onnx, maps, node) => {
  const [x, filter, output] = [inputAt(node, 'x'), inputAt(node, 'filter'), onlyOutput(node)];
  const few = isImage(maps, x);
  const window = convolutionWindow(x.shape, filter.shape, node.attributes);
  const weights = blockedFilter(onnx, maps, filter, few);
  if (!few && isPoint(window) && maps.allows('subsampling')) {
    maps.defer(output, convolve(subsampled(onnx, maps, x, window), weights, {}));
    return true;
  }
  const image = few ? onnx.channelsFirst(x) : maps.get(x);
  const { kernel, strides, pads, dilations } = window;
  maps.defer(output, convolve(image, weights, { kernel_shape: kernel, strides, pads, dilations }));
  return true;
};

/** True where a map is read with channels first: it lies so, or has few of them. */
export function isImage(maps: BlockedMaps, x: Value): boolean {
  if (!maps.allows('images')) return false;
  const channels = axisSize(x.shape, 3);
  return maps.has(x) ? readsAsImage(channels, maps.size) : channels < maps.size;
}

/** True where filling a block would cost more than moving the channels to the front. */
export function readsAsImage(channels: number, size: BlockSize): boolean {
  return 2 * channels <= size;
}

export function isPoint({ kernel, pads }: Window): boolean {
  return sizeOf(kernel) === 1 && pads.every((pad) => pad === 0);
}

/** The pixels that a 1x1 window sees, once a map. */
export function subsampled(onnx: OnnxBuilder, maps: BlockedMaps, x: Value, { strides }: Window): string {
  const image = maps.get(x);
  if (strides.every((stride) => stride === 1)) return image;
  const channels = maps.width(axisSize(x.shape, 3));
  return onnx.memo(`subsampled${image}:${strides.join()}`, () =>
    maps.write(convolve(image, identityFilter(onnx, channels), { strides, group: channels })),
  );
}

/** Also a transposed convolution run forwards. */
export const inputGradient: BlockedEmitter = (onnx, maps, node) => {
  const [dy, filter, output] = [inputAt(node, 'dy'), inputAt(node, 'filter'), onlyOutput(node)];
  const window = convolutionWindow(output.shape, filter.shape, node.attributes);
  const gradient = { dy, filter, output, window };
  if (window.strides.every((stride) => stride === 1)) {
    if (!maps.allows('inputGradients')) return false;
    return narrowGradient(onnx, maps, gradient) || flipped(onnx, maps, gradient);
  }
  return maps.allows('phaseGradients') && phases(onnx, maps, gradient);
};

/** The gradient of a convolution's input: what it is made of, and where the filter's windows lay. */
interface InputGradient {
  readonly dy: Value;
  readonly filter: Value;
  readonly output: Value;
  readonly window: Window;
}

/** Zeros around the gradient that the filter turned around reads at stride 1: above, left, below, right. */
function outerPads({ kernel, dilations, pads }: Window): readonly number[] {
  return pads.map((pad, side) => (axisSize(kernel, side % 2) - 1) * axisSize(dilations, side % 2) - pad);
}

/** At stride 1 the gradient is a convolution with the filter turned around and its channels swapped. */
function flipped(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  { dy, filter, output, window }: InputGradient,
): boolean {
  const { kernel, dilations } = window;
  const outer = outerPads(window);
  if (outer.some((pad) => pad < 0) || isPaddedMostly(window)) return false;
  const [channels, filters] = [maps.width(axisSize(output.shape, 3)), maps.width(axisSize(dy.shape, 3))];
  const taps = range(sizeOf(kernel)).reverse();
  const blocks = range(channels / maps.size).flatMap((to) =>
    range(filters / maps.size).flatMap((from) => taps.map((tap): FilterBlock => [from, to, tap])),
  );
  const turned = swappedFilter(onnx, maps, filter, blocks, [channels, filters, ...kernel]);
  maps.defer(output, convolve(maps.get(dy), turned, { kernel_shape: kernel, pads: outer, dilations }));
  return true;
}

/**
 * `flipped` for channels that fill half of a block at most: two pixels of a row share one, made by windows that are one wider and
 * two apart. In memory that is the map with channels last.
 */
function narrowGradient(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  { dy, filter, output, window }: InputGradient,
): boolean {
  const [batch = 1, height = 1, width = 1, channels = 1] = output.shape;
  const [rows, columns] = window.kernel;
  const [top = 0, left = 0, bottom = 0, right = 0] = outerPads(window);
  const half = maps.size / 2;
  if (!maps.allows('narrowInputGradients') || channels > half || width % 2 !== 0) return false;
  if (window.dilations.some((dilation) => dilation !== 1)) return false;
  if (Math.min(top, left, bottom, right) < 0 || isPaddedMostly(window)) return false;
  const [real, filters] = [axisSize(dy.shape, 3), maps.width(axisSize(dy.shape, 3))];
  const weights = onnx.memo(`narrow-filter${filter.id}`, () => {
    const taps = onnx.reshape(onnx.plain(filter), [rows * columns, channels, real]);
    const turned = onnx.op('Gather', [taps, onnx.integers(range(rows * columns).reverse())], { axis: 0 });
    const pair = paired(onnx, onnx.reshape(turned, [rows, columns, channels, real]), half - channels, filters - real);
    const blocks = [rows * (columns + 1), 2 * half, filters / maps.size, maps.size];
    return onnx.reshape(onnx.transpose(onnx.reshape(pair, blocks), [2, 0, 3, 1]), [maps.size, filters, rows, columns + 1]);
  }); // prettier-ignore
  const made = convolve(maps.get(dy), weights, {
    kernel_shape: [rows, columns + 1],
    strides: [1, 2],
    pads: [top, left, bottom, right],
  });
  const last = onnx.reshape(maps.write(made), [batch, height, width, half]);
  maps.define(output, onnx.op('ReorderInput', [last], { channels_last: 1 }, BLOCKED));
  return true;
}

/**
 * `[rows, columns, channels, filters]` as `[rows, columns + 1, 2, channels + lack, filters + rest]`: the same filter for the left
 * and for the right one of two pixels.
 */
function paired(onnx: OnnxBuilder, filter: string, lack: number, rest: number): string {
  const at = (before: number): string =>
    onnx.op('Pad', [filter, onnx.integers([0, before, 0, 0, 0, 1 - before, lack, rest]), onnx.scalar(0)]);
  return onnx.op('Concat', [at(0), at(1)], { axis: 2 });
}

/** Which taps of a window of stride 2 reach the pixels of one parity: by their distance, in pixels of the result. */
interface Phase {
  readonly first: number;
  readonly taps: readonly (number | null)[];
}

function phaseOf(parity: number, pad: number, size: number): Phase | null {
  const reach = range(size).filter((tap) => (parity + pad - tap) % 2 === 0);
  const distances = reach.map((tap) => (parity + pad - tap) / 2).sort((a, b) => a - b);
  const [first, last] = [distances[0], distances.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { first, taps: range(last - first + 1).map((at) => parity + pad - 2 * (first + at)) };
}

/**
 * At stride 2 the pixels of each row parity are a convolution of their own, with both column parities as channels: no
 * zeros are multiplied, as a transposed convolution would.
 */
function phases(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  { dy, filter, output, window }: InputGradient,
): boolean {
  const { kernel, strides, dilations, pads, input, output: reduced } = window;
  const halves = input.every((size, axis) => size === 2 * axisSize(reduced, axis));
  if (!halves || strides.some((stride) => stride !== 2) || dilations.some((dilation) => dilation !== 1))
    return false;
  const [channels, filters, batch] = [
    maps.width(axisSize(output.shape, 3)),
    maps.width(axisSize(dy.shape, 3)),
    axisSize(dy.shape, 0),
  ];
  const [height, width] = reduced;
  const columns = [0, 1].map((parity) => phaseOf(parity, pads[1], kernel[1]));
  const present = columns.filter((phase) => phase !== null);
  const first = Math.min(...present.map((phase) => phase.first));
  const last = Math.max(...present.map((phase) => phase.first + phase.taps.length - 1));
  const row = (parity: number): DeferredConvolution | null => {
    const rows = phaseOf(parity, pads[0], kernel[0]);
    if (rows === null) return null;
    const taps = columns.map((column) =>
      rows.taps.flatMap((down) =>
        range(last - first + 1).map((at): number | null => {
          const across = column?.taps[first + at - column.first] ?? null;
          return across === null || down === null ? null : down * kernel[1] + across;
        }),
      ),
    );
    const blocks = range(channels / maps.size).flatMap((to) =>
      taps.flatMap((list) =>
        range(filters / maps.size).flatMap((from) =>
          list.map((tap): FilterBlock => (tap === null ? null : [from, to, tap])),
        ),
      ),
    );
    const window = [rows.taps.length, last - first + 1];
    const weights = swappedFilter(onnx, maps, filter, blocks, [2 * channels, filters, ...window]);
    return convolve(maps.get(dy), weights, {
      kernel_shape: window,
      pads: [-rows.first, -first, rows.first + rows.taps.length - 1, last],
    });
  };
  const groups = batch * (channels / maps.size);
  const line = [groups * height, 1, 2 * width * maps.size];
  const join = (rows: readonly (string | null)[]): string => {
    const lines = rows.map((made) =>
      made === null
        ? onnx.op('Expand', [onnx.scalar(0), onnx.integers(line)])
        : onnx.reshape(interleaved(onnx, made, [groups, 1, 2, height * width * maps.size]), line),
    );
    return onnx.reshape(onnx.op('Concat', lines, { axis: 1 }), [batch, channels, ...input]);
  };
  maps.defer(output, { kind: 'phases', rows: [row(0), row(1)], join });
  return true;
}
