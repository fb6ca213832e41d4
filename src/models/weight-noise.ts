import { normal, randomStream } from '../random/random.ts';
import type { ModelGraph, Shape } from './description.ts';
import { parameterSpecs } from './parameters.ts';
import { sizeOf } from './shapes.ts';

/** Before the layer in the names of graphs' inputs. */
export const WEIGHT_NOISE = 'weightNoise/';

/** Shape of the noise that each layer with a distribution of weights takes as an input, by the layer's path. */
export function weightNoiseShapes(graph: ModelGraph): Record<string, Shape> {
  return Object.fromEntries(
    parameterSpecs(graph)
      .filter(({ role }) => role === 'spread')
      .map(({ name, shape }) => [name.slice(0, name.lastIndexOf('/')), shape]),
  );
}

/** Standard normal noise of one pass: the weights of a layer are one draw for a whole batch. A function of seed, instance and step alone. */
export function weightNoise(
  graph: ModelGraph,
  draw: { readonly seed: number; readonly instance: string; readonly step: number },
): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(weightNoiseShapes(graph)).map(([path, shape]) => {
      const stream = randomStream(draw.seed, `weightNoise/${draw.instance}/${path}`);
      return [path, normal(stream, draw.step, new Float32Array(sizeOf(shape)))];
    }),
  );
}
