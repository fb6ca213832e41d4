import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/compiler/tfjs.ts';
import { forward } from '../../../src/models/build.ts';
import { describe as describeModel } from '../../../src/models/describe.ts';
import { dropoutMasks } from '../../../src/models/dropout.ts';
import type { ModelGraph } from '../../../src/models/description.ts';
import { formedKernel, gaussianDivergence } from '../../../src/models/kernel-forms.ts';
import { withModule } from '../../../src/models/modules/index.ts';
import { penaltyValue } from '../../../src/models/penalties.ts';
import { plainModel } from '../../../src/models/plain-model.ts';
import { weightNoise } from '../../../src/models/weight-noise.ts';
import { buildArchitecture } from '../../../src/models/zoo/zoo.ts';
import { problemOf } from '../problem-of.ts';
import { tensorsOf, valuesOf } from './values.ts';

const convnet = buildArchitecture('convnet', [8, 8, 1], 3, { filters: [2], hidden: [6] });
const bayesian = (settings: Readonly<Record<string, unknown>> = {}) =>
  withModule(convnet, { name: 'bayesian', settings });
const images = () => tf.randomNormal<tf.Rank.R4>([4, 8, 8, 1], 0, 1, 'float32', 5);

function answers(graph: ModelGraph, options: Partial<Parameters<typeof forward>[4]> = {}): number[] {
  const tensors = tensorsOf(valuesOf(graph));
  const { logits } = forward(tf, graph, tensors, images(), { training: false, wanted: [], ...options });
  return [...logits.dataSync()];
}

const asTensors = (graph: ModelGraph, draws: Readonly<Record<string, Float32Array>>, shape?: number[]) =>
  Object.fromEntries(
    Object.entries(draws).map(([path, data]) => [
      path,
      tf.tensor(data, shape ?? [...(valuesOf(graph)[`${path}/kernel`]?.shape ?? [])]),
    ]),
  );

describe('the module bayesian, by dropout', () => {
  const graph = bayesian({ rate: 0.5 });

  it('drops what the classifier reads, keeps every name, and answers as the plain model where nothing is drawn', () => {
    expect(graph.layers.map(({ path }) => path)).toContain('hidden1.relu.bayesian');
    expect(graph.layers.find(({ path }) => path === 'head.fc')?.inputs).toEqual(['hidden1.relu.bayesian']);
    expect(graph.embedding).toBe(convnet.embedding);
    expect(graph.bayesian).toEqual({ samples: 20 });
    expect(describeModel(graph).parameters).toBe(describeModel(convnet).parameters);
    expect(answers(graph)).toEqual(answers(convnet));
  });

  it('answers otherwise in each pass, alike for the same pass, with masks that all samples share', () => {
    const pass = (step: number) => {
      const masks = dropoutMasks(graph, 1, { seed: 1, instance: 'teacher', step });
      return answers(graph, { randomPass: true, dropoutMasks: asTensors(graph, masks, [1, 6]) });
    };
    expect(pass(0)).toEqual(pass(0));
    expect(pass(1)).not.toEqual(pass(0));
    expect(pass(0)).toHaveLength(12);
  });

  it('drops the layers that it is told to, before whoever reads them', () => {
    const both = bayesian({ at: ['stage1', 'hidden1'] });
    expect(both.layers.filter(({ operation }) => operation.kind === 'dropout')).toHaveLength(2);
    expect(both.layers.find(({ path }) => path === 'stage1.pool')?.inputs).toEqual(['stage1.relu.bayesian']);
  });
});

describe('the module bayesian, by distributions of weights', () => {
  const graph = bayesian({ by: 'variational', at: ['stage1.conv', 'head.fc'], prior: 0.5, klWeight: 2 });

  it('gives every weight a spread that begins narrow, and answers by the means where nothing is drawn', () => {
    const added = describeModel(graph).parameters - describeModel(convnet).parameters;
    expect(added).toBe(5 * 5 * 1 * 2 + 6 * 3);
    expect(answers(graph)).toEqual(answers(convnet));
    expect([...(valuesOf(graph)['head.fc/spread']?.data ?? [])]).toEqual(new Array(18).fill(-5));
  });

  it('computes with mean + softplus(ρ) · ε', () => {
    const kernel = formedKernel(tf, [{ kind: 'variational', prior: 1 }], tf.tensor1d([1, -2]), {
      attention: () => tf.zeros([1, 1]),
      spread: () => tf.tensor1d([0, 1]),
      noise: tf.tensor1d([2, -1]),
    });
    const [a, b] = kernel.dataSync();
    expect(a).toBeCloseTo(1 + Math.log(2) * 2, 6);
    expect(b).toBeCloseTo(-2 - Math.log(1 + Math.E), 6);
  });

  it('answers otherwise in each pass', () => {
    const pass = (step: number) =>
      answers(graph, {
        weightNoise: asTensors(graph, weightNoise(graph, { seed: 1, instance: 'teacher', step })),
      });
    expect(pass(3)).toEqual(pass(3));
    expect(pass(4)).not.toEqual(pass(3));
  });

  it('pays for the divergence from the prior, a training sample', () => {
    const sigma = Math.log(1 + Math.E);
    const want = Math.log(0.5 / sigma) + (sigma ** 2 + 4) / (2 * 0.25) - 0.5;
    expect(gaussianDivergence(tf, tf.tensor1d([2]), tf.tensor1d([1]), 0.5).dataSync()[0]).toBeCloseTo(
      want,
      5,
    );
    // Its own prior costs nothing: softplus(ρ) = 1 at ρ = log(e − 1).
    const none = gaussianDivergence(tf, tf.tensor1d([0]), tf.tensor1d([Math.log(Math.E - 1)]), 1);
    expect(none.dataSync()[0]).toBeCloseTo(0, 6);
    const [penalty] = graph.penalties ?? [];
    expect(penalty).toMatchObject({ name: 'bayesian', weight: 2 });
    const of = (samples: number) =>
      penalty && penaltyValue(tf, graph, penalty, tensorsOf(valuesOf(graph)), { samples }).dataSync()[0];
    expect(of(10)).toBeCloseTo((of(1) ?? NaN) / 10, 4);
  });

  it('has the slopes of the difference quotients in mean and spread', () => {
    const [mean, spread, noise] = [1, 2, 3].map((seed) => tf.randomNormal([6], 0, 1, 'float32', seed));
    const loss = (m: tf.Tensor, r: tf.Tensor): tf.Scalar => {
      const inputs = { attention: () => tf.zeros<tf.Rank.R2>([1, 1]), spread: () => r, noise: noise ?? null };
      const kernel = formedKernel(tf, [{ kind: 'variational', prior: 1 }], m, inputs);
      return tf.add(tf.sum(tf.square(kernel)), gaussianDivergence(tf, m, r, 1));
    };
    const slopes = tf.grads((m, r) => loss(m, r))([mean, spread] as tf.Tensor[]);
    const step = 1e-2;
    for (const [index, slope] of slopes.entries()) {
      const along = tf.randomNormal([6], 0, 1, 'float32', 9);
      const at = (sign: number) => {
        const moved = [mean, spread].map((x, i) => (i === index ? tf.add(x as tf.Tensor, tf.mul(along, sign * step)) : x)); // prettier-ignore
        return loss(moved[0] as tf.Tensor, moved[1] as tf.Tensor).dataSync()[0] ?? NaN;
      };
      const quotient = (at(1) - at(-1)) / (2 * step);
      expect(tf.sum(tf.mul(slope, along)).dataSync()[0]).toBeCloseTo(quotient, 1);
    }
  });

  it('is exported as its means', () => {
    const values = valuesOf(graph);
    const plain = plainModel(tf, graph, values);
    expect(Object.keys(plain.tensors).filter((name) => name.endsWith('/spread'))).toEqual([]);
    expect(plain.tensors['head.fc/kernel']?.data).toEqual(values['head.fc/kernel']?.data);
  });

  it.each([
    ['twice', () => withModule(bayesian(), { name: 'bayesian', settings: {} })],
    ['the logits dropped', () => bayesian({ at: ['logits'] })],
    ['a layer without weights distributed', () => bayesian({ by: 'variational', at: ['hidden1'] })],
  ])('refuses %s', (_, make) => {
    expect(problemOf(make).code).toBe('KD2113');
  });
});
