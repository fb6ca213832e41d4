import { evaluateNode, tensorFrom, valuesOf } from '../evaluate.ts';
import type { GraphNode, NumericArray, Value } from '../graph.ts';
import { tf, withBackend } from '../tfjs.ts';
import type { Pass } from './pass.ts';
import { elements, rewrite, type Editor } from './rewrite.ts';

/** Larger results cost more to store than to compute. */
const LARGEST = 1 << 14;

/** Computes what depends on nothing but constants once, on the reference backend. */
export const constantFolding: Pass = {
  name: 'constantFolding',
  apply: (graph) =>
    rewrite(graph, (node, editor) => {
      if (node.inputs.length === 0 || node.outputs.some((output) => elements(output) > LARGEST)) return null;
      const inputs = node.inputs.map((input) => known(input, editor));
      return inputs.every((data) => data !== null) ? evaluated(node, inputs, editor) : null;
    }),
};

function known(value: Value, editor: Editor): NumericArray | null {
  const data = editor.data(value);
  if (data !== null || elements(value) > LARGEST) return data;
  const number = editor.scalar(value);
  if (number === null) return null;
  const kind = value.dtype === 'float32' ? Float32Array : value.dtype === 'int32' ? Int32Array : Uint8Array;
  return new kind(elements(value)).fill(number);
}

function evaluated(node: GraphNode, inputs: readonly NumericArray[], editor: Editor): readonly Value[] {
  const results = withBackend('cpu', () =>
    tf.tidy(() => {
      const tensors = node.inputs.map((input, at) => tensorFrom(input, inputs[at] ?? new Float32Array()));
      return evaluateNode(node, tensors).map(valuesOf);
    }),
  );
  return node.outputs.map((output, at) => editor.constant(output, results[at] ?? new Float32Array()));
}
