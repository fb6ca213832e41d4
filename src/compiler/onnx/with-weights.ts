import type { NumericArray } from '../graph.ts';
import type { OnnxModel } from './model.ts';

/**
 * A model that carries its weights: what was an input of one of these names is part of it.
 * @throws Error where a name is no input, or an operator is none of the standard's: only ONNX Runtime would know it
 */
export function withWeights(model: OnnxModel, weights: Readonly<Record<string, NumericArray>>): OnnxModel {
  const inputs = new Map(model.inputs.map((input) => [input.name, input]));
  const carried = Object.entries(weights).map(([name, data]) => {
    const input = inputs.get(name);
    if (input === undefined) throw new Error(`${name} is no input of the model.`);
    return { ...input, data };
  });
  const own = model.nodes.find(({ domain }) => domain !== '');
  if (own !== undefined) throw new Error(`${own.type} of ${own.domain} is no operator of standard ONNX.`);
  return {
    ...model,
    inputs: model.inputs.filter(({ name }) => weights[name] === undefined),
    initializers: [...model.initializers, ...carried],
  };
}
