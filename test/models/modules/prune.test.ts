import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/compiler/tfjs.ts';
import { forward } from '../../../src/models/build.ts';
import { describe as describeModel } from '../../../src/models/describe.ts';
import type { ModelGraph } from '../../../src/models/description.ts';
import { initialParameters } from '../../../src/models/initialize.ts';
import { withModule } from '../../../src/models/modules/index.ts';
import { parameterSpecs } from '../../../src/models/parameters.ts';
import { penaltyValue } from '../../../src/models/penalties.ts';
import {
  neuronsToKeep,
  widthsOf,
  widthsOfTensors,
  withoutNeurons,
  withWidths,
} from '../../../src/models/pruning.ts';
import { buildArchitecture } from '../../../src/models/zoo/zoo.ts';
import { problemOf } from '../problem-of.ts';

const SHAPE = [4, 4, 1];
const prune = (graph: ModelGraph, settings: Readonly<Record<string, unknown>>) =>
  withModule(graph, { name: 'prune', settings });
const mlp = buildArchitecture('mlp', SHAPE, 3, { hidden: [6, 5] });

type Stored = Record<string, { shape: readonly number[]; data: Float32Array }>;

function tensorsOf(graph: ModelGraph): Stored {
  const values = initialParameters(graph, 1, 'student');
  return Object.fromEntries(
    parameterSpecs(graph).map(({ name, shape }) => [
      name,
      { shape, data: values[name] ?? new Float32Array() },
    ]),
  );
}

function answersOf(graph: ModelGraph, tensors: Stored): readonly number[] {
  const given = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
  const images = tf.randomNormal<tf.Rank.R4>([7, 4, 4, 1], 0, 1, 'float32', 3);
  return [...forward(tf, graph, given, images, { training: false, wanted: [] }).logits.dataSync()];
}

/** Without these neurons of a layer: graph and tensors. */
function cut(graph: ModelGraph, layer: string, keep: readonly number[], tensors: Stored) {
  const pruning = graph.pruning?.find((one) => one.layer === layer);
  if (pruning === undefined) throw new Error(`${layer} is not pruned`);
  const left = withoutNeurons(pruning, keep, tensors) as Stored;
  return { graph: withWidths(graph, widthsOfTensors(graph, left)), tensors: left };
}

describe('the module prune', () => {
  const graph = prune(mlp, { at: ['hidden1', 'hidden2.fc'] });

  it('finds the dense layer, its ReLU and who reads it', () => {
    expect(graph.pruning).toMatchObject([
      { layer: 'hidden1.fc', activation: 'hidden1.relu', readers: ['hidden2.fc'] },
      { layer: 'hidden2.fc', activation: 'hidden2.relu', readers: ['head.fc'] },
    ]);
    expect(widthsOf(graph)).toEqual({ 'hidden1.fc': 6, 'hidden2.fc': 5 });
  });

  it('answers as the plain model, and penalises the mean sum of activations', () => {
    const tensors = tensorsOf(graph);
    expect(answersOf(graph, tensors)).toEqual(answersOf(mlp, tensors));
    const [penalty] = graph.penalties ?? [];
    const outputs = {
      'hidden1.relu': tf.tensor2d([[1, 2], [0, 5]]), // prettier-ignore
      'hidden2.relu': tf.tensor2d([[0.5], [0]]), // prettier-ignore
    };
    const value = penalty && penaltyValue(tf, graph, penalty, {}, { outputs }).dataSync()[0];
    expect(value).toBeCloseTo(8 / 2 + 0.5 / 2, 6);
  });

  it('removes exactly a silent neuron, and the model says the same', () => {
    const tensors = tensorsOf(graph);
    const bias = tensors['hidden1.fc/bias'];
    if (bias === undefined) throw new Error('no bias');
    bias.data[2] = -100;
    const small = cut(graph, 'hidden1.fc', [0, 1, 3, 4, 5], tensors);
    const [before, after] = [answersOf(graph, tensors), answersOf(small.graph, small.tensors)];
    after.forEach((value, at) => expect(value).toBeCloseTo(before[at] ?? NaN, 6));
    // I + 1 + O of a neuron.
    const count = (of: ModelGraph) => describeModel(of).parameters;
    expect(count(graph) - count(small.graph)).toBe(16 + 1 + 5);
    const again = cut(small.graph, 'hidden1.fc', [0, 1, 2, 3, 4], small.tensors);
    expect(again.tensors).toEqual(small.tensors);
  });

  it('cuts a layer on both sides where its neighbour is cut as well, and the optimizer’s vectors along', () => {
    const tensors = tensorsOf(graph);
    const withSlots = {
      ...tensors,
      ...Object.fromEntries(Object.entries(tensors).map(([name, value]) => [`momentum:${name}`, value])),
      'term:kd/other': { shape: [6], data: new Float32Array(6) },
    };
    const first = cut(graph, 'hidden1.fc', [1, 4], withSlots);
    const both = cut(first.graph, 'hidden2.fc', [0, 2, 3], first.tensors);
    const kernel = both.tensors['hidden2.fc/kernel'];
    const whole = tensors['hidden2.fc/kernel']?.data ?? [];
    expect(kernel?.shape).toEqual([2, 3]);
    expect([...(kernel?.data ?? [])]).toEqual(
      [1, 4].flatMap((row) => [0, 2, 3].map((k) => whole[row * 5 + k])),
    );
    expect(both.tensors['momentum:hidden2.fc/kernel']).toEqual(kernel);
    expect(both.tensors['term:kd/other']?.shape).toEqual([6]);
    expect(widthsOf(both.graph)).toEqual({ 'hidden1.fc': 2, 'hidden2.fc': 3 });
  });

  it('keeps what is above the threshold, and the most active ones where that leaves too few', () => {
    const [one] = graph.pruning ?? [];
    if (one === undefined) throw new Error('nothing is pruned');
    const activity = Float32Array.of(0, 0.4, 0, 2, 0.1);
    expect(neuronsToKeep(activity, one)).toEqual([1, 3, 4]);
    expect(neuronsToKeep(activity, { ...one, threshold: 0.3 })).toEqual([1, 3]);
    expect(neuronsToKeep(activity, { ...one, threshold: 5, minimum: 2 })).toEqual([1, 3]);
    expect(neuronsToKeep(new Float32Array(3), one)).toEqual([0]);
  });

  it.each([
    ['a convolution', { at: ['stage1'] }],
    ['the classifier', { at: ['head.fc'] }],
    ['one layer twice', { at: ['hidden1', 'hidden1.fc'] }],
  ])('refuses %s', (_, settings) => {
    const convnet = buildArchitecture('convnet', [8, 8, 1], 3, { filters: [2], hidden: [4] });
    expect(problemOf(() => prune(convnet, settings)).code).toBe('KD2113');
  });

  it('refuses what is quantised, in either order', () => {
    const quantize = (of: ModelGraph) => withModule(of, { name: 'quantize', settings: {} });
    expect(problemOf(() => prune(quantize(mlp), { at: ['hidden1'] })).code).toBe('KD2113');
    expect(problemOf(() => quantize(prune(mlp, { at: ['hidden1'] }))).code).toBe('KD2113');
  });
});
