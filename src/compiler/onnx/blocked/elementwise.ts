import { numberOf } from '../../attributes.ts';
import type { GraphNode, Value } from '../../graph.ts';
import { axisSize, sameShape, sizeOf } from '../../shape.ts';
import type { OnnxBuilder } from '../builder.ts';
import { elementwiseWriters, type Write } from '../elementwise.ts';
import { onlyInput, onlyOutput } from '../emit.ts';
import type { BlockedEmitter } from './emit.ts';
import { convolve, identityFilter, type BlockedMaps, type Deferred } from './maps.ts';
import { aboveZero } from './steep.ts';

/** Works on each number by itself, so it takes blocked maps as they are; operands that repeat are repeated in blocks. */
export function elementwise(write: Write): BlockedEmitter {
  return (onnx, maps, node) => {
    const output = onlyOutput(node);
    if (!takesBlocks(node, output, maps)) return false;
    if (fused(onnx, maps, node)) return true;
    const real = axisSize(output.shape, 3);
    if (real !== maps.width(real) && !keepsZeros(node, output)) return false;
    if (node.inputs.every((input) => sizeOf(input.shape) === 1 || sameShape(input.shape, output.shape))) {
      const names = node.inputs.map((input) =>
        sizeOf(input.shape) === 1 ? onnx.plain(input) : maps.get(input),
      );
      maps.define(output, write(onnx, names, node));
      return true;
    }
    const operands = node.inputs.map((input) => spread(onnx, maps, input, output));
    if (operands.some((operand) => operand === null)) return false;
    const [batch = 1, height = 1, width = 1, channels = 1] = output.shape;
    const result = write(
      onnx,
      operands.map((operand) => operand?.() ?? ''),
      node,
    );
    maps.define(output, onnx.reshape(result, [batch, channels, height, width]));
    return true;
  };
}

function takesBlocks(node: GraphNode, output: Value, maps: BlockedMaps): boolean {
  return (
    output.shape.length === 4 &&
    node.inputs.some((input) => sameShape(input.shape, output.shape) && maps.has(input))
  );
}

/** Operations that give zero where all their maps are zero. */
const ZERO_OF_ZEROS = new Set([
  ...['Abs', 'Add', 'AddN', 'Identity', 'Maximum', 'Minimum', 'Multiply', 'Neg', 'Sign', 'Sqrt', 'Sub'],
  ...[
    'Elu',
    'Erf',
    'LeakyRelu',
    'Relu',
    'Relu6',
    'Selu',
    'Sin',
    'Square',
    'SquaredDifference',
    'Step',
    'Tanh',
  ],
]);

/** True where the channels that fill the last block stay zeros. */
function keepsZeros(node: GraphNode, output: Value): boolean {
  const float = [output, ...node.inputs].every(({ dtype }) => dtype === 'float32');
  const full = node.inputs.every((input) => sameShape(input.shape, output.shape));
  const scales = node.kernel === 'Multiply' && node.inputs.every(({ shape }) => sizeOf(shape) === 1 || sameShape(shape, output.shape)); // prettier-ignore
  return float && (scales || (full && ZERO_OF_ZEROS.has(node.kernel)));
}

/** An operand as `[batch, channels / B, pixels, B]` or with ones in it; null where its shape has no such form. */
function spread(onnx: OnnxBuilder, maps: BlockedMaps, value: Value, output: Value): (() => string) | null {
  if (sizeOf(value.shape) === 1) return () => onnx.plain(value);
  if (value.shape.length > 4) return null;
  const padded = [...Array.from({ length: 4 - value.shape.length }, () => 1), ...value.shape];
  const [batch = 1, height = 1, width = 1, channels = 1] = padded;
  const [, rows = 1, columns = 1] = output.shape;
  const everywhere = height === 1 && width === 1;
  if (!everywhere && (height !== rows || width !== columns)) return null;
  const pixels = height * width;
  if (channels === 1) return () => onnx.reshape(onnx.plain(value), [batch, 1, pixels, 1]);
  const shape = [batch, channels / maps.size, pixels, maps.size];
  if (everywhere) return () => onnx.reshape(onnx.plain(value), shape);
  return value.shape.length === 4 ? () => onnx.reshape(maps.get(value), shape) : null;
}

/** Makes the operation a part of the convolution before it, or a pass of its own that others can join. */
function fused(onnx: OnnxBuilder, maps: BlockedMaps, node: GraphNode): boolean {
  const output = onlyOutput(node);
  if (output.dtype !== 'float32' || node.inputs.some((input) => input.dtype !== 'float32')) return false;
  if (node.kernel === 'Relu') return activated(maps, onlyInput(node), output);
  if (node.kernel === 'Step') return slope(onnx, maps, node);
  if (node.kernel === 'Square') {
    if (!maps.allows('productSums')) return false;
    const map = maps.get(onlyInput(node));
    maps.defer(output, { kind: 'product', left: map, right: map });
    return true;
  }
  const [a, b] = node.inputs;
  if (a === undefined || b === undefined || node.inputs.length !== 2) return false;
  const full = (value: Value): boolean => sameShape(value.shape, output.shape);
  if (node.kernel === 'Multiply') {
    if (full(a) && full(b)) {
      if (!maps.allows('productSums')) return false;
      maps.defer(output, { kind: 'product', left: maps.get(a), right: maps.get(b) });
      return true;
    }
    return full(a) ? scaled(onnx, maps, a, b, output) : scaled(onnx, maps, b, a, output);
  }
  if (node.kernel === 'Add') {
    if (full(a) && full(b)) return added(maps, a, b, output);
    return full(a) ? shifted(onnx, maps, a, b, output, false) : shifted(onnx, maps, b, a, output, false);
  }
  return node.kernel === 'Sub' && full(a) && !full(b) && shifted(onnx, maps, a, b, output, true);
}

function activated(maps: BlockedMaps, input: Value, output: Value): boolean {
  maps.rectify(output);
  if (!maps.allows('rectifications')) return false;
  const before = maps.deferred(input);
  if (before?.kind !== 'convolution' || before.attributes.activation !== undefined) return false;
  maps.defer(output, { ...before, attributes: { ...before.attributes, activation: 'Relu' } });
  return true;
}

/** The slope of a rectification, taken from its result. */
function slope(onnx: OnnxBuilder, maps: BlockedMaps, node: GraphNode): boolean {
  const input = onlyInput(node);
  const sharp = numberOf(node.attributes, 'alpha', 0) === 0;
  if (!maps.allows('slopes') || !sharp || !maps.isRectified(input)) return false;
  maps.define(onlyOutput(node), aboveZero(onnx, maps.get(input)));
  return true;
}

/** True where a sum or an activation can still join. */
export const isOpen = (deferred: Deferred | null): boolean =>
  deferred?.kind === 'convolution' && deferred.sum === '' && deferred.attributes.activation === undefined;

/** A sum is a part of the convolution that makes one of its operands. */
function added(maps: BlockedMaps, a: Value, b: Value, output: Value): boolean {
  if (!maps.allows('sums')) return false;
  const [left, right] = [maps.deferred(a), maps.deferred(b)];
  if (left?.kind === 'phases' && right?.kind === 'phases') {
    const rows = [0, 1].map((at) => {
      const [first, second] = [left.rows[at] ?? null, right.rows[at] ?? null];
      if (first === null || second === null) return first ?? second;
      // The window with fewer taps is written first and joins the other.
      const [small, large] = taps(first) < taps(second) ? [first, second] : [second, first];
      return { ...large, sum: maps.write(small) };
    });
    maps.defer(output, { kind: 'phases', rows: [rows[0] ?? null, rows[1] ?? null], join: left.join });
    return true;
  }
  const [host, guest] = isOpen(left) ? [left, b] : [right, a];
  if (!isOpen(host) || host?.kind !== 'convolution') return false;
  maps.defer(output, { ...host, sum: maps.get(guest) });
  return true;
}

function taps({ attributes }: { attributes: Readonly<Record<string, unknown>> }): number {
  return sizeOf(attributes.kernel_shape as readonly number[]);
}

/** The name of one number a channel, or null where the value is something else. */
export function channelVector(onnx: OnnxBuilder, value: Value, channels: number): string | null {
  if (sizeOf(value.shape) !== channels || axisSize(value.shape, -1) !== channels) return null;
  return value.shape.length === 1 ? onnx.plain(value) : onnx.reshape(onnx.plain(value), [channels]);
}

/** `x · scale + bias` with one number of each a channel: a convolution of each channel with a 1x1 filter. */
export function affine(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  x: Value,
  scale: string | null,
  bias: string,
): Deferred {
  const channels = axisSize(x.shape, 3);
  const width = maps.width(channels);
  const filter =
    scale === null
      ? identityFilter(onnx, width)
      : onnx.reshape(maps.vector(scale, channels), [width, 1, 1, 1]);
  const offset = bias === '' ? '' : maps.vector(bias, channels);
  return { ...convolve(maps.get(x), filter, { group: width }), bias: offset };
}

function scaled(onnx: OnnxBuilder, maps: BlockedMaps, x: Value, by: Value, output: Value): boolean {
  if (!maps.allows('scales')) return false;
  const scale = by.shape.length === 0 ? null : channelVector(onnx, by, axisSize(output.shape, 3));
  if (scale === null) return false;
  maps.defer(output, affine(onnx, maps, x, scale, ''));
  return true;
}

function shifted(
  onnx: OnnxBuilder,
  maps: BlockedMaps,
  x: Value,
  by: Value,
  output: Value,
  negative: boolean,
): boolean {
  if (!maps.allows('biases')) return false;
  const vector = by.shape.length === 0 ? null : channelVector(onnx, by, axisSize(output.shape, 3));
  if (vector === null) return false;
  const bias = negative ? onnx.op('Neg', [vector]) : vector;
  const before = maps.deferred(x);
  const joins = before?.kind === 'convolution' && isOpen(before) && before.bias === '';
  const offset = maps.vector(bias, axisSize(output.shape, 3));
  maps.defer(output, joins ? { ...before, bias: offset } : affine(onnx, maps, x, null, bias));
  return true;
}

export const elementwiseEmitters: Readonly<Record<string, BlockedEmitter>> = Object.fromEntries(
  Object.entries(elementwiseWriters).map(([kernel, write]) => [kernel, elementwise(write)]),
);
