import { randomStream, uniform } from '../random/random.ts';
import type { ModelGraph, Shape } from './description.ts';
import { inferShapes } from './infer.ts';
import { sizeOf } from './shapes.ts';

/** Shape of the mask that each dropout layer takes as an input, batch first, by the layer's path. */
export function dropoutMaskShapes(graph: ModelGraph, batch: number): Record<string, Shape> {
  const shapes = inferShapes(graph);
  return Object.fromEntries(
    graph.layers
      .filter((layer) => layer.operation.kind === 'dropout')
      .map((layer) => [layer.path, [batch, ...(shapes.get(layer.path) ?? [])]]),
  );
}

/**
 * Masks of one training step: 0 with probability `rate`, else 1 / (1 - rate), so that the expected activation stays.
 * A function of seed, instance and step alone.
 */
export function dropoutMasks(
  graph: ModelGraph,
  batch: number,
  draw: { readonly seed: number; readonly instance: string; readonly step: number },
): Record<string, Float32Array> {
  const rates = new Map(
    graph.layers.map((layer) => [layer.path, layer.operation.kind === 'dropout' ? layer.operation.rate : 0]),
  );
  return Object.fromEntries(
    Object.entries(dropoutMaskShapes(graph, batch)).map(([path, shape]) => {
      const rate = rates.get(path) ?? 0;
      const stream = randomStream(draw.seed, `dropout/${draw.instance}/${path}`);
      const mask = uniform(stream, draw.step, new Float32Array(sizeOf(shape)));
      return [path, mask.map((value) => (value < rate ? 0 : 1 / (1 - rate)))];
    }),
  );
}
