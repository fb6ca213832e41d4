import type { GraphNode } from '../graph.ts';
import type { OnnxBuilder } from './builder.ts';

export { inputAt, onlyInput, onlyOutput, optionalInput } from '../node-access.ts';

/** Writes the ONNX form of one node: reads its inputs from the builder and defines its outputs there. */
export type Emitter = (onnx: OnnxBuilder, node: GraphNode) => void;
