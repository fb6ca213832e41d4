import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/compiler/tfjs.ts';
import { forward } from '../../../src/models/build.ts';
import type { ModelGraph } from '../../../src/models/description.ts';
import {
  formedKernel,
  largestCode,
  quantizedActivation,
  quantizerCodes,
  quantizerStep,
} from '../../../src/models/kernel-forms.ts';
import { withModule } from '../../../src/models/modules/index.ts';
import { parameterSpecs } from '../../../src/models/parameters.ts';
import { plainModel } from '../../../src/models/plain-model.ts';
import { buildArchitecture } from '../../../src/models/zoo/zoo.ts';
import { problemOf } from '../problem-of.ts';
import { imagesOf, tensorsOf, valuesOf } from './values.ts';

const resnet = buildArchitecture('resnet', [8, 8, 3], 5, { depth: 8, width: 4 });
const quantize = (graph: ModelGraph, settings: Readonly<Record<string, unknown>> = {}) =>
  withModule(graph, { name: 'quantize', settings });
const unused = () => {
  throw new Error('no attention here');
};
const Q = (values: tf.Tensor, bits: number) =>
  formedKernel(tf, [{ kind: 'quantized', bits }], values, { attention: unused, spread: unused, noise: null });
const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe('quantised weights', () => {
  it('find the ternary step of least error where alternating from the mean size would stay in a worse one', () => {
    const weights = [-1, -0.4, -0.1, 0, 0.2, 0.6, 1.2];
    const tensor = tf.tensor1d(weights);
    const step = numbers(quantizerStep(tf, tensor, 2))[0] ?? NaN;
    expect(step).toBeCloseTo(2.8 / 3, 6);
    const error = numbers(tf.sum(tf.squaredDifference(tensor, Q(tensor, 2))))[0];
    expect(error).toBeCloseTo(0.396667, 5);
    expect(numbers(quantizerCodes(tf, tensor, tf.scalar(step), 2)).map((code) => code + 0)).toEqual([
      -1, 0, 0, 0, 0, 1, 1,
    ]);
  });

  it('have no step of less error on a fine grid', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -2, max: 2, noNaN: true, noDefaultInfinity: true }), {
          minLength: 3,
          maxLength: 40,
        }),
        fc.integer({ min: 2, max: 4 }),
        (values, bits) => {
          const top = Math.max(...values.map(Math.abs));
          fc.pre(top > 1e-3);
          const largest = largestCode(bits);
          const error = (step: number) =>
            values.reduce((sum, value) => {
              const code = Math.min(Math.floor(Math.abs(value) / step + 0.5), largest);
              return sum + (Math.abs(value) - step * code) ** 2;
            }, 0);
          const found = numbers(quantizerStep(tf, tf.tensor1d(values), bits))[0] ?? NaN;
          const grid = Array.from({ length: 32 }, (_, at) => error((top / largest) * ((at + 1) / 32)));
          expect(error(found)).toBeLessThanOrEqual(Math.min(...grid) * (1 + 1e-4) + 1e-6);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  it('stay when they are quantised once more, at every number of bits', () => {
    const weights = tf.tensor1d(valuesOf(resnet)['stage2.block0.conv1/kernel']?.data ?? []);
    for (const bits of [1, 2, 3, 4, 8]) {
      const once = Q(weights, bits);
      expect(new Set(numbers(once)).size).toBeLessThanOrEqual(2 ** bits);
      numbers(Q(once, bits)).forEach((value, index) =>
        expect(value).toBeCloseTo(numbers(once)[index] ?? NaN, 6),
      );
    }
  });

  it('of one bit are the sign times the mean size, zero counting as positive', () => {
    const values = numbers(Q(tf.tensor1d([-3, 0, 1, 2]), 1));
    expect(values).toEqual([-1.5, 1.5, 1.5, 1.5]);
  });

  it('pass the gradient straight through', () => {
    const at = tf.tensor1d([-1, -0.4, 0.1, 5]);
    const scale = tf.tensor1d([1, 2, 3, 4]);
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.square(Q(x, 2)), scale)))(at);
    expect(numbers(gradient)).toEqual(numbers(tf.mul(tf.mul(Q(at, 2), scale), 2)));
  });

  it('are zero where all are', () => {
    expect(numbers(Q(tf.zeros([4]), 2))).toEqual([0, 0, 0, 0]);
  });

  it('are those between the first layer and the classifier, unless the ends are wanted too', () => {
    const formed = ({ layers }: ModelGraph) =>
      layers.flatMap(({ path, operation }) => ('forms' in operation ? [path] : []));
    const all = resnet.layers.flatMap(({ path, operation }) =>
      operation.kind === 'conv2d' || operation.kind === 'dense' ? [path] : [],
    );
    expect(formed(quantize(resnet))).toEqual(all.slice(1, -1));
    expect(formed(quantize(resnet, { ends: true }))).toEqual(all);
    expect(parameterSpecs(quantize(resnet))).toEqual(parameterSpecs(resnet));
  });

  it('become whole-numbered codes of a plain model that says the same', () => {
    const attending = withModule(resnet, { name: 'vam', settings: { at: ['stage2'] } });
    const graph = quantize(attending, { bits: 3, activationBits: 4 });
    const values = valuesOf(graph, 'attention too');
    const plain = plainModel(tf, graph, values);
    const says = (one: ModelGraph, tensors: typeof values) =>
      numbers(
        forward(tf, one, tensorsOf(tensors), imagesOf([2, 8, 8, 3]), { training: false, wanted: [] }).logits,
      );
    expect(says(plain.graph, plain.tensors as typeof values)).toEqual(says(graph, values));
    expect(Object.keys(plain.codes)).toHaveLength(8);
    for (const [name, { codes, step }] of Object.entries(plain.codes)) {
      expect(Math.max(...codes.map(Math.abs))).toBeLessThanOrEqual(3);
      expect(Array.from(codes, (code) => Math.fround(code * step) + 0)).toEqual(
        Array.from(plain.tensors[name]?.data ?? [], (value) => value + 0),
      );
    }
  });

  it('are quantised once', () => {
    expect(problemOf(() => quantize(quantize(resnet))).code).toBe('KD2113');
  });

  it('need a layer between the ends', () => {
    const flat = buildArchitecture('mlp', [8, 8, 1], 10, { hidden: [] });
    expect(problemOf(() => quantize(flat)).code).toBe('KD2113');
  });
});

describe('quantised activations', () => {
  it('are multiples of range / (2^bits − 1) within the range, with gradient 1 there and 0 beyond', () => {
    const x = tf.tensor1d([-1, 0.4, 0.6, 1.4, 2.9, 7]);
    const round = (value: tf.Tensor) => quantizedActivation(tf, value, { bits: 2, range: 3 });
    expect(numbers(round(x))).toEqual([0, 0, 1, 1, 3, 3]);
    expect(numbers(tf.grad((value: tf.Tensor) => tf.sum(round(value)))(x))).toEqual([0, 1, 1, 1, 1, 0]);
  });
});
