import * as tf from '@tensorflow/tfjs-core';
import { numberOf, numbersOf, textOf } from '../attributes.ts';
import type { Attribute } from '../graph.ts';
import { axisSize, replaceAxis, sizeOf, type Shape } from '../shape.ts';
import { firstInput, inputOf, type KernelCall, type ShapeRule, type TensorType } from './rule.ts';

/** One piece a split makes: sizes along the axis, with -1 resolved. */
export function splitSizes(call: KernelCall): { readonly axis: number; readonly sizes: readonly number[] } {
  const { shape } = firstInput(call);
  const given = numberOf(call.attributes, 'axis', 0);
  const axis = given < 0 ? given + shape.length : given;
  const pieces = call.attributes.numOrSizeSplits;
  const total = axisSize(shape, axis);
  if (typeof pieces === 'number')
    return { axis, sizes: Array.from({ length: pieces }, () => total / pieces) };
  const sizes = numbersOf(call.attributes, 'numOrSizeSplits');
  const known = sizes.filter((size) => size >= 0).reduce((a, b) => a + b, 0);
  return { axis, sizes: sizes.map((size) => (size < 0 ? total - known : size)) };
}

/** Start and extent of a slice, with -1 ("to the end") resolved. */
export function sliceRange(call: KernelCall): {
  readonly begin: readonly number[];
  readonly size: readonly number[];
} {
  const { shape } = firstInput(call);
  const begin = numbersOf(call.attributes, 'begin');
  const size = numbersOf(call.attributes, 'size');
  const starts = shape.map((_, axis) => begin[axis] ?? 0);
  return {
    begin: starts,
    size: shape.map((extent, axis) =>
      (size[axis] ?? -1) < 0 ? extent - (starts[axis] ?? 0) : (size[axis] ?? 0),
    ),
  };
}

/** A strided slice with its masks resolved: begin, end, stride and size an axis, and the shape after new and dropped axes. */
export function stridedSlice(
  shape: Shape,
  at: Readonly<Record<string, Attribute>>,
): {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
  readonly dense: readonly number[];
  readonly shape: readonly number[];
} {
  const info = tf.slice_util.sliceInfo(
    [...shape],
    [...numbersOf(at, 'begin')],
    [...numbersOf(at, 'end')],
    [...numbersOf(at, 'strides')],
    numberOf(at, 'beginMask', 0),
    numberOf(at, 'endMask', 0),
    numberOf(at, 'ellipsisMask', 0),
    numberOf(at, 'newAxisMask', 0),
    numberOf(at, 'shrinkAxisMask', 0),
  );
  return {
    begin: info.begin,
    end: info.end,
    strides: info.strides,
    dense: info.begin.map((begin, axis) =>
      Math.max(0, Math.ceil(((info.end[axis] ?? 0) - begin) / (info.strides[axis] ?? 1))),
    ),
    shape: info.finalShape,
  };
}

function joinAxis(call: KernelCall, rank: number): number {
  const axis = numberOf(call.attributes, 'axis', 0);
  return axis < 0 ? axis + rank : axis;
}

const withShape = (input: TensorType, shape: readonly number[]): readonly TensorType[] => [
  { shape, dtype: input.dtype },
];

export const arrayRules: Readonly<Record<string, ShapeRule>> = {
  Reshape: (call) => {
    const input = firstInput(call);
    const shape = tf.util.inferFromImplicitShape(
      [...numbersOf(call.attributes, 'shape')],
      sizeOf(input.shape),
    );
    return withShape(input, shape);
  },
  ExpandDims: (call) => {
    const input = firstInput(call);
    const dim = numberOf(call.attributes, 'dim', 0);
    const at = dim < 0 ? input.shape.length + 1 + dim : dim;
    return withShape(input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
  },
  Transpose: (call) =>
    withShape(
      firstInput(call),
      numbersOf(call.attributes, 'perm').map((axis) => axisSize(firstInput(call).shape, axis)),
    ),
  Tile: (call) => {
    const reps = numbersOf(call.attributes, 'reps');
    return withShape(
      firstInput(call),
      firstInput(call).shape.map((size, axis) => size * (reps[axis] ?? 1)),
    );
  },
  BroadcastTo: (call) => withShape(firstInput(call), numbersOf(call.attributes, 'shape')),
  Concat: (call) => {
    const input = firstInput(call);
    const axis = joinAxis(call, input.shape.length);
    const total = call.inputs.reduce((sum, { shape }) => sum + axisSize(shape, axis), 0);
    return withShape(input, replaceAxis(input.shape, axis, total));
  },
  Pack: (call) => {
    const input = firstInput(call);
    const axis = joinAxis(call, input.shape.length + 1);
    return withShape(input, [...input.shape.slice(0, axis), call.inputs.length, ...input.shape.slice(axis)]);
  },
  Unpack: (call) => {
    const input = firstInput(call);
    const axis = joinAxis(call, input.shape.length);
    const shape = input.shape.filter((_, at) => at !== axis);
    return Array.from({ length: axisSize(input.shape, axis) }, () => ({ shape, dtype: input.dtype }));
  },
  SplitV: (call) => {
    const input = firstInput(call);
    const { axis, sizes } = splitSizes(call);
    return sizes.map((size) => ({ shape: replaceAxis(input.shape, axis, size), dtype: input.dtype }));
  },
  Slice: (call) => withShape(firstInput(call), sliceRange(call).size),
  StridedSlice: (call) =>
    withShape(firstInput(call), stridedSlice(firstInput(call).shape, call.attributes).shape),
  GatherV2: (call) => {
    const [x, indices] = [inputOf(call, 'x'), inputOf(call, 'indices')];
    const given = numberOf(call.attributes, 'axis', 0);
    const axis = given < 0 ? given + x.shape.length : given;
    const batchDims = numberOf(call.attributes, 'batchDims', 0);
    return withShape(x, [
      ...x.shape.slice(0, axis),
      ...indices.shape.slice(batchDims),
      ...x.shape.slice(axis + 1),
    ]);
  },
  GatherNd: (call) => {
    const [params, indices] = [inputOf(call, 'params'), inputOf(call, 'indices')];
    const depth = axisSize(indices.shape, -1);
    return withShape(params, [...indices.shape.slice(0, -1), ...params.shape.slice(depth)]);
  },
  ScatterNd: (call) => withShape(inputOf(call, 'updates'), numbersOf(call.attributes, 'shape')),
  OneHot: (call) => {
    const dtype = textOf(call.attributes, 'dtype', 'int32');
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
      throw new Error(`a step has no tensors of type ${dtype}`);
    return [{ shape: [...firstInput(call).shape, numberOf(call.attributes, 'depth')], dtype }];
  },
  Fill: (call) => {
    const dtype = textOf(call.attributes, 'dtype', 'float32');
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
      throw new Error(`a step has no tensors of type ${dtype}`);
    return [{ shape: numbersOf(call.attributes, 'shape'), dtype }];
  },
};
