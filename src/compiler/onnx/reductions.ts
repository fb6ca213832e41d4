import { flagOf, numberOf, pairsOf, textOf } from '../attributes.ts';
import type { GraphNode, Value } from '../graph.ts';
import { reductionAxes } from '../kernels/reductions.ts';
import { axisSize, sizeOf } from '../shape.ts';
import { channelsFirstAxis, type OnnxBuilder } from './builder.ts';
import { inputAt, onlyInput, onlyOutput, type Emitter } from './emit.ts';
import { ELEMENT_TYPE } from './model.ts';

/** Sums, means and extremes over axes, in whichever layout the operand is. */
function reduce(type: string): Emitter {
  return (onnx, node) => {
    const [input, output] = [onlyInput(node), onlyOutput(node)];
    const axes = reductionAxes(node);
    const keepDims = flagOf(node.attributes, 'keepDims');
    const { name, channelsFirst } = reductionOperand(onnx, input, axes, keepDims);
    const operand = castFor(onnx, name, input, type === 'ReduceMean' ? 'float32' : output.dtype);
    if (axes.length === 0) {
      onnx.defineEither(output, operand, channelsFirst);
      return;
    }
    const list = (channelsFirst ? axes.map(channelsFirstAxis) : axes).toSorted((a, b) => a - b);
    const result = onnx.op(type, [operand, onnx.integers(list)], { keepdims: keepDims ? 1 : 0 });
    onnx.defineEither(output, result, channelsFirst && (keepDims || axes.length === 0));
  };
}

/** Channels-first maps are reduced as they are where the remaining axes keep their order. */
function reductionOperand(
  onnx: OnnxBuilder,
  input: Value,
  axes: readonly number[],
  keepDims: boolean,
): { name: string; channelsFirst: boolean } {
  const remaining = [0, 1, 2, 3].filter((axis) => !axes.includes(axis)).map(channelsFirstAxis);
  const ordered = remaining.every((axis, at) => at === 0 || axis > (remaining[at - 1] ?? -1));
  if (input.shape.length === 4 && onnx.prefersChannelsFirst(input) && (keepDims || ordered)) {
    return { name: onnx.channelsFirst(input), channelsFirst: true };
  }
  return { name: onnx.plain(input), channelsFirst: false };
}

function castFor(onnx: OnnxBuilder, name: string, input: Value, dtype: Value['dtype']): string {
  return input.dtype === dtype ? name : onnx.op('Cast', [name], { to: ELEMENT_TYPE[dtype] });
}

/** Booleans have no maximum in ONNX: all and any are the least and the greatest of zeros and ones. */
function reduceLogical(type: string): Emitter {
  return (onnx, node) => {
    const axes = reductionAxes(node);
    const numbers = onnx.op('Cast', [onnx.plain(onlyInput(node))], { to: ELEMENT_TYPE.int32 });
    const keepdims = flagOf(node.attributes, 'keepDims') ? 1 : 0;
    const result = axes.length === 0 ? numbers : onnx.op(type, [numbers, onnx.integers(axes)], { keepdims });
    onnx.define(onlyOutput(node), onnx.op('Cast', [result], { to: ELEMENT_TYPE.bool }));
  };
}

function position(type: string): Emitter {
  return (onnx, node) => {
    const input = onlyInput(node);
    const axis = numberOf(node.attributes, 'axis', 0);
    const found = onnx.op(type, [onnx.plain(input)], {
      axis: axis < 0 ? axis + input.shape.length : axis,
      keepdims: 0,
    });
    onnx.define(onlyOutput(node), onnx.op('Cast', [found], { to: ELEMENT_TYPE.int32 }));
  };
}

function lastAxis(type: string, name: string, attribute: string): Emitter {
  return (onnx, node) => {
    const input = inputAt(node, name);
    const axis = numberOf(node.attributes, attribute, -1);
    onnx.define(
      onlyOutput(node),
      onnx.op(type, [onnx.plain(input)], { axis: axis < 0 ? axis + input.shape.length : axis }),
    );
  };
}

const cumulativeSum: Emitter = (onnx, node) => {
  const input = onlyInput(node);
  const axis = numberOf(node.attributes, 'axis', 0);
  const flags = {
    exclusive: flagOf(node.attributes, 'exclusive') ? 1 : 0,
    reverse: flagOf(node.attributes, 'reverse') ? 1 : 0,
  };
  onnx.define(
    onlyOutput(node),
    onnx.op(
      'CumSum',
      [
        castFor(onnx, onnx.plain(input), input, onlyOutput(node).dtype),
        onnx.integer(axis < 0 ? axis + input.shape.length : axis),
      ],
      flags,
    ),
  );
};

const topK: Emitter = (onnx, node) => {
  const input = onlyInput(node);
  const k = onnx.integers([numberOf(node.attributes, 'k')]);
  const [values = '', positions = ''] = onnx.many('TopK', [onnx.plain(input), k], 2, {
    axis: input.shape.length - 1,
    largest: 1,
    sorted: 1,
  });
  const [valueOut, positionOut] = node.outputs;
  if (valueOut !== undefined) onnx.define(valueOut, values);
  if (positionOut !== undefined)
    onnx.define(positionOut, onnx.op('Cast', [positions], { to: ELEMENT_TYPE.int32 }));
};

/** Rows of `x` summed into the row that their segment names; those whose segment does not exist count nowhere. */
const segmentSum: Emitter = (onnx, node) => {
  const [x, ids, output] = [inputAt(node, 'x'), inputAt(node, 'segmentIds'), onlyOutput(node)];
  const [rows, segments] = [sizeOf(ids.shape), axisSize(output.shape, 0)];
  const inner = output.shape.slice(1);
  const segment = onnx.plain(ids);
  const exists = onnx.op('And', [
    onnx.op('GreaterOrEqual', [segment, onnx.scalar(0, 'int32')]),
    onnx.op('Less', [segment, onnx.scalar(segments, 'int32')]),
  ]);
  const place = onnx.op('Where', [exists, segment, onnx.scalar(0, 'int32')]);
  const indices = onnx.op('Cast', [onnx.reshape(place, [rows, 1])], { to: ELEMENT_TYPE.int64 });
  const updates = onnx.op('Where', [
    onnx.reshape(exists, [rows, ...inner.map(() => 1)]),
    onnx.reshape(onnx.plain(x), [rows, ...inner]),
    onnx.scalar(0, x.dtype),
  ]);
  const zeros = onnx.op('Expand', [onnx.scalar(0, x.dtype), onnx.integers(output.shape)]);
  onnx.define(output, onnx.op('ScatterND', [zeros, indices, updates], { reduction: 'add' }));
};

/** Pads a map in whichever layout it is. */
function pad(node: GraphNode, onnx: OnnxBuilder, mode: 'constant' | 'reflect' | 'symmetric'): void {
  const [input, output] = [onlyInput(node), onlyOutput(node)];
  const paddings = pairsOf(node.attributes, 'paddings');
  const { name, channelsFirst } = onnx.either(input);
  if (mode === 'symmetric') {
    onnx.define(output, symmetricPad(onnx, onnx.plain(input), input, paddings));
    return;
  }
  const order = channelsFirst ? [0, 3, 1, 2] : input.shape.map((_, axis) => axis);
  const pads = [0, 1].flatMap((side) => order.map((axis) => paddings[axis]?.[side] ?? 0));
  const operands = [name, onnx.integers(pads)];
  if (mode === 'constant')
    operands.push(onnx.scalar(numberOf(node.attributes, 'constantValue', 0), input.dtype));
  onnx.defineEither(output, onnx.op('Pad', operands, { mode }), channelsFirst);
}

/** Mirrors with the edge repeated, which ONNX's reflection leaves out: an index list an axis. */
function symmetricPad(
  onnx: OnnxBuilder,
  name: string,
  input: Value,
  paddings: readonly (readonly [number, number])[],
): string {
  return paddings.reduce((source, [before, after], axis) => {
    if (before === 0 && after === 0) return source;
    const size = axisSize(input.shape, axis);
    const mirrored = Array.from({ length: before + size + after }, (_, at) => {
      const from = at - before;
      return from < 0 ? -from - 1 : from >= size ? 2 * size - 1 - from : from;
    });
    return onnx.op('Gather', [source, onnx.integers(mirrored)], { axis });
  }, name);
}

export const reductionEmitters: Readonly<Record<string, Emitter>> = {
  Sum: reduce('ReduceSum'),
  Mean: reduce('ReduceMean'),
  Max: reduce('ReduceMax'),
  Min: reduce('ReduceMin'),
  Prod: reduce('ReduceProd'),
  All: reduceLogical('ReduceMin'),
  Any: reduceLogical('ReduceMax'),
  ArgMax: position('ArgMax'),
  ArgMin: position('ArgMin'),
  Softmax: lastAxis('Softmax', 'logits', 'dim'),
  Cumsum: cumulativeSum,
  TopK: topK,
  UnsortedSegmentSum: segmentSum,
  PadV2: (onnx, node) => pad(node, onnx, 'constant'),
  MirrorPad: (onnx, node) =>
    pad(node, onnx, textOf(node.attributes, 'mode') === 'reflect' ? 'reflect' : 'symmetric'),
};
