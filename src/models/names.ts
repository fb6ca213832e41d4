import { didYouMean } from '../schema/suggest.ts';
import type { Layer, ModelGraph } from './description.ts';
import { modelError } from './problems.ts';

/** Every name a layer can be called by: stages and other short names first, then the paths in order. */
export function layerNames(graph: ModelGraph): string[] {
  return [...new Set([...Object.keys(graph.aliases), ...graph.layers.map((layer) => layer.path)])];
}

/** The layer that a path or a short name means, or null. */
export function findLayer(graph: ModelGraph, name: string): Layer | null {
  const path = Object.hasOwn(graph.aliases, name) ? graph.aliases[name] : name;
  return graph.layers.find((layer) => layer.path === path) ?? null;
}

/** The layer that a path or a short name means. Throws `UserError` with suggestions where there is none. */
export function resolveLayer(graph: ModelGraph, name: string): Layer {
  const layer = findLayer(graph, name);
  if (layer !== null) return layer;
  throw modelError(
    'unknownLayer',
    `layer "${name}" does not exist in ${graph.architecture}${didYouMean(name, layerNames(graph))}`,
    `Use one of: ${mainNames(graph).join(', ')}, or a path such as ${graph.logits}.`,
  );
}

/** The short names that are no paths: stages and ends. */
function mainNames(graph: ModelGraph): string[] {
  return Object.keys(graph.aliases).filter((name) => !name.includes('.'));
}
