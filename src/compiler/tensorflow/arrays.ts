import { numberOf, numbersOf, pairsOf, textOf } from '../attributes.ts';
import type { GraphNode } from '../graph.ts';
import { sliceRange, splitSizes, stridedSlice } from '../kernels/arrays.ts';
import { inputAt, onlyInput, onlyOutput } from '../node-access.ts';
import { normalizeAxes, sameShape } from '../shape.ts';
import type { Emitter } from './emit.ts';
import { int, text, type } from './model.ts';

const reshape: Emitter = (graph, node) => {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  const name = graph.of(input);
  graph.define(
    output,
    sameShape(input.shape, output.shape) ? name : graph.reshape(name, input.dtype, output.shape),
  );
};

function ownAxis(node: GraphNode, rank: number): number {
  const axis = numberOf(node.attributes, 'axis', 0);
  return axis < 0 ? axis + rank : axis;
}

/** An operation of the first input and a list of integers. */
function withIntegers(op: string, list: (node: GraphNode) => readonly number[], attribute: string): Emitter {
  return (graph, node) => {
    const input = onlyInput(node);
    const attributes = { T: type(input.dtype), [attribute]: type('int32') };
    graph.define(onlyOutput(node), graph.op(op, [graph.of(input), graph.integers(list(node))], attributes));
  };
}

const concat: Emitter = (graph, node) => {
  const output = onlyOutput(node);
  const names = node.inputs.map((input) => graph.of(input));
  const [first = ''] = names;
  const axis = graph.integer(ownAxis(node, output.shape.length));
  const attributes = { T: type(output.dtype), N: int(names.length), Tidx: type('int32') };
  graph.define(output, names.length === 1 ? first : graph.op('ConcatV2', [...names, axis], attributes));
};

const pack: Emitter = (graph, node) => {
  const output = onlyOutput(node);
  const names = node.inputs.map((input) => graph.of(input));
  const attributes = {
    T: type(output.dtype),
    N: int(names.length),
    axis: int(ownAxis(node, output.shape.length)),
  };
  graph.define(output, graph.op('Pack', names, attributes));
};

const unpack: Emitter = (graph, node) => {
  const input = onlyInput(node);
  const attributes = {
    T: type(input.dtype),
    num: int(node.outputs.length),
    axis: int(ownAxis(node, input.shape.length)),
  };
  graph.defineAll(node.outputs, graph.op('Unpack', [graph.of(input)], attributes));
};

const split: Emitter = (graph, node) => {
  const input = onlyInput(node);
  const { axis, sizes } = splitSizes(node);
  const operands = [graph.of(input), graph.integers(sizes), graph.integer(axis)];
  const attributes = { T: type(input.dtype), Tlen: type('int32'), num_split: int(sizes.length) };
  graph.defineAll(node.outputs, graph.op('SplitV', operands, attributes));
};

const slice: Emitter = (graph, node) => {
  const { begin, size } = sliceRange(node);
  const input = onlyInput(node);
  graph.define(onlyOutput(node), graph.slice(graph.of(input), input.dtype, begin, size));
};

const strided: Emitter = (graph, node) => {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  const { begin, end, strides, dense } = stridedSlice(input.shape, node.attributes);
  // A backward slice that reaches the first element ends before it, where only a mask can point.
  const open = end.map((stop, axis) => ((strides[axis] ?? 1) < 0 && stop < 0 ? 2 ** axis : 0));
  const operands = [graph.of(input), ...[begin, end, strides].map((list) => graph.integers(list))];
  const cut = graph.op('StridedSlice', operands, {
    T: type(input.dtype),
    Index: type('int32'),
    end_mask: int(open.reduce((mask, bit) => mask + bit, 0)),
  });
  graph.define(output, sameShape(dense, output.shape) ? cut : graph.reshape(cut, input.dtype, output.shape));
};

const gather: Emitter = (graph, node) => {
  const [x, indices] = [inputAt(node, 'x'), inputAt(node, 'indices')];
  const operands = [graph.of(x), graph.of(indices), graph.integer(ownAxis(node, x.shape.length))];
  graph.define(
    onlyOutput(node),
    graph.op('GatherV2', operands, {
      Tparams: type(x.dtype),
      Tindices: type(indices.dtype),
      Taxis: type('int32'),
      batch_dims: int(numberOf(node.attributes, 'batchDims', 0)),
    }),
  );
};

const gatherNd: Emitter = (graph, node) => {
  const [params, indices] = [inputAt(node, 'params'), inputAt(node, 'indices')];
  const attributes = { Tparams: type(params.dtype), Tindices: type(indices.dtype) };
  graph.define(onlyOutput(node), graph.op('GatherNd', [graph.of(params), graph.of(indices)], attributes));
};

const scatter: Emitter = (graph, node) => {
  const [indices, updates, output] = [inputAt(node, 'indices'), inputAt(node, 'updates'), onlyOutput(node)];
  const operands = [graph.of(indices), graph.of(updates), graph.integers(output.shape)];
  const attributes = { T: type(updates.dtype), Tindices: type(indices.dtype) };
  graph.define(output, graph.op('ScatterNd', operands, attributes));
};

const scatterUpdate: Emitter = (graph, node) => {
  const [tensor, indices, updates] = [
    inputAt(node, 'tensor'),
    inputAt(node, 'indices'),
    inputAt(node, 'updates'),
  ];
  const operands = [graph.of(tensor), graph.of(indices), graph.of(updates)];
  const attributes = { T: type(tensor.dtype), Tindices: type(indices.dtype) };
  graph.define(onlyOutput(node), graph.op('TensorScatterUpdate', operands, attributes));
};

const oneHot: Emitter = (graph, node) => {
  const [indices, output] = [onlyInput(node), onlyOutput(node)];
  const [on, off] = [numberOf(node.attributes, 'onValue', 1), numberOf(node.attributes, 'offValue', 0)];
  const operands = [
    graph.cast(graph.of(indices), indices.dtype, 'int32'),
    graph.integer(numberOf(node.attributes, 'depth')),
    graph.scalar(on, output.dtype),
    graph.scalar(off, output.dtype),
  ];
  graph.define(
    output,
    graph.op('OneHot', operands, { T: type(output.dtype), TI: type('int32'), axis: int(-1) }),
  );
};

const fill: Emitter = (graph, node) => {
  const output = onlyOutput(node);
  const value = graph.scalar(numberOf(node.attributes, 'value'), output.dtype);
  const attributes = { T: type(output.dtype), index_type: type('int32') };
  graph.define(
    output,
    output.shape.length === 0 ? value : graph.op('Fill', [graph.integers(output.shape), value], attributes),
  );
};

const pad: Emitter = (graph, node) => {
  const input = onlyInput(node);
  const value = numberOf(node.attributes, 'constantValue', 0);
  const paddings = pairsOf(node.attributes, 'paddings');
  graph.define(onlyOutput(node), graph.pad(graph.of(input), input.dtype, paddings, value));
};

const mirrorPad: Emitter = (graph, node) => {
  const input = onlyInput(node);
  const operands = [graph.of(input), graph.pairs(pairsOf(node.attributes, 'paddings'))];
  const mode = text(textOf(node.attributes, 'mode') === 'reflect' ? 'REFLECT' : 'SYMMETRIC');
  graph.define(onlyOutput(node), graph.op('MirrorPad', operands, { T: type(input.dtype), mode }));
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
  Reverse: withIntegers(
    'ReverseV2',
    (node) => {
      const rank = onlyInput(node).shape.length;
      return normalizeAxes(
        node.attributes.dims === undefined ? null : numbersOf(node.attributes, 'dims'),
        rank,
      );
    },
    'Tidx',
  ),
  BroadcastTo: withIntegers('BroadcastTo', (node) => onlyOutput(node).shape, 'Tidx'),
  Transpose: withIntegers('Transpose', (node) => numbersOf(node.attributes, 'perm'), 'Tperm'),
  Tile: withIntegers('Tile', (node) => numbersOf(node.attributes, 'reps'), 'Tmultiples'),
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatter,
  TensorScatterUpdate: scatterUpdate,
  OneHot: oneHot,
  Fill: fill,
  PadV2: pad,
  MirrorPad: mirrorPad,
};
