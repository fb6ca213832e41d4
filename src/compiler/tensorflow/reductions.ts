import { flagOf, numberOf } from '../attributes.ts';
import type { DType } from '../graph.ts';
import { reductionAxes } from '../kernels/reductions.ts';
import { inputAt, onlyInput, onlyOutput } from '../node-access.ts';
import { sizeOf } from '../shape.ts';
import type { Emitter } from './emit.ts';
import { flag, type } from './model.ts';

/** A reduction over axes on operands of type `on`. */
function reduce(op: string, on: (own: DType) => DType): Emitter {
  return (graph, node) => {
    const [input, output] = [onlyInput(node), onlyOutput(node)];
    const work = on(input.dtype);
    const operand = graph.cast(graph.of(input), input.dtype, work);
    const attributes = {
      ...(work === 'bool' ? {} : { T: type(work) }),
      Tidx: type('int32'),
      keep_dims: flag(flagOf(node.attributes, 'keepDims')),
    };
    const result = graph.op(op, [operand, graph.integers(reductionAxes(node))], attributes);
    graph.define(output, graph.cast(result, work, output.dtype));
  };
}

const countable = (own: DType): DType => (own === 'bool' ? 'int32' : own);

function position(op: string): Emitter {
  return (graph, node) => {
    const input = onlyInput(node);
    const on = countable(input.dtype);
    const operands = [
      graph.cast(graph.of(input), input.dtype, on),
      graph.integer(numberOf(node.attributes, 'axis', 0)),
    ];
    const attributes = { T: type(on), Tidx: type('int32'), output_type: type('int32') };
    graph.define(onlyOutput(node), graph.op(op, operands, attributes));
  };
}

/** Over the last axis, the only one that TensorFlow.js asks for. */
function alongLastAxis(op: string): Emitter {
  return (graph, node) => {
    const input = inputAt(node, 'logits');
    const operand = graph.cast(graph.of(input), input.dtype, 'float32');
    const result = graph.op(op, [operand], { T: type('float32') });
    graph.define(onlyOutput(node), graph.cast(result, 'float32', onlyOutput(node).dtype));
  };
}

const cumulativeSum: Emitter = (graph, node) => {
  const input = onlyInput(node);
  const on = countable(input.dtype);
  const operands = [
    graph.cast(graph.of(input), input.dtype, on),
    graph.integer(numberOf(node.attributes, 'axis', 0)),
  ];
  const result = graph.op('Cumsum', operands, {
    T: type(on),
    Tidx: type('int32'),
    exclusive: flag(flagOf(node.attributes, 'exclusive')),
    reverse: flag(flagOf(node.attributes, 'reverse')),
  });
  graph.define(onlyOutput(node), graph.cast(result, on, onlyOutput(node).dtype));
};

const topK: Emitter = (graph, node) => {
  const input = onlyInput(node);
  const operands = [graph.of(input), graph.integer(numberOf(node.attributes, 'k'))];
  const values = graph.op('TopKV2', operands, { T: type(input.dtype), sorted: flag(true) });
  const [valueOut, positionOut] = node.outputs;
  if (valueOut !== undefined) graph.define(valueOut, values);
  if (positionOut !== undefined) graph.define(positionOut, `${values}:1`);
};

/** Rows of `x` summed into the row that their segment names. Segments that do not exist count nowhere: TensorFlow takes −1 for that. */
const segmentSum: Emitter = (graph, node) => {
  const [x, ids, output] = [inputAt(node, 'x'), inputAt(node, 'segmentIds'), onlyOutput(node)];
  const [rows, segments] = [sizeOf(ids.shape), graph.integer(numberOf(node.attributes, 'numSegments'))];
  const segment = graph.reshape(graph.of(ids), ids.dtype, [rows]);
  const exists = graph.op('Less', [segment, segments], { T: type('int32') });
  const operands = [
    graph.reshape(graph.of(x), x.dtype, [rows, ...output.shape.slice(1)]),
    graph.op('SelectV2', [exists, segment, graph.integer(-1)], { T: type('int32') }),
    segments,
  ];
  const attributes = { T: type(x.dtype), Tindices: type('int32'), Tnumsegments: type('int32') };
  graph.define(output, graph.op('UnsortedSegmentSum', operands, attributes));
};

export const reductionEmitters: Readonly<Record<string, Emitter>> = {
  Sum: reduce('Sum', countable),
  Prod: reduce('Prod', countable),
  Mean: reduce('Mean', () => 'float32'),
  Max: reduce('Max', countable),
  Min: reduce('Min', countable),
  All: reduce('All', () => 'bool'),
  Any: reduce('Any', () => 'bool'),
  ArgMax: position('ArgMax'),
  ArgMin: position('ArgMin'),
  Softmax: alongLastAxis('Softmax'),
  LogSoftmax: alongLastAxis('LogSoftmax'),
  Cumsum: cumulativeSum,
  TopK: topK,
  UnsortedSegmentSum: segmentSum,
};
