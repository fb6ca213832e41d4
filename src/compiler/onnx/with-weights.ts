import type { NumericArray } from '../graph.ts';
import type { OnnxInitializer, OnnxModel, OnnxNode } from './model.ts';

/** A weight in whole numbers: `step · codes`. */
export interface CodedWeight {
  readonly codes: Int8Array;
  readonly step: number;
}

/**
 * A model that carries its weights: what was an input of one of these names is part of it. Coded ones are carried as int8
 * and multiplied by their step where the model begins.
 * @throws Error where a name is no input, or an operator is none of the standard's: only ONNX Runtime would know it
 */
export function withWeights(
  model: OnnxModel,
  weights: Readonly<Record<string, NumericArray>>,
  coded: Readonly<Record<string, CodedWeight>> = {},
): OnnxModel {
  const inputs = new Map(model.inputs.map((input) => [input.name, input]));
  const nodes: OnnxNode[] = [];
  const carried = Object.entries(weights).flatMap(([name, data]): OnnxInitializer[] => {
    const input = inputs.get(name);
    if (input === undefined) throw new Error(`${name} is no input of the model.`);
    const codes = coded[name];
    if (codes === undefined) return [{ ...input, data }];
    const own = { codes: `${name}/codes`, step: `${name}/step` };
    nodes.push({
      type: 'DequantizeLinear',
      domain: '',
      inputs: [own.codes, own.step],
      outputs: [name],
      attributes: {},
    });
    return [
      { name: own.codes, type: 'int8', shape: input.shape, data: codes.codes },
      { name: own.step, type: 'float32', shape: [], data: Float32Array.of(codes.step) },
    ];
  });
  const own = model.nodes.find(({ domain }) => domain !== '');
  if (own !== undefined) throw new Error(`${own.type} of ${own.domain} is no operator of standard ONNX.`);
  return {
    ...model,
    inputs: model.inputs.filter(({ name }) => weights[name] === undefined),
    initializers: [...model.initializers, ...carried],
    nodes: [...nodes, ...model.nodes],
  };
}
