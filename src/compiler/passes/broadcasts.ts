import type { GraphNode, Value } from '../graph.ts';
import { axisSize, broadcastShape, sameShape } from '../shape.ts';
import type { Pass } from './pass.ts';
import { elements, rewrite, type Editor } from './rewrite.ts';

/** Kernels of TensorFlow.js that broadcast their operands by themselves. */
const BROADCASTING = new Set([
  'Add', 'Sub', 'Multiply', 'RealDiv', 'FloorDiv', 'Maximum', 'Minimum', 'Mod', 'Pow', 'SquaredDifference', 'Atan2',
  'Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr',
]); // prettier-ignore
const UNARY = new Set([
  'Neg',
  'Exp',
  'Log',
  'Sqrt',
  'Rsqrt',
  'Square',
  'Abs',
  'Sigmoid',
  'Tanh',
  'Relu',
  'Step',
  'Cast',
  'Reciprocal',
  'Sign',
]);

/**
 * Keeps repeated numbers unrepeated: arithmetic reads the source of a broadcast, and where all operands were broadcast it
 * is done on the small tensors and its result broadcast. Gradients of sums and means are full of both.
 */
export const broadcasts: Pass = {
  name: 'broadcasts',
  apply: (graph) =>
    rewrite(graph, (node, editor) => {
      if (node.kernel === 'Tile') return tile(node, editor);
      if (!BROADCASTING.has(node.kernel) && !UNARY.has(node.kernel)) return null;
      const [output] = node.outputs;
      const sources = node.inputs.map((input) => sourceOf(input, editor));
      if (output === undefined || sources.every((source, at) => source === node.inputs[at])) return null;
      const small = editor.emit(node, node.kernel, sources, node.inputNames, node.attributes);
      const shape = broadcastShape(sources.map((source) => source.shape));
      if (sameShape(shape, output.shape)) return [small];
      return [editor.emit(node, 'BroadcastTo', [small], ['x'], { shape: output.shape })];
    }),
};

/** What a value repeats, or the value itself. */
function sourceOf(value: Value, editor: Editor): Value {
  const producer = editor.producer(value);
  if (producer === null) return value;
  if (producer.kernel === 'BroadcastTo') return producer.inputs[0] ?? value;
  if (producer.kernel !== 'Fill' || elements(value) === 1) return value;
  const number = editor.scalar(value);
  if (number === null) return value;
  const kind = value.dtype === 'float32' ? Float32Array : value.dtype === 'int32' ? Int32Array : Uint8Array;
  return editor.constant({ shape: [], dtype: value.dtype }, kind.of(number));
}

/** Repeating axes of size one is a broadcast. */
function tile(node: GraphNode, editor: Editor): readonly Value[] | null {
  const [input] = node.inputs;
  const [output] = node.outputs;
  if (input === undefined || output === undefined) return null;
  const repeatsOnes = input.shape.every((size, axis) => size === 1 || size === axisSize(output.shape, axis));
  return repeatsOnes ? [editor.emit(node, 'BroadcastTo', [input], ['x'], { shape: output.shape })] : null;
}
