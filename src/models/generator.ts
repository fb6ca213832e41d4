import type { ModelGraph, Shape } from './description.ts';
import { GraphBuilder } from './zoo/graph-builder.ts';

/**
 * A network that makes images from noise, after the generator of Chen et al. 2019 (DAFL), for any image size:
 *
 *     dense -> [H/4, W/4, f] -> bn -> resize x2 -> conv 3x3 (f) -> bn -> leaky ReLU
 *           -> resize to [H, W] -> conv 3x3 (f/2) -> bn -> leaky ReLU -> conv 3x3 (channels) -> tanh -> bn
 *
 * The last normalisation brings images near the mean 0 and deviation 1 of normalised data.
 *
 * @param image `[height, width, channels]`
 * @param latent length of the noise
 * @param filters of the first convolution
 */
export function generatorGraph(image: Shape, latent: number, filters: number): ModelGraph {
  const [height = 1, width = 1, channels = 1] = image;
  const quarter = [Math.ceil(height / 4), Math.ceil(width / 4)] as const;
  const half = [Math.ceil(height / 2), Math.ceil(width / 2)] as const;
  const graph = new GraphBuilder([latent]);
  const leaky = (path: string, input: string): string =>
    graph.add(path, { kind: 'activation', function: 'leakyRelu' }, input);
  const seed = graph.dense('seed.fc', graph.input, quarter[0] * quarter[1] * filters);
  const map = graph.add('seed.map', { kind: 'reshape', shape: [...quarter, filters] }, seed);
  let x = graph.batchNorm('seed.bn', map);
  const stages = [
    { size: half, filters },
    { size: [height, width] as const, filters: Math.max(1, filters >> 1) },
  ];
  for (const [index, stage] of stages.entries()) {
    const path = `stage${index + 1}`;
    const larger = graph.add(`${path}.resize`, { kind: 'resize', size: stage.size }, x);
    const conv = graph.conv(`${path}.conv`, larger, stage.filters, 3, { bias: true });
    x = leaky(`${path}.relu`, graph.batchNorm(`${path}.bn`, conv));
  }
  const drawn = graph.conv('image.conv', x, channels, 3, { bias: true });
  const bounded = graph.add('image.tanh', { kind: 'activation', function: 'tanh' }, drawn);
  return graph.ending(`generator(${latent})`, graph.batchNorm('image.bn', bounded));
}
