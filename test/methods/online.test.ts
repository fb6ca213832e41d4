import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import type { Member } from '../../src/methods/method.ts';
import { okddip } from '../../src/methods/online/okddip.ts';
import { one } from '../../src/methods/online/one.ts';
import { crossEntropy, drawn, lossOf, sizes, started, value, values, variablesOf } from './context.ts';

const [a, b] = [drawn([4, 5], 1), drawn([4, 5], 2)];
const labels = [0, 3, 1, 4];
const member = (logits: tf.Tensor, embedding: tf.Tensor = drawn([4, 6], 9)): Member => ({
  logits: logits as tf.Tensor2D,
  embedding: embedding as tf.Tensor2D,
});

describe('mutual learning', () => {
  const dml = lossOf('dml');

  it('says nothing between equal networks', () => {
    const [slope] = tf.grads((own: tf.Tensor) => dml({ logits: [own, a] }))([a]);
    expect(value(dml({ logits: [a, a] }))).toBeCloseTo(0, 6);
    values(slope as tf.Tensor).forEach((one) => expect(one).toBeCloseTo(0, 6));
  });

  it('is the divergence from the peer to oneself, by hand', () => {
    const [own, peer] = [tf.tensor2d([[0, Math.log(3)]]), tf.tensor2d([[0, 0]])];
    expect(value(dml({ logits: [own, peer] }))).toBeCloseTo(
      0.5 * Math.log(0.5 / 0.25) + 0.5 * Math.log(0.5 / 0.75),
      6,
    );
  });

  it('pulls as co-distillation does, which differs by the entropy of the peer', () => {
    const codistillation = lossOf('codistillation');
    const slopes = [dml, codistillation].map((loss) =>
      values(tf.grad((own: tf.Tensor) => loss({ logits: [own, b] }))(a)),
    );
    slopes[0]?.forEach((want, i) => expect(slopes[1]?.[i]).toBeCloseTo(want, 6));
    const p = tf.softmax(b);
    const entropy = value(tf.neg(tf.mean(tf.sum(tf.mul(p, tf.log(p)), 1))));
    const gap = value(codistillation({ logits: [a, b] })) - value(dml({ logits: [a, b] }));
    expect(gap).toBeCloseTo(entropy, 5);
  });
});

describe('the student-friendly teacher', () => {
  const sftn = lossOf('sftn');
  // At τ = 2 these are (1/4, 3/4) of the network, and (1/2, 1/2) and (3/4, 1/4) of its tails.
  const [network, even, turned] = [
    [0, 2 * Math.log(3)],
    [0, 0],
    [2 * Math.log(3), 0],
  ].map((logits) => member(tf.tensor2d([logits]))) as [Member, Member, Member];
  const group = [network, even, turned];
  const divergence = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, one, k) => sum + one * Math.log(one / (q[k] ?? NaN)), 0);
  const [p, tails] = [
    [0.25, 0.75],
    [
      [0.5, 0.5],
      [0.75, 0.25],
    ],
  ];

  it('is τ² times the mean divergence of the tails from the network, by hand', () => {
    const got = sftn({ group, parameters: { temperature: 2 } });
    const want = tails.map((tail) => divergence(tail, p));
    expect(value(got)).toBeCloseTo((4 * ((want[0] ?? NaN) + (want[1] ?? NaN))) / 2, 5);
  });

  it('weighs by the network’s answers when told to', () => {
    const got = sftn({ group, parameters: { temperature: 2, direction: 'teacherToBranch' } });
    const want = tails.map((tail) => divergence(p, tail));
    expect(value(got)).toBeCloseTo((4 * ((want[0] ?? NaN) + (want[1] ?? NaN))) / 2, 5);
  });

  // Two images of two values: the tails are off by (1, 0, 3, 0) and (0, 2, 0, 0).
  const images = [
    [0, 1, 2, 3],
    [1, 1, 5, 3],
    [0, 3, 2, 3],
  ].map((pixels) => member(tf.tensor2d(pixels, [2, 2])));

  it('of images is the mean over the tails of their mean absolute difference, by hand', () => {
    const paper = sftn({ group: images, parameters: { compare: 'images' } });
    expect(value(paper)).toBeCloseTo((4 / 4 + 2 / 4) / 2, 6);
    const code = sftn({ group: images, parameters: { compare: 'images', scale: 'code' } });
    expect(value(code)).toBeCloseTo((4 / 4 + 2 / 4) / 2 / 4, 6);
  });

  it('of images moves both sides, and the tails alone where the network stands still', () => {
    const slope = (constantTeacher: boolean) =>
      values(
        tf.grad((own: tf.Tensor) =>
          sftn({
            group: [member(own), ...images.slice(1)],
            parameters: { compare: 'images', constantTeacher },
          }),
        )((images[0] as Member).logits),
      );
    // −sign of each difference, over four values and two tails.
    const wanted = [-1 / 8, -1 / 8, -1 / 8, 0];
    slope(false).forEach((one, at) => expect(one).toBeCloseTo(wanted[at] ?? NaN, 6));
    slope(true).forEach((one) => expect(one).toBeCloseTo(0, 6));
  });
});

describe('the native ensemble', () => {
  const loss = lossOf('one');
  const variables = started(
    variablesOf('one', sizes({ group: { features: [6, 6, 6], trunkChannels: 3 } })),
  ); // prettier-ignore
  const trunk = drawn([4, 2, 2, 3], 5);
  const branches = [a, b, drawn([4, 5], 3)].map((logits) => member(logits));

  it('is the branch itself where all branches are equal', () => {
    const equal = [a, a, a].map((logits) => member(logits));
    const got = loss({ group: equal, trunk, labels, variables });
    expect(value(got)).toBeCloseTo(crossEntropy(a, labels), 4);
  });

  it('lets the gate learn from the ensemble’s cross-entropy alone', () => {
    const slope = (consistency: number) =>
      values(
        tf.grad((kernel: tf.Tensor) =>
          loss({
            group: branches,
            trunk,
            labels,
            variables: { ...variables, 'gate/kernel': kernel },
            parameters: { consistency: tf.scalar(consistency) },
          }),
        )(variables['gate/kernel'] as tf.Tensor),
      );
    const want = slope(0);
    expect(Math.max(...want.map(Math.abs))).toBeGreaterThan(1e-4);
    slope(100).forEach((got, i) => expect(got).toBeCloseTo(want[i] ?? NaN, 6));
  });

  it('needs branches of one network that share a map', () => {
    expect(one.needs.group?.trunk).toBe('map');
  });
});

describe('diverse peers', () => {
  const loss = lossOf('okddip');
  const variablesFor = (features: readonly number[]) =>
    started(variablesOf('okddip', sizes({ group: { features, trunkChannels: 0 } }), { reduction: 2 })); // prettier-ignore

  it('gives a single peer itself as target, and the leader that peer', () => {
    const variables = variablesFor([6, 6]);
    expect(value(loss({ group: [member(a), member(a)], variables }))).toBeCloseTo(0, 4);
    const apart = value(loss({ group: [member(b), member(a)], variables }));
    const kd = value(lossOf('kd')({ logits: [b, a], parameters: { temperature: tf.scalar(3) } }));
    expect(apart).toBeCloseTo(kd, 4);
  });

  it('mixes the peers with shares that sum to one: peers that agree have their own answer as target', () => {
    const variables = variablesFor([6, 6, 6]);
    const group = [member(a), member(a, drawn([4, 6], 7)), member(a, drawn([4, 6], 8))];
    expect(value(loss({ group, variables }))).toBeCloseTo(0, 4);
  });

  it('reaches the peers through their targets, the attention, and the leader’s target', () => {
    const variables = variablesFor([6, 6, 6]);
    const slopes = tf.grads((query: tf.Tensor, key: tf.Tensor, embedding: tf.Tensor, logits: tf.Tensor) =>
      loss({
        group: [member(drawn([4, 5], 4)), member(logits, embedding), member(b)],
        variables: { ...variables, query, key },
      }),
    )([variables['query'] as tf.Tensor, variables['key'] as tf.Tensor, drawn([4, 6], 3), a]);
    for (const slope of slopes) expect(Math.max(...values(slope).map(Math.abs))).toBeGreaterThan(1e-5);
  });

  it('refuses peers of unlike embeddings; the leader’s is free', () => {
    expect(okddip.checkGroup?.({ features: [8, 6, 6], trunkChannels: 0 })).toBeNull();
    expect(okddip.checkGroup?.({ features: [6, 6, 8], trunkChannels: 0 })?.message).toContain('6, 8');
  });
});
