import type { TrainSettings } from '../../../src/config/experiment.ts';
import type { ModelGraph } from '../../../src/models/description.ts';
import { buildArchitecture } from '../../../src/models/zoo/zoo.ts';
import { makeWork, SGD, type Work } from './work.ts';

/** A model of the zoo at a quarter of its width, so small that TensorFlow.js without native code trains it in a moment. */
export interface SmallModel {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Height and width of the images. */
  readonly size: number;
  /**
   * Deep nets on few samples amplify rounding from step to step, the more the larger their steps: a rate at which three
   * steps stay well within the tolerance.
   */
  readonly learningRate: number;
  /** Of weights and images: one with which no activation comes nearer to zero than rounding reaches. */
  readonly seed: number;
}

const resnet = (depth: number, learningRate: number, seed: number): SmallModel => ({
  name: `resnet${depth}`,
  settings: { width: 4 },
  size: 8,
  learningRate,
  seed,
});
const wide = (depth: number, width: number, learningRate: number, seed: number): SmallModel => ({
  name: `wrn-${depth}-${width}`,
  settings: { base: 4 },
  size: 8,
  learningRate,
  seed,
});

export const SMALL_MODELS: readonly SmallModel[] = [
  { name: 'mlp', settings: { hidden: [64, 32] }, size: 8, learningRate: 0.05, seed: 1 },
  { name: 'convnet', settings: { filters: [2, 4], hidden: [30, 21] }, size: 8, learningRate: 0.05, seed: 2 },
  resnet(8, 0.05, 1),
  resnet(14, 0.01, 1),
  resnet(20, 0.01, 1),
  resnet(32, 0.01, 1),
  resnet(56, 0.001, 1),
  wide(16, 1, 0.05, 1),
  wide(16, 2, 0.05, 1),
  wide(40, 2, 0.01, 2),
  // Smaller images reach the last stages as single pixels, too few for the statistics of two samples.
  { name: 'vgg8', settings: { width: 16 }, size: 16, learningRate: 0.05, seed: 1 },
];

export function smallModel(name: string): SmallModel {
  const found = SMALL_MODELS.find((model) => model.name === name);
  if (found === undefined) throw new Error(`no small form of "${name}"`);
  return found;
}

/** What is nearer to zero might be rectified by one and passed by another that computes as well. */
export const CLEAR_OF_ZERO = 1e-5;

interface SmallWork {
  readonly batch: number;
  readonly steps: number;
  /** Left out: momentum at the model's rate. */
  readonly settings?: Partial<TrainSettings>;
  /** True: tanh in place of ReLU, for work of so many activations that some always lie within rounding of zero. */
  readonly smooth?: boolean;
}

/** A few steps of a small model. */
export function smallWork(
  { name, settings: architecture, size, learningRate, seed }: SmallModel,
  { batch, steps, settings = { optimizer: { ...SGD, learningRate } }, smooth = false }: SmallWork,
): Work {
  const graph = buildArchitecture(name, [size, size, 3], 10, architecture);
  return makeWork({ graph: smooth ? withTanh(graph) : graph, batch, steps, seed, settings });
}

function withTanh(graph: ModelGraph): ModelGraph {
  const layers = graph.layers.map((layer) =>
    layer.operation.kind === 'activation'
      ? { ...layer, operation: { kind: 'activation', function: 'tanh' } as const }
      : layer,
  );
  return { ...graph, layers };
}
