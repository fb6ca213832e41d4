import type { Layer, ModelGraph } from './description.ts';
import { findLayer } from './names.ts';

/** The batch norm that yields a layer: itself, or for the sum of a residual block that of its first branch that has one; else null. */
export function batchNormOf(graph: ModelGraph, layer: Layer): Layer | null {
  if (layer.operation.kind === 'batchNorm') return layer;
  if (layer.operation.kind !== 'add') return null;
  for (const input of layer.inputs) {
    const before = findLayer(graph, input);
    if (before?.operation.kind === 'batchNorm') return before;
  }
  return null;
}
