import { numberOf, numbersOf } from '../attributes.ts';
import type { GraphNode, Value } from '../graph.ts';
import { sliceRange, splitSizes, stridedSlice } from '../kernels/arrays.ts';
import { axisSize, normalizeAxes, sameShape, sizeOf } from '../shape.ts';
import { channelsFirstAxis, type OnnxBuilder } from './builder.ts';
import { inputAt, onlyInput, onlyOutput, type Emitter } from './emit.ts';
import { ELEMENT_TYPE } from './model.ts';

const reshape: Emitter = (onnx, node) => {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  if (sameShape(input.shape, output.shape)) {
    const { name, channelsFirst } = onnx.either(input);
    onnx.defineEither(output, name, channelsFirst);
    return;
  }
  // One axis that is not 1 has the same order of numbers in both layouts.
  const linear = onnx.prefersChannelsFirst(input) && input.shape.filter((size) => size > 1).length <= 1;
  onnx.define(output, onnx.reshape(linear ? onnx.channelsFirst(input) : onnx.plain(input), output.shape));
};

function ownAxis(node: GraphNode, rank: number): number {
  const axis = numberOf(node.attributes, 'axis', 0);
  return axis < 0 ? axis + rank : axis;
}

/** True where all maps are at hand with channels first, so that the operation can be done there. */
function allChannelsFirst(onnx: OnnxBuilder, values: readonly Value[]): boolean {
  return values.every((value) => value.shape.length === 4 && onnx.prefersChannelsFirst(value));
}

const concat: Emitter = (onnx, node) => {
  const output = onlyOutput(node);
  const axis = ownAxis(node, output.shape.length);
  const channelsFirst = allChannelsFirst(onnx, node.inputs);
  const names = node.inputs.map((input) => (channelsFirst ? onnx.channelsFirst(input) : onnx.plain(input)));
  onnx.defineEither(
    output,
    onnx.op('Concat', names, { axis: channelsFirst ? channelsFirstAxis(axis) : axis }),
    channelsFirst,
  );
};

const pack: Emitter = (onnx, node) => {
  const output = onlyOutput(node);
  const axis = ownAxis(node, output.shape.length);
  const widened = node.inputs.map((input) =>
    onnx.op('Unsqueeze', [onnx.plain(input), onnx.integers([axis])]),
  );
  onnx.define(output, onnx.op('Concat', widened, { axis }));
};

const unpack: Emitter = (onnx, node) => {
  const input = onlyInput(node);
  const axis = ownAxis(node, input.shape.length);
  const pieces = splitInto(
    onnx,
    onnx.plain(input),
    axis,
    node.outputs.map(() => 1),
  );
  for (const [at, output] of node.outputs.entries())
    onnx.define(output, onnx.reshape(pieces[at] ?? '', output.shape));
};

function splitInto(
  onnx: OnnxBuilder,
  source: string,
  axis: number,
  sizes: readonly number[],
): readonly string[] {
  if (sizes.length <= (onnx.limits.splitOutputs ?? Infinity))
    return onnx.many('Split', [source, onnx.integers(sizes)], sizes.length, { axis });
  let at = 0;
  return sizes.map((size) => {
    const [from, to] = [at, at + size];
    at = to;
    return onnx.op('Slice', [source, ...[[from], [to], [axis]].map((list) => onnx.integers(list))]);
  });
}

const split: Emitter = (onnx, node) => {
  const input = onlyInput(node);
  const { axis, sizes } = splitSizes(node);
  const channelsFirst = allChannelsFirst(onnx, [input]);
  const source = channelsFirst ? onnx.channelsFirst(input) : onnx.plain(input);
  const pieces = splitInto(onnx, source, channelsFirst ? channelsFirstAxis(axis) : axis, sizes);
  for (const [at, output] of node.outputs.entries())
    onnx.defineEither(output, pieces[at] ?? '', channelsFirst);
};

const slice: Emitter = (onnx, node) => {
  const input = onlyInput(node);
  const { begin, size } = sliceRange(node);
  const channelsFirst = allChannelsFirst(onnx, [input]);
  const axes = begin
    .map((_, axis) => axis)
    .filter((axis) => begin[axis] !== 0 || size[axis] !== input.shape[axis]);
  const source = channelsFirst ? onnx.channelsFirst(input) : onnx.plain(input);
  if (axes.length === 0) {
    onnx.defineEither(onlyOutput(node), source, channelsFirst);
    return;
  }
  const starts = onnx.integers(axes.map((axis) => begin[axis] ?? 0));
  const ends = onnx.integers(axes.map((axis) => (begin[axis] ?? 0) + (size[axis] ?? 0)));
  const where = onnx.integers(channelsFirst ? axes.map(channelsFirstAxis) : axes);
  onnx.defineEither(onlyOutput(node), onnx.op('Slice', [source, starts, ends, where]), channelsFirst);
};

const strided: Emitter = (onnx, node) => {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  const { begin, end, strides, dense } = stridedSlice(input.shape, node.attributes);
  const axes = onnx.integers(begin.map((_, axis) => axis));
  // A backward slice that reaches the first element ends before it, which ONNX writes as a very negative number.
  const ends = end.map((stop, axis) => ((strides[axis] ?? 1) < 0 && stop < 0 ? -(2 ** 31) : stop));
  const cut = onnx.op('Slice', [
    onnx.plain(input),
    onnx.integers(begin),
    onnx.integers(ends),
    axes,
    onnx.integers(strides),
  ]);
  onnx.define(output, sameShape(dense, output.shape) ? cut : onnx.reshape(cut, output.shape));
};

const reverse: Emitter = (onnx, node) => {
  const input = onlyInput(node);
  const dims = normalizeAxes(
    node.attributes.dims === undefined ? null : numbersOf(node.attributes, 'dims'),
    input.shape.length,
  );
  const all = (value: number): string => onnx.integers(dims.map(() => value));
  const backward =
    dims.length === 0
      ? onnx.plain(input)
      : onnx.op('Slice', [onnx.plain(input), all(-1), all(-(2 ** 31)), onnx.integers(dims), all(-1)]);
  onnx.define(onlyOutput(node), backward);
};

const broadcast: Emitter = (onnx, node) => {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  onnx.define(output, onnx.op('Expand', [onnx.plain(input), onnx.integers(output.shape)]));
};

/** Indices that count within batches are made to count within the whole. */
const gather: Emitter = (onnx, node) => {
  const [x, indices, output] = [inputAt(node, 'x'), inputAt(node, 'indices'), onlyOutput(node)];
  const axis = ownAxis(node, x.shape.length);
  const batchDims = numberOf(node.attributes, 'batchDims', 0);
  if (batchDims === 0) {
    onnx.define(output, onnx.op('Gather', [onnx.plain(x), onnx.plain(indices)], { axis }));
    return;
  }
  const batch = sizeOf(x.shape.slice(0, batchDims));
  const outer = sizeOf(x.shape.slice(batchDims, axis));
  const extent = axisSize(x.shape, axis);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const picks = sizeOf(indices.shape.slice(batchDims));
  // [batch, outer, extent, inner] -> rows of `inner`, one index a row
  const starts = Int32Array.from({ length: batch * outer }, (_, at) => at * extent);
  const offsets = onnx.initializer([batch, outer, 1], starts, 'int32');
  const rows = onnx.op('Add', [onnx.reshape(onnx.plain(indices), [batch, 1, picks]), offsets]);
  const flat = onnx.op('Gather', [onnx.reshape(onnx.plain(x), [batch * outer * extent, inner]), rows], {
    axis: 0,
  });
  onnx.define(output, onnx.reshape(flat, output.shape));
};

const wideIndices = (onnx: OnnxBuilder, value: Value): string =>
  onnx.op('Cast', [onnx.plain(value)], { to: ELEMENT_TYPE.int64 });

const scatter: Emitter = (onnx, node) => {
  const [indices, updates, output] = [inputAt(node, 'indices'), inputAt(node, 'updates'), onlyOutput(node)];
  const zeros = onnx.op('Expand', [onnx.scalar(0, updates.dtype), onnx.integers(output.shape)]);
  // Providers with limits keep to what they were compared in.
  if (output.shape.length === 1 && Object.keys(onnx.limits).length === 0) {
    // Number by number, on one thread: several of one place are summed in order.
    const places = onnx.reshape(wideIndices(onnx, indices), updates.shape);
    const operands = [zeros, places, onnx.plain(updates)];
    onnx.define(output, onnx.op('ScatterElements', operands, { axis: 0, reduction: 'add' }));
    return;
  }
  onnx.define(
    output,
    onnx.op('ScatterND', [zeros, wideIndices(onnx, indices), onnx.plain(updates)], { reduction: 'add' }),
  );
};

const oneHot: Emitter = (onnx, node) => {
  const [indices, output] = [onlyInput(node), onlyOutput(node)];
  const depth = numberOf(node.attributes, 'depth');
  const [on, off] = [numberOf(node.attributes, 'onValue', 1), numberOf(node.attributes, 'offValue', 0)];
  const classes = onnx.initializer(
    [depth],
    Int32Array.from({ length: depth }, (_, at) => at),
    'int32',
  );
  const number = onnx.op('Cast', [onnx.plain(indices)], { to: ELEMENT_TYPE.int32 });
  const hit = onnx.op('Equal', [onnx.reshape(number, [...indices.shape, 1]), classes]);
  const to = { to: ELEMENT_TYPE[output.dtype] };
  if ((on === 1 && off === 0) || output.dtype === 'bool') {
    onnx.define(output, onnx.op('Cast', [hit], to));
    return;
  }
  onnx.define(output, onnx.op('Where', [hit, onnx.scalar(on, output.dtype), onnx.scalar(off, output.dtype)]));
};

const fill: Emitter = (onnx, node) => {
  const output = onlyOutput(node);
  const number = numberOf(node.attributes, 'value');
  onnx.fill(output, number);
  const value = onnx.scalar(number, output.dtype);
  if (output.shape.length === 0) onnx.define(output, value);
  else
    onnx.define(
      output,
      onnx.memo(`fill${value}:${output.shape.join()}`, () =>
        onnx.op('Expand', [value, onnx.integers(output.shape)]),
      ),
    );
};

export const arrayEmitters: Readonly<Record<string, Emitter>> = {
  Reshape: reshape,
  ExpandDims: reshape,
  Concat: concat,
  Pack: pack,
  Unpack: unpack,
  SplitV: split,
  Slice: slice,
  StridedSlice: strided,
  Reverse: reverse,
  BroadcastTo: broadcast,
  Transpose: (onnx, node) =>
    onnx.define(
      onlyOutput(node),
      onnx.transpose(onnx.plain(onlyInput(node)), numbersOf(node.attributes, 'perm')),
    ),
  Tile: (onnx, node) =>
    onnx.define(
      onlyOutput(node),
      onnx.op('Tile', [onnx.plain(onlyInput(node)), onnx.integers(numbersOf(node.attributes, 'reps'))]),
    ),
  GatherV2: gather,
  GatherNd: (onnx, node) =>
    onnx.define(
      onlyOutput(node),
      onnx.op('GatherND', [onnx.plain(inputAt(node, 'params')), wideIndices(onnx, inputAt(node, 'indices'))]),
    ),
  ScatterNd: scatter,
  TensorScatterUpdate: (onnx, node) =>
    onnx.define(
      onlyOutput(node),
      onnx.op('ScatterND', [
        onnx.plain(inputAt(node, 'tensor')),
        wideIndices(onnx, inputAt(node, 'indices')),
        onnx.plain(inputAt(node, 'updates')),
      ]),
    ),
  OneHot: oneHot,
  Fill: fill,
};
