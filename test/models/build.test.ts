import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe as group, expect, it } from 'vitest';
import { forward, type ForwardOptions } from '../../src/models/build.ts';
import { describe } from '../../src/models/describe.ts';
import type { Layer, ModelGraph } from '../../src/models/description.ts';
import { dropoutMasks, dropoutMaskShapes } from '../../src/models/dropout.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import { ARCHITECTURES, buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { normal, randomStream } from '../../src/random/random.ts';
import { problemOf } from './problem-of.ts';

const TRAIN: ForwardOptions = { training: true, wanted: [] };
const INFER: ForwardOptions = { training: false, wanted: [] };

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function noise(shape: [number, number, number, number], name = 'noise'): tf.Tensor4D {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(normal(randomStream(3, name), 0, new Float32Array(size)), shape);
}

function parametersOf(graph: ModelGraph): Record<string, tf.Tensor> {
  const values = initialParameters(graph, 1, 'test');
  return Object.fromEntries(
    parameterSpecs(graph).map((spec) => [spec.name, tf.tensor(values[spec.name] ?? [], [...spec.shape])]),
  );
}

/** A model of one layer between its input and a classifier. */
function around(layer: Layer, inputShape: number[]): ModelGraph {
  return {
    architecture: 'handmade',
    layers: [
      { path: 'input', operation: { kind: 'input', shape: inputShape }, inputs: [] },
      layer,
      { path: 'pool', operation: { kind: 'globalAveragePool' }, inputs: [layer.path] },
      { path: 'fc', operation: { kind: 'dense', units: 2, bias: true }, inputs: ['pool'] },
    ],
    aliases: {},
    input: 'input',
    embedding: 'pool',
    logits: 'fc',
  };
}

/** Networks that answer with images have tests of their own. */
const CLASSIFIERS = ARCHITECTURES.filter(({ family }) => family.answers !== 'images');

group('the forward pass', () => {
  it.each(CLASSIFIERS.map(({ name }) => name))('of %s yields the described shapes at every layer', (name) => {
    const graph = buildArchitecture(name, [9, 8, 3], 5);
    tf.tidy(() => {
      const wanted = graph.layers.map((layer) => layer.path);
      const result = forward(tf, graph, parametersOf(graph), noise([2, 9, 8, 3]), {
        training: false,
        wanted,
      });
      for (const { path, shape } of describe(graph).layers) {
        expect([path, result.outputs[path]?.shape]).toEqual([path, [2, ...shape]]);
      }
      expect(result.logits.shape).toEqual([2, 5]);
      expect(result.embedding.rank).toBe(2);
      expect(result.updates).toEqual({});
    });
  });

  it.each([
    ['mlp', { hidden: [7] }],
    ['convnet', {}],
    ['resnet8', { width: 4 }],
    ['wrn-16-1', {}],
    ['vgg8', { width: 4 }],
  ])('of %s in training lets the gradient reach every trainable parameter', (name, settings) => {
    const graph = buildArchitecture(name, [8, 8, 3], 4, settings);
    tf.tidy(() => {
      const parameters = parametersOf(graph);
      const names = parameterSpecs(graph)
        .filter((spec) => spec.trainable)
        .map((spec) => spec.name);
      const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 3], 'int32'), 4);
      const images = noise([4, 8, 8, 3]);
      const loss = (...values: tf.Tensor[]) => {
        const trainable = Object.fromEntries(names.map((key, i) => [key, values[i] as tf.Tensor]));
        const { logits } = forward(tf, graph, { ...parameters, ...trainable }, images, TRAIN);
        return tf.neg<tf.Scalar>(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1)));
      };
      const gradients = tf.grads(loss)(names.map((key) => parameters[key] as tf.Tensor));
      names.forEach((key, i) => {
        const values = gradients[i]?.dataSync() ?? new Float32Array([Number.NaN]);
        expect([key, Array.from(values).every(Number.isFinite)]).toEqual([key, true]);
        // Batch normalisation takes a constant away, so a bias before it learns nothing but rounding.
        if (!(name === 'vgg8' && /conv\d\/bias/.test(key))) {
          expect([key, values.some((value) => Math.abs(value) > 1e-7)]).toEqual([key, true]);
        }
      });
    });
  });

  it('keeps running statistics as PyTorch: a tenth of the batch, variance over the count less one', () => {
    const bn: Layer = {
      path: 'bn',
      operation: { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.9 },
      inputs: ['input'],
    };
    const graph = around(bn, [1, 2, 1]);
    tf.tidy(() => {
      const images = tf.tensor4d([1, 2, 3, 6], [2, 1, 2, 1]);
      const { updates } = forward(tf, graph, parametersOf(graph), images, TRAIN);
      expect(Object.keys(updates)).toEqual(['bn/runningMean', 'bn/runningVariance']);
      expect(updates['bn/runningMean']?.dataSync()[0]).toBeCloseTo(0.1 * 3, 6);
      expect(updates['bn/runningVariance']?.dataSync()[0]).toBeCloseTo(0.9 + (0.1 * 14) / 3, 6);
    });
  });

  it('normalises by the running statistics outside training, and by the batch in training', () => {
    const bn: Layer = {
      path: 'bn',
      operation: { kind: 'batchNorm', epsilon: 1e-5, momentum: 0.9 },
      inputs: ['input'],
    };
    const graph = around(bn, [1, 1, 1]);
    tf.tidy(() => {
      const images = tf.tensor4d([10, 14], [2, 1, 1, 1]);
      const parameters = {
        ...parametersOf(graph),
        'bn/runningMean': tf.tensor1d([8]),
        'bn/runningVariance': tf.tensor1d([4]),
      };
      const output = (options: ForwardOptions) =>
        Array.from(
          forward(tf, graph, parameters, images, { ...options, wanted: ['bn'] }).outputs['bn']?.dataSync() ??
            [],
        );
      const [first, second] = output(INFER);
      expect(first).toBeCloseTo(1, 4);
      expect(second).toBeCloseTo(3, 4);
      expect(output(TRAIN).map((value) => Number(value.toFixed(4)))).toEqual([-1, 1]);
    });
  });

  it('pads explicitly on the sides it is told, in one kernel whose gradient matches padding apart', () => {
    const conv: Layer = {
      path: 'conv',
      operation: {
        kind: 'conv2d',
        filters: 3,
        size: [3, 3],
        strides: [2, 2],
        padding: [1, 0, 2, 1],
        bias: false,
        groups: 1,
      },
      inputs: ['input'],
    };
    const graph = around(conv, [6, 5, 2]);
    tf.tidy(() => {
      const parameters = parametersOf(graph);
      const kernel = parameters['conv/kernel'] as tf.Tensor4D;
      const images = noise([2, 6, 5, 2]);
      const ours = (x: tf.Tensor, k: tf.Tensor) =>
        tf.sum(tf.square(output(graph, { ...parameters, 'conv/kernel': k }, x as tf.Tensor4D)));
      const apart = (x: tf.Tensor, k: tf.Tensor) => {
        const padded = tf.pad4d(x as tf.Tensor4D, [
          [0, 0],
          [1, 0],
          [2, 1],
          [0, 0],
        ]);
        return tf.sum(tf.square(tf.conv2d(padded, k as tf.Tensor4D, [2, 2], 'valid')));
      };
      const found = tf.valueAndGrads(ours)([images, kernel]);
      const expected = tf.valueAndGrads(apart)([images, kernel]);
      expectClose(found.value, expected.value);
      found.grads.forEach((gradient, i) => expectClose(gradient, expected.grads[i]));
    });
  });

  it.each([2, 4])('convolves %i groups like one convolution with zeros between the groups', (groups) => {
    const filters = 8;
    const conv: Layer = {
      path: 'conv',
      operation: {
        kind: 'conv2d',
        filters,
        size: [3, 3],
        strides: [1, 1],
        padding: 'same',
        bias: false,
        groups,
      },
      inputs: ['input'],
    };
    const graph = around(conv, [5, 5, 4]);
    tf.tidy(() => {
      const parameters = parametersOf(graph);
      const small = parameters['conv/kernel'] as tf.Tensor4D;
      expect(small.shape).toEqual([3, 3, 4 / groups, filters]);
      const full = tf.buffer([3, 3, 4, filters]);
      const values = small.bufferSync();
      for (let row = 0; row < 3; row++) {
        for (let column = 0; column < 3; column++) {
          for (let channel = 0; channel < 4 / groups; channel++) {
            for (let filter = 0; filter < filters; filter++) {
              const group = Math.floor(filter / (filters / groups));
              full.set(
                values.get(row, column, channel, filter),
                row,
                column,
                group * (4 / groups) + channel,
                filter,
              );
            }
          }
        }
      }
      const images = noise([2, 5, 5, 4]);
      const expected = tf.conv2d(images, full.toTensor() as tf.Tensor4D, 1, 'same');
      expectClose(output(graph, parameters, images), expected);
    });
  });

  it('drops by the masks it is given, in training only', () => {
    const graph = around(
      { path: 'drop', operation: { kind: 'dropout', rate: 0.5 }, inputs: ['input'] },
      [1, 2, 1],
    );
    tf.tidy(() => {
      const images = tf.tensor4d([3, 5], [1, 1, 2, 1]);
      const dropoutMasks = { drop: tf.tensor4d([0, 2], [1, 1, 2, 1]) };
      const run = (options: ForwardOptions) =>
        Array.from(
          forward(tf, graph, parametersOf(graph), images, {
            ...options,
            dropoutMasks,
            wanted: ['drop'],
          }).outputs['drop']?.dataSync() ?? [],
        );
      expect(run(TRAIN)).toEqual([0, 10]);
      expect(run(INFER)).toEqual([3, 5]);
    });
  });

  it('answers to short names of layers and names an unknown one', () => {
    const graph = buildArchitecture('resnet8', [8, 8, 1], 3, { width: 2 });
    tf.tidy(() => {
      const parameters = parametersOf(graph);
      const images = noise([1, 8, 8, 1]);
      const { outputs } = forward(tf, graph, parameters, images, {
        ...INFER,
        wanted: ['stage2', 'stage3.block0'],
      });
      expect(outputs['stage2']?.shape).toEqual([1, 4, 4, 4]);
      expect(outputs['stage3.block0']?.shape).toEqual([1, 2, 2, 8]);
      const problem = problemOf(() =>
        forward(tf, graph, parameters, images, { ...INFER, wanted: ['stage4'] }),
      );
      expect(problem.code).toBe('KD2101');
    });
  });

  function output(graph: ModelGraph, parameters: Record<string, tf.Tensor>, images: tf.Tensor4D): tf.Tensor {
    return forward(tf, graph, parameters, images, { ...INFER, wanted: ['conv'] }).outputs[
      'conv'
    ] as tf.Tensor;
  }
});

group('dropout masks', () => {
  const graph = buildArchitecture('wrn-16-1', [8, 8, 3], 4, { dropout: 0.25 });

  it('have the shapes of the layers they drop', () => {
    const shapes = dropoutMaskShapes(graph, 6);
    expect(Object.keys(shapes)).toHaveLength(6);
    expect(shapes['stage1.block0.dropout']).toEqual([6, 8, 8, 16]);
    expect(dropoutMaskShapes(buildArchitecture('resnet8', [8, 8, 3], 4), 6)).toEqual({});
  });

  it('drop the given share, keep the expectation, and depend on seed and step alone', () => {
    const draw = (seed: number, step: number) =>
      dropoutMasks(graph, 6, { seed, instance: 'student', step })['stage1.block0.dropout'] ??
      new Float32Array();
    const mask = draw(1, 0);
    expect(mask.filter((value) => value === 0).length / mask.length).toBeCloseTo(0.25, 1);
    expect(mask.reduce((sum, value) => sum + value, 0) / mask.length).toBeCloseTo(1, 1);
    expect(draw(1, 0)).toEqual(mask);
    expect(draw(1, 1)).not.toEqual(mask);
    expect(draw(2, 0)).not.toEqual(mask);
  });
});

function expectClose(found: tf.Tensor | undefined, expected: tf.Tensor | undefined): void {
  expect(found?.shape).toEqual(expected?.shape);
  const wanted = expected?.dataSync() ?? [];
  found?.dataSync().forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? Number.NaN, 4));
}
