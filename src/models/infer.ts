import { UserError } from '../protocol/errors.ts';
import { checkGraph } from './check.ts';
import type { ModelGraph, Shape } from './description.ts';
import { inferShape } from './shapes.ts';

/** Output shape of every layer by path. Throws `UserError`, naming the layer, where the model is not well formed. */
export function inferShapes(graph: ModelGraph): ReadonlyMap<string, Shape> {
  const [problem] = checkGraph(graph);
  if (problem !== undefined) throw new UserError(problem);
  const shapes = new Map<string, Shape>();
  for (const layer of graph.layers) {
    const inferred = inferShape(
      layer.operation,
      layer.inputs.map((input) => shapes.get(input) ?? []),
    );
    if ('shape' in inferred) shapes.set(layer.path, inferred.shape);
  }
  return shapes;
}
