import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { forward } from '../../src/models/build.ts';
import type { ModelGraph } from '../../src/models/description.ts';
import { HOST, joinedGrafts, withGraft } from '../../src/models/graft.ts';
import { initialParameters } from '../../src/models/initialize.ts';
import { withModule } from '../../src/models/modules/index.ts';
import { parameterSpecs } from '../../src/models/parameters.ts';
import { buildArchitecture } from '../../src/models/zoo/zoo.ts';
import { normal, randomStream } from '../../src/random/random.ts';
import { problemOf } from './problem-of.ts';

type Tensors = Record<string, tf.Tensor>;
type Stored = Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

const SHAPE = [8, 8, 1];
const BLOCKS = [
  { teacher: 'stage1', student: 'stage1' },
  { teacher: 'stage2', student: 'stage2' },
];
const host = buildArchitecture('convnet', SHAPE, 3, { filters: [5, 6], hidden: [7] });
const student = withModule(buildArchitecture('convnet', SHAPE, 3, { filters: [2, 3], hidden: [4] }), {
  name: 'joints',
  settings: { at: ['stage1', 'stage2'] },
});
const images = tf.tensor4d(normal(randomStream(1, 'images'), 0, new Float32Array(2 * 64)), [2, 8, 8, 1]);

function weightsOf(graph: ModelGraph, seed: number): Stored {
  const values = initialParameters(graph, seed, 'model');
  // Biases too, so that an adapter without its bias would be noticed.
  return Object.fromEntries(
    parameterSpecs(graph).map(({ name, shape }) => {
      const drawn = normal(randomStream(seed, name), 0, new Float32Array(shape.reduce((a, b) => a * b, 1)));
      const data = name.endsWith('/bias') ? drawn : (values[name] ?? drawn);
      return [name, { shape, data }];
    }),
  );
}

const tensors = (stored: Stored): Tensors =>
  Object.fromEntries(
    Object.entries(stored).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
const answers = (graph: ModelGraph, stored: Stored): tf.Tensor2D =>
  forward(tf, graph, tensors(stored), images, { training: false, wanted: [] }).logits;
const equal = (got: tf.Tensor, want: tf.Tensor, digits = 5) => {
  const wanted = want.dataSync();
  got.dataSync().forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, digits));
};

/** Convolution of a kernel that pads by half its window, bias, ReLU: what both networks are made of. */
function stage(weights: Tensors, path: string, x: tf.Tensor4D): tf.Tensor4D {
  const kernel = weights[`${path}.conv/kernel`] as tf.Tensor4D;
  return tf.relu(tf.add(tf.conv2d(x, kernel, 1, 'same'), weights[`${path}.conv/bias`] as tf.Tensor));
}
const pooled = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, 2, 2, 'valid');
function ending(weights: Tensors, x: tf.Tensor4D): tf.Tensor {
  const dense = (path: string, rows: tf.Tensor2D) =>
    tf.add(tf.matMul(rows, weights[`${path}/kernel`] as tf.Tensor2D), weights[`${path}/bias`] as tf.Tensor);
  const flat: tf.Tensor2D = tf.reshape(pooled(x), [2, -1]);
  return dense('head.fc', tf.relu(dense('hidden1.fc', flat)) as tf.Tensor2D);
}
function linear(weights: Tensors, path: string, x: tf.Tensor4D): tf.Tensor4D {
  return tf.add(
    tf.conv2d(x, weights[`${path}/kernel`] as tf.Tensor4D, 1, 'same'),
    weights[`${path}/bias`] as tf.Tensor,
  );
}
const ofHost = (weights: Stored): Tensors =>
  tensors(
    Object.fromEntries(
      Object.entries(weights).flatMap(([name, tensor]) =>
        name.startsWith(HOST) ? [[name.slice(HOST.length), tensor] as const] : [],
      ),
    ),
  );

describe('a network with blocks of another', () => {
  it('answers as one put together by hand, whichever block is grafted', () => {
    const [first, middle, last] = [1, 2, 3].map((block) => withGraft(host, student, BLOCKS, block, block));
    const [a, b, c] = [first, middle, last].map((graph, seed) =>
      weightsOf(graph as ModelGraph, seed + 1),
    ) as [Stored, Stored, Stored];
    const [own, other] = [tensors(a), ofHost(a)];
    const one = linear(own, 'graft.out', stage(own, 'stage1', images));
    equal(answers(first as ModelGraph, a), ending(other, stage(other, 'stage2', pooled(one))));

    const [inner, outer] = [tensors(b), ofHost(b)];
    const below = linear(inner, 'graft.in', stage(outer, 'stage1', images));
    const two = linear(inner, 'graft.out', stage(inner, 'stage2', pooled(below)));
    equal(answers(middle as ModelGraph, b), ending(outer, two));

    const [upper, trunk] = [tensors(c), ofHost(c)];
    const up = stage(trunk, 'stage2', pooled(stage(trunk, 'stage1', images)));
    equal(answers(last as ModelGraph, c), ending(upper, linear(upper, 'graft.in', up)));
  });

  it('answers as one put together by hand where blocks are grafted together', () => {
    const graph = withGraft(host, student, BLOCKS, 1, 2);
    const weights = weightsOf(graph, 4);
    const [own, other] = [tensors(weights), ofHost(weights)];
    const joint = linear(own, 'stage1.relu.joint', stage(own, 'stage1', images));
    const chain = linear(own, 'graft.out', stage(own, 'stage2', pooled(joint)));
    equal(answers(graph, weights), ending(other, chain));
    const whole = withGraft(host, student, BLOCKS, 1, 3);
    expect(whole.layers.some(({ path }) => path.startsWith(HOST) || path.startsWith('graft.'))).toBe(false);
    const mine = weightsOf(student, 5);
    expect(answers(whole, mine).dataSync()).toEqual(answers(student, mine).dataSync());
  });

  it('is the same function when adapters become a joint', () => {
    const [lower, upper] = [withGraft(host, student, BLOCKS, 1, 1), withGraft(host, student, BLOCKS, 2, 2)];
    const [a, b] = [weightsOf(lower, 6), weightsOf(upper, 7)];
    const joined = joinedGrafts(a, b, 'stage1.relu.joint') as Stored;
    const chain = withGraft(host, student, BLOCKS, 1, 2);
    const hosted = Object.fromEntries(Object.entries(b).filter(([name]) => name.startsWith(HOST)));
    const got = answers(chain, { ...hosted, ...joined });
    const [own, next, other] = [tensors(a), tensors(b), ofHost(b)];
    const both = linear(next, 'graft.in', linear(own, 'graft.out', stage(own, 'stage1', images)));
    equal(got, ending(other, linear(next, 'graft.out', stage(next, 'stage2', pooled(both)))), 3);
  });

  it('is the host itself where a block of its own is grafted, without adapters', () => {
    const graph = withGraft(host, host, BLOCKS, 2, 2);
    const weights = weightsOf(host, 8);
    const twice = Object.fromEntries(
      Object.entries(weights).flatMap(([name, tensor]) => [[name, tensor], [HOST + name, tensor]]), // prettier-ignore
    );
    expect(answers(graph, twice).dataSync()).toEqual(answers(host, weights).dataSync());
  });

  it('learns by its own tensors alone; those of the host are no parameters and stay in inference', () => {
    const normed = buildArchitecture('resnet8', [16, 16, 3], 3);
    const graph = withGraft(normed, normed, [{ teacher: 'stage2', student: 'stage2' }], 2, 2);
    const specs = parameterSpecs(graph);
    const hosted = specs.filter(({ name }) => name.startsWith(HOST));
    expect(hosted.length).toBeGreaterThan(10);
    expect(hosted.every(({ trainable }) => !trainable)).toBe(true);
    expect(specs.some(({ name, trainable }) => trainable && name.startsWith('stage3'))).toBe(true);
    const weights = tensors(weightsOf(graph, 9));
    const input = tf.ones<tf.Rank.R4>([2, 16, 16, 3]);
    const { updates } = forward(tf, graph, weights, input, { training: true, wanted: [] });
    expect(Object.keys(updates).some((name) => name.startsWith(HOST))).toBe(false);
    expect(Object.keys(updates).some((name) => name.startsWith('stage3'))).toBe(true);
  });

  it('is refused where blocks do not fit, with what to do', () => {
    const plain = buildArchitecture('convnet', SHAPE, 3, { filters: [2, 3], hidden: [4] });
    const channels = problemOf(() => withGraft(host, plain, BLOCKS, 1, 1));
    expect(channels.message).toBe(
      'blocks cannot be joined here without a joint: "stage1" of convnet(5, 6; 7) yields 8x8x5 and "stage1" of convnet(2, 3; 4) 8x8x2',
    );
    expect(channels.help).toContain('joints: { at: [stage1] }');
    const crossed = problemOf(() =>
      withGraft(host, student, [{ teacher: 'stage2', student: 'stage1' }], 1, 1),
    );
    expect(crossed.message).toContain('yields 4x4x6 and "stage1"');
    const disordered = problemOf(() =>
      withGraft(host, student, [BLOCKS[1], BLOCKS[0]] as typeof BLOCKS, 2, 2),
    );
    expect(disordered.message).toContain('nothing of');
  });
});

describe('joints', () => {
  it('leave a network what it is when they are the identity', () => {
    const plain = buildArchitecture('convnet', SHAPE, 3, { filters: [2, 3], hidden: [4] });
    const weights = weightsOf(plain, 3);
    const identity = (size: number) =>
      Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
    const joints: Stored = {
      'stage1.relu.joint/kernel': { shape: [1, 1, 2, 2], data: identity(2) },
      'stage1.relu.joint/bias': { shape: [2], data: new Float32Array(2) },
      'stage2.relu.joint/kernel': { shape: [1, 1, 3, 3], data: identity(3) },
      'stage2.relu.joint/bias': { shape: [3], data: new Float32Array(3) },
    };
    expect(answers(student, { ...weights, ...joints }).dataSync()).toEqual(
      answers(plain, weights).dataSync(),
    );
  });

  it('are refused twice at one place, and after the answers', () => {
    const twice = problemOf(() => withModule(student, { name: 'joints', settings: { at: ['stage1'] } }));
    expect(twice.message).toContain('has a joint already');
    const last = problemOf(() => withModule(host, { name: 'joints', settings: { at: ['logits'] } }));
    expect(last.message).toContain('nothing comes after');
  });
});
