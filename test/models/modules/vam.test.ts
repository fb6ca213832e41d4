import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/compiler/tfjs.ts';
import { forward } from '../../../src/models/build.ts';
import type { ModelGraph } from '../../../src/models/description.ts';
import { attentionEntropy, formedKernel } from '../../../src/models/kernel-forms.ts';
import { withModule } from '../../../src/models/modules/index.ts';
import { parameterSpecs } from '../../../src/models/parameters.ts';
import { penaltyValue } from '../../../src/models/penalties.ts';
import { plainModel } from '../../../src/models/plain-model.ts';
import { ARCHITECTURES, buildArchitecture } from '../../../src/models/zoo/zoo.ts';
import { problemOf } from '../problem-of.ts';
import { imagesOf, tensorsOf, valuesOf } from './values.ts';

const resnet = buildArchitecture('resnet', [8, 8, 3], 5, { depth: 8, width: 4 });
const vam = (graph: ModelGraph, settings: Readonly<Record<string, unknown>>) =>
  withModule(graph, { name: 'vam', settings });
const logits = (graph: ModelGraph, values: ReturnType<typeof valuesOf>) =>
  Array.from(
    forward(tf, graph, tensorsOf(values), imagesOf([3, 8, 8, 3]), {
      training: false,
      wanted: [],
    }).logits.dataSync(),
  );

describe('the virtual attention module', () => {
  it('leaves the model what it is before the first step, and with one group always', () => {
    const plain = logits(resnet, valuesOf(resnet));
    const attending = vam(resnet, { at: ['stage2', 'stage3.block0.conv1'] });
    expect(logits(attending, valuesOf(attending))).toEqual(plain);
    const single = vam(resnet, { at: ['stage3'], groups: 1 });
    const values = valuesOf(single);
    for (const [name, { data }] of Object.entries(values)) if (name.endsWith('/attention')) data.fill(3);
    expect(logits(single, values)).toEqual(plain);
  });

  const withConvolutions = ARCHITECTURES.filter(
    ({ name, family }) => name !== 'mlp' && family.answers !== 'images',
  );
  it.each(withConvolutions.map(({ name }) => name))(
    'fits into %s at every convolution but those that see the image',
    (name) => {
      const graph = buildArchitecture(name, [32, 32, 3], 10);
      const convolutions = graph.layers.flatMap(({ path, inputs, operation }) =>
        operation.kind === 'conv2d' &&
        !graph.layers.some((layer) => inputs.includes(layer.path) && layer.operation.kind === 'input')
          ? [path]
          : [],
      );
      expect(convolutions.length).toBeGreaterThan(0);
      const attending = vam(graph, { at: convolutions, groups: 2 });
      const added = parameterSpecs(attending).filter(({ role }) => role === 'attention');
      expect(added.map(({ shape }) => shape)).toEqual(convolutions.map(() => [2, 2]));
    },
  );

  it('multiplies the block of channels j in the filters i by G · softmax(A / t)_ij', () => {
    const attention = tf.tensor2d([
      [0, Math.log(3) * 2],
      [0, 0],
    ]);
    const kernel = formedKernel(
      tf,
      [{ kind: 'virtualAttention', groups: 2, temperature: 2 }],
      tf.ones([1, 1, 4, 2]),
      { attention: () => attention, spread: () => attention, noise: null },
    );
    // Filters 0: softmax(0, log 3) = 1/4, 3/4. Filters 1: one half each.
    const want = [0.5, 1, 0.5, 1, 1.5, 1, 1.5, 1];
    Array.from(kernel.dataSync()).forEach((value, index) => expect(value).toBeCloseTo(want[index] ?? NaN, 6));
  });

  it('has entropy log G for equal attention, 0 for one block, and a gradient that lowers it', () => {
    expect(attentionEntropy(tf, tf.zeros([4, 4]), 1).dataSync()[0]).toBeCloseTo(Math.log(4), 6);
    const sharp = tf.mul<tf.Tensor2D>(tf.eye(4), 100);
    expect(attentionEntropy(tf, sharp, 1).dataSync()[0]).toBeCloseTo(0, 6);
    const start = tf.tensor2d([
      [0.4, 0, -0.2],
      [0, 0.1, 0],
      [1, 0, 0],
    ]);
    const entropy = (attention: tf.Tensor2D) => attentionEntropy(tf, attention, 0.7);
    const down = tf.sub<tf.Tensor2D>(
      start,
      tf.mul(tf.grad(entropy as (x: tf.Tensor) => tf.Tensor)(start), 0.1),
    );
    expect(entropy(down).dataSync()[0]).toBeLessThan(entropy(start).dataSync()[0] ?? NaN);
  });

  it('adds the entropies of all its layers to the loss', () => {
    const attending = vam(resnet, { at: ['stage2'], entropyWeight: 0.5 });
    const [penalty] = attending.penalties ?? [];
    expect(penalty).toMatchObject({ name: 'vam', weight: 0.5 });
    expect(penalty?.layers).toHaveLength(3);
    const value = penalty && penaltyValue(tf, attending, penalty, tensorsOf(valuesOf(attending)));
    expect(value?.dataSync()[0]).toBeCloseTo(3 * Math.log(4), 5);
  });

  it('is multiplied into plain convolutions that say the same', () => {
    const attending = vam(resnet, { at: ['stage2', 'stage3'] });
    const values = valuesOf(attending, 'attention too');
    const plain = plainModel(tf, attending, values);
    expect(Object.keys(plain.tensors)).toEqual(parameterSpecs(resnet).map(({ name }) => name));
    const [want, got] = [logits(attending, values), logits(plain.graph, plain.tensors as typeof values)];
    want.forEach((value, index) => expect(got[index]).toBeCloseTo(value, 5));
    expect(plain.codes).toEqual({});
  });

  it.each([
    [{ at: ['stage9'] }, 'KD2101', 'stage9'],
    [{ at: ['head.pool'] }, 'KD2113', 'no convolution'],
    [{ at: ['stem.conv'] }, 'KD2113', '3 channels'],
    [{ at: ['stage2'], groups: 3 }, 'KD2113', '3 groups'],
  ])('refuses %j', (settings, code, words) => {
    const problem = problemOf(() => vam(resnet, settings));
    expect(problem.code).toBe(code);
    expect(problem.message).toContain(words);
  });

  it('stands once at a convolution', () => {
    const once = vam(resnet, { at: ['stage2'] });
    expect(problemOf(() => vam(once, { at: ['stage2'] })).code).toBe('KD2113');
  });
});
