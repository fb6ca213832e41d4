import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, test } from 'vitest';
import { expectCompiledModel, layers, spread, type ModelCase } from './layers.ts';
import { compiled, eager, expectSame, useCpu, type Given } from './support.ts';
import type { StepFunction } from '../../src/compiler/trace.ts';
import { toleranceOf } from './tolerances.ts';

beforeAll(useCpu);

type Layer = Pick<ReturnType<typeof layers.layers.dense>, 'apply'>;
const make = layers.layers;
const [BATCH, SIZE, STEPS] = [2, 6, 4];

const given = (...shape: number[]): Given => ({
  shape: [BATCH, ...shape],
  values: spread([BATCH, ...shape], 1, 1),
});

/** Layers one after the other. */
function chained(input: Given, chain: readonly Layer[], training = false): ModelCase {
  const start = layers.input({
    shape: input.shape.slice(1),
    ...(input.dtype === undefined ? {} : { dtype: input.dtype }),
  });
  const end = chain.reduce((value, layer) => layer.apply(value) as layers.SymbolicTensor, start);
  return { model: layers.model({ inputs: start, outputs: end }), inputs: { x: input }, training };
}

/** The library's own start of recurrent weights needs operations that are not loaded; the tests set all weights. */
const START = { recurrentInitializer: 'zeros' } as const;

const map = given(SIZE, SIZE, 3);
const series = given(STEPS, 3);
const row = given(5);
const words: Given = { shape: [BATCH, STEPS], dtype: 'int32', values: Int32Array.of(0, 3, 3, 1, 4, 2, 0, 3) };

const MODELS: readonly (readonly [string, () => ModelCase])[] = [
  ['dense', () => chained(row, [make.dense({ units: 4, activation: 'tanh' }), make.dense({ units: 3, activation: 'softmax' })])],
  ['conv1d, dilated', () => chained(series, [make.conv1d({ filters: 4, kernelSize: 2, dilationRate: 2, padding: 'same' })])],
  ['conv2d at stride 2 with activation', () => chained(map, [make.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' })])],
  ['conv2d with channels first', () => chained(given(3, SIZE, SIZE), [make.conv2d({ filters: 2, kernelSize: 3, dataFormat: 'channelsFirst' })])],
  ['separableConv2d', () => chained(map, [make.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, padding: 'same' })])],
  ['depthwiseConv2d', () => chained(map, [make.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' })])],
  ['conv2dTranspose', () => chained(map, [make.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' })])],
  ['maxPooling2d and averagePooling2d', () => chained(map, [make.maxPooling2d({ poolSize: 2, strides: 1 }), make.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })])],
  ['pooling of series', () => chained(series, [make.maxPooling1d({ poolSize: 2, strides: 1 }), make.averagePooling1d({ poolSize: 2 })])],
  ['global pooling', () => chained(map, [make.globalAveragePooling2d({}), make.dense({ units: 2 })])],
  ['global maxima', () => chained(map, [make.globalMaxPooling2d({})])],
  ['upSampling2d, nearest', () => chained(map, [make.upSampling2d({ size: [2, 2] })])],
  ['upSampling2d, bilinear', () => chained(map, [make.upSampling2d({ size: [2, 3], interpolation: 'bilinear' })])],
  ['zeroPadding2d and cropping2d', () => chained(map, [make.zeroPadding2d({ padding: [[1, 0], [2, 1]] }), make.cropping2D({ cropping: [[0, 1], [1, 1]] })])],
  ['batchNormalization, of the batch', () => chained(map, [make.batchNormalization({})], true)],
  ['batchNormalization, of what was learned', () => chained(map, [make.conv2d({ filters: 2, kernelSize: 1 }), make.batchNormalization({})])],
  ['layerNormalization', () => chained(row, [make.layerNormalization({}), make.dense({ units: 2 })])],
  ['prelu', () => chained(map, [make.prelu({ sharedAxes: [1, 2] })])],
  ['elu, leakyReLU, thresholdedReLU, softmax', () => chained(row, [make.elu(), make.leakyReLU(), make.thresholdedReLU({ theta: 0.05 }), make.softmax()])],
  ...(['elu', 'hardSigmoid', 'linear', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'tanh', 'swish', 'mish', 'gelu', 'gelu_new'] as const)
    .map((activation): readonly [string, () => ModelCase] => [`the activation ${activation}`, () => chained(row, [make.dense({ units: 4, activation: activation })])]),
  ['embedding', () => chained(words, [make.embedding({ inputDim: 5, outputDim: 3 })])],
  ['lstm', () => chained(series, [make.lstm({ ...START, units: 3 })])],
  ['lstm that returns the sequence, backwards', () => chained(series, [make.lstm({ ...START, units: 3, returnSequences: true, goBackwards: true })])],
  ['gru', () => chained(series, [make.gru({ ...START, units: 3 })])],
  ['gru that returns the sequence', () => chained(series, [make.gru({ ...START, units: 2, returnSequences: true })])],
  ['simpleRNN', () => chained(series, [make.simpleRNN({ ...START, units: 3 })])],
  ['stacked cells', () => chained(series, [make.rnn({ cell: [make.lstmCell({ ...START, units: 2 }), make.gruCell({ ...START, units: 3 })] })])],
  ['bidirectional lstm', () => chained(series, [make.bidirectional({ layer: make.lstm({ ...START, units: 2, returnSequences: true }), mergeMode: 'concat' })])],
  ['timeDistributed', () => chained(series, [make.timeDistributed({ layer: make.dense({ units: 2 }) })])],
  ['convLstm2d', () => chained(given(3, 4, 4, 2), [make.convLstm2d({ ...START, filters: 2, kernelSize: 3, padding: 'same' })])],
  ['reshape, permute, repeatVector, flatten', () => chained(row, [make.repeatVector({ n: 3 }), make.permute({ dims: [2, 1] }), make.reshape({ targetShape: [3, 5] }), make.flatten()])],
  ['add, multiply, average, maximum, concatenate, dot', merged],
]; // prettier-ignore

function merged(): ModelCase {
  const start = layers.input({ shape: [5] });
  const [a, b] = [1, 2].map(() => make.dense({ units: 4 }).apply(start) as layers.SymbolicTensor) as [
    layers.SymbolicTensor,
    layers.SymbolicTensor,
  ];
  const joined = [make.add(), make.multiply(), make.average(), make.maximum(), make.minimum(), make.dot({ axes: 1 })].map(
    (layer) => layer.apply([a, b]) as layers.SymbolicTensor,
  ); // prettier-ignore
  const outputs = make.concatenate().apply(joined) as layers.SymbolicTensor;
  return { model: layers.model({ inputs: start, outputs }), inputs: { x: row } };
}

describe('models of ordinary layers give the same compiled and run eagerly, with every gradient', () => {
  for (const [name, build] of MODELS)
    test(name, async () => {
      await expectCompiledModel(build(), toleranceOf('iterated'));
    });
});

describe('attention by operations', () => {
  const [HEADS, WIDTH] = [2, 6];
  const parameters = ['query', 'key', 'value', 'out'] as const;

  /** softmax(Q Kᵀ / √d) V for each head, between four projections. */
  const attention = (ops: Parameters<StepFunction>[0], x: Tensor, weights: readonly Tensor[]): Tensor => {
    const [q, k, v, out] = weights as [Tensor, Tensor, Tensor, Tensor];
    const split = (weight: Tensor): Tensor =>
      ops.transpose(
        ops.reshape(ops.matMul(ops.reshape(x, [BATCH * STEPS, WIDTH]), weight), [BATCH, STEPS, HEADS, WIDTH / HEADS]),
        [0, 2, 1, 3],
      ); // prettier-ignore
    const scores = ops.div(ops.matMul(split(q), split(k), false, true), Math.sqrt(WIDTH / HEADS));
    const past = ops.linalg.bandPart(ops.ones([STEPS, STEPS]), -1, 0);
    const masked = ops.add(scores, ops.mul(ops.sub(1, past), -1e9));
    const heads = ops.transpose(ops.matMul(ops.softmax(masked), split(v)), [0, 2, 1, 3]);
    return ops.matMul(ops.reshape(heads, [BATCH * STEPS, WIDTH]), out);
  };

  test('with several heads and a causal mask gives the same, with every gradient', async () => {
    const inputs: Record<string, Given> = {
      x: given(STEPS, WIDTH),
      ...Object.fromEntries(
        parameters.map((name, at) => [
          name,
          { shape: [WIDTH, WIDTH], values: spread([WIDTH, WIDTH], at + 2) },
        ]),
      ),
    };
    const step: StepFunction = (ops, all) => {
      const names = ['x', ...parameters];
      const { value, grads } = ops.valueAndGrads((x: Tensor, ...weights: Tensor[]) =>
        ops.mean(ops.square(attention(ops, x, weights))),
      )(names.map((name) => all[name] as Tensor));
      return {
        value,
        ...Object.fromEntries(names.map((name, at) => [`gradient of ${name}`, grads[at] as Tensor])),
      };
    };
    expectSame(await compiled(step, inputs), eager(step, inputs), toleranceOf('iterated'));
  });
});
