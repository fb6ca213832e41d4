import type { ModelGraph } from './description.ts';

/** The named layers and everything they are computed from. */
export function ancestors(graph: ModelGraph, names: readonly string[]): ReadonlySet<string> {
  const needed = new Set(names);
  for (const layer of graph.layers.toReversed()) {
    if (needed.has(layer.path)) layer.inputs.forEach((input) => needed.add(input));
  }
  return needed;
}
