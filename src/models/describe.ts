import type { Layer, LayerDescription, ModelDescription, ModelGraph, Shape } from './description.ts';
import { inferShapes } from './infer.ts';
import { operationParameters } from './parameters.ts';
import { sizeOf } from './shapes.ts';

/**
 * Shapes, trainable parameters and multiply-adds of a model, without running it.
 * Multiply-adds are those of convolutions and dense layers for one sample, as papers on compact networks count them;
 * a bias, a normalisation or an activation counts nothing.
 * Throws `UserError`, naming the layer, where the model is not well formed.
 */
export function describe(graph: ModelGraph): ModelDescription {
  const shapes = inferShapes(graph);
  const layers = graph.layers.map((layer) => describeLayer(layer, shapes));
  return {
    layers,
    parameters: layers.reduce((sum, layer) => sum + layer.parameters, 0),
    multiplyAdds: layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0),
    classes: shapes.get(graph.logits)?.[0] ?? 0,
    inputShape: shapes.get(graph.input) ?? [],
  };
}

function describeLayer(layer: Layer, shapes: ReadonlyMap<string, Shape>): LayerDescription {
  const shape = shapes.get(layer.path) ?? [];
  const input = shapes.get(layer.inputs[0] ?? '') ?? [];
  const specs = operationParameters(layer.path, layer.operation, input);
  const kernel = specs.find((spec) => spec.role === 'kernel');
  // Every weight of a convolution is used once at each output position; a dense weight once.
  const positions = shape.length === 3 ? sizeOf(shape.slice(0, 2)) : 1;
  return {
    path: layer.path,
    kind: layer.operation.kind,
    shape,
    parameters: specs
      .filter((spec) => spec.trainable && layer.frozen !== true)
      .reduce((sum, spec) => sum + sizeOf(spec.shape), 0),
    multiplyAdds: kernel === undefined ? 0 : sizeOf(kernel.shape) * positions,
  };
}
