import type { GraphNode, StepGraph, Value } from '../../graph.ts';
import type { Pass } from '../../passes/pass.ts';
import { Editor } from '../../passes/rewrite.ts';
import { sameShape } from '../../shape.ts';

/** `dy · step(relu(x))` as TensorFlow's one operation for it. */
export const reluGradient: Pass = {
  name: 'relu-gradient',
  apply(graph: StepGraph): StepGraph {
    const editor = new Editor(graph);
    for (const node of graph.nodes) editor.append(fused(node, editor) ?? node);
    return { ...graph, nodes: editor.nodes };
  },
};

function fused(node: GraphNode, editor: Editor): GraphNode | null {
  const [a, b] = node.inputs;
  const [output] = node.outputs;
  if (node.kernel !== 'Multiply' || a === undefined || b === undefined || output?.dtype !== 'float32')
    return null;
  for (const [dy, slope] of [
    [a, b],
    [b, a],
  ] as const) {
    const features = steppedValue(slope, editor);
    if (features === null || !sameShape(dy.shape, slope.shape)) continue;
    return {
      ...node,
      kernel: 'ReluGrad',
      inputs: [dy, features],
      inputNames: ['gradients', 'features'],
      attributes: {},
    };
  }
  return null;
}

/** The value whose sign decides, where a value is its slope. */
function steppedValue(value: Value, editor: Editor): Value | null {
  const step = editor.producer(value);
  return step?.kernel === 'Step' && (step.attributes.alpha ?? 0) === 0 ? (step.inputs[0] ?? null) : null;
}
