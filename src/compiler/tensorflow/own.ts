import { numberOf } from '../attributes.ts';
import { inputAt, onlyOutput } from '../node-access.ts';
import type { Emitter } from './emit.ts';
import { flag, float, type } from './model.ts';
import type { GraphNode } from '../graph.ts';

const T = { T: type('float32') };

const training = (node: GraphNode) => ({
  ...T,
  U: type('float32'),
  epsilon: float(numberOf(node.attributes, 'epsilon')),
  is_training: flag(true),
});

/** TensorFlow's own operations, which only the passes of this lowering write into a step. */
export const ownEmitters: Readonly<Record<string, Emitter>> = {
  ReluGrad: (graph, node) => {
    const operands = ['gradients', 'features'].map((name) => graph.of(inputAt(node, name)));
    graph.define(onlyOutput(node), graph.op('ReluGrad', operands, T));
  },
  FusedBatchNormV3: (graph, node) => {
    // Given statistics are for inference.
    const none = graph.empty();
    const operands = ['x', 'scale', 'offset'].map((name) => graph.of(inputAt(node, name)));
    graph.defineAll(node.outputs, graph.op('FusedBatchNormV3', [...operands, none, none], training(node)));
  },
  FusedBatchNormGradV3: (graph, node) => {
    const operands = node.inputs.map((input) => graph.of(input));
    graph.defineAll(node.outputs, graph.op('FusedBatchNormGradV3', operands, training(node)));
  },
};
