import type { GraphNode } from '../graph.ts';
import type { TensorFlowBuilder } from './builder.ts';

/** Writes the TensorFlow form of one node: reads its inputs from the builder and defines its outputs there. */
export type Emitter = (graph: TensorFlowBuilder, node: GraphNode) => void;
