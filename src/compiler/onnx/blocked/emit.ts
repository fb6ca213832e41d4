import type { GraphNode } from '../../graph.ts';
import type { OnnxBuilder } from '../builder.ts';
import type { BlockedMaps } from './maps.ts';

/** Writes one node in blocks, or says that the plain form must. */
export type BlockedEmitter = (onnx: OnnxBuilder, maps: BlockedMaps, node: GraphNode) => boolean;
