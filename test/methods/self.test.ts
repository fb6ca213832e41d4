import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import type { Member } from '../../src/methods/method.ts';
import { crossEntropy, drawn, lossOf, sizes, started, value, values, variablesOf } from './context.ts';

const [s, t] = [drawn([4, 5], 1), drawn([4, 5], 2)];
const labels = [0, 3, 1, 4];
const scalar = (x: number) => tf.scalar(x);

describe('labels that are made soft', () => {
  const smoothing = lossOf('labelSmoothing');

  it('is the cross-entropy with the labels without smoothing', () => {
    const got = smoothing({ logits: [s, t], labels, parameters: { smoothing: scalar(0) } });
    expect(value(got)).toBeCloseTo(crossEntropy(s, labels), 5);
  });

  it('is a mixture of the label’s part and that of all other classes', () => {
    const others = [0, 1, 2, 3].map((shift) =>
      crossEntropy(
        s,
        labels.map((label) => (label + shift + 1) % 5),
      ),
    );
    const want = 0.7 * crossEntropy(s, labels) + (0.3 * others.reduce((sum, one) => sum + one)) / 4;
    const got = smoothing({ logits: [s, t], labels, parameters: { smoothing: scalar(0.3) } });
    expect(value(got)).toBeCloseTo(want, 5);
  });

  it('differs from smoothing by no more than an entropy where a hand-made teacher takes the label’s place', () => {
    // softmax(u / T) is 1 − ε at the label, ε / (K − 1) elsewhere: T chosen for ε = 0.4, K = 5, a = 0.99.
    const gap = Math.log((0.6 / 0.4) * 4);
    const temperature = (0.99 - 0.01 / 4) / gap;
    const soft = smoothing({ logits: [s, t], labels, parameters: { smoothing: scalar(0.4) } });
    const entropy = -(0.6 * Math.log(0.6) + 0.4 * Math.log(0.1));
    const got = lossOf('tfkdReg')({
      logits: [s, t],
      labels,
      parameters: { temperature: scalar(temperature) },
    });
    expect(5 * value(got)).toBeCloseTo(value(soft) - entropy, 4);
  });
});

describe('soft targets with a mean over classes', () => {
  it.each(['tfkdSelf', 'takd'])('%s is kd divided by the number of classes', (name) => {
    const parameters = { temperature: scalar(3) };
    const kd = value(lossOf('kd')({ logits: [s, t], parameters }));
    expect(value(lossOf(name)({ logits: [s, t], parameters }))).toBeCloseTo(kd / 5, 6);
  });
});

describe('a snapshot as teacher', () => {
  const loss = lossOf('snapshot');

  it('softens the teacher alone: at a temperature of one it is kd, above it pulls towards less certainty', () => {
    const parameters = { temperature: scalar(1) };
    const kd = value(lossOf('kd')({ logits: [s, t], parameters }));
    expect(value(loss({ logits: [s, t], parameters }))).toBeCloseTo(kd, 6);
    const slope = tf.grad((own: tf.Tensor) =>
      loss({ logits: [own, t], parameters: { temperature: scalar(4) } }),
    )(t);
    const certain = tf.sum(tf.mul(slope, tf.oneHot(tf.argMax(t, 1), 5)));
    expect(value(certain)).toBeGreaterThan(0);
  });

  it('is zero with zero gradient where the student is the softened teacher', () => {
    const softened = tf.div(t, 4);
    const at = { parameters: { temperature: scalar(4) } };
    expect(value(loss({ logits: [softened, t], ...at }))).toBeCloseTo(0, 6);
    const slope = tf.grad((own: tf.Tensor) => loss({ logits: [own, t], ...at }))(softened);
    values(slope).forEach((one) => expect(one).toBeCloseTo(0, 6));
  });
});

describe('exits that the deepest one teaches', () => {
  const loss = lossOf('byot');
  const variables = started(variablesOf('byot', sizes({ group: { features: [6, 4, 3], trunkChannels: 0 } }))); // prettier-ignore
  const exits = (deepest: tf.Tensor, embedding: tf.Tensor): Member[] =>
    [
      [deepest, embedding],
      [drawn([4, 5], 2), drawn([4, 4], 3)],
      [drawn([4, 5], 4), drawn([4, 3], 5)],
    ].map(([logits, features]) => ({ logits: logits as tf.Tensor2D, embedding: features as tf.Tensor2D }));

  it('is nothing without its two shares: what is left is deep supervision by the labels', () => {
    const got = loss({ group: exits(s, drawn([4, 6], 6)), labels, variables, parameters: { alpha: scalar(0), features: scalar(0) } }); // prettier-ignore
    expect(value(got)).toBe(0);
  });

  it('with the labels of every exit at one gives the earlier exits the share α of the deepest, 1 − α of the labels', () => {
    const group = exits(s, drawn([4, 6], 6));
    const got = loss({ group, labels, variables, parameters: { alpha: scalar(0.3), features: scalar(0) } });
    const p = tf.softmax(tf.div(s, 3));
    const parts = group.slice(1).map(({ logits }) => {
      const soft = value(tf.neg(tf.mean(tf.sum(tf.mul(p, tf.logSoftmax(tf.div(logits, 3))), 1))));
      return 0.3 * soft + 0.7 * crossEntropy(logits, labels);
    });
    const supervised = group.slice(1).map(({ logits }) => crossEntropy(logits, labels));
    const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
    expect(value(got) + sum(supervised)).toBeCloseTo(sum(parts), 4);
  });

  it('never moves the deepest exit', () => {
    const slopes = tf.grads((deepest: tf.Tensor, embedding: tf.Tensor) =>
      loss({ group: exits(deepest, embedding), labels, variables }),
    )([s, drawn([4, 6], 6)]);
    for (const slope of slopes) expect(values(slope).every((one) => one === 0)).toBe(true);
  });

  it('lets the next deepest embedding count where it is asked to', () => {
    const at = (nextDeepest: boolean) =>
      value(loss({ group: exits(s, drawn([4, 6], 6)), labels, variables, parameters: { nextDeepest } }));
    expect(at(true)).toBeGreaterThan(at(false));
  });
});

describe('layers that attend to where deeper ones do', () => {
  const loss = lossOf('sad');
  const map = drawn([2, 4, 4, 3], 1);

  it('is zero for one map twice, and for a map whose channels are turned around', () => {
    expect(value(loss({ layers: [map, map] }))).toBeCloseTo(0, 8);
    expect(value(loss({ layers: [map, tf.reverse(map, 3)] }))).toBeCloseTo(0, 8);
  });

  it('has the value of its formula for two pixels', () => {
    // Strengths (0, log 3) and (0, 0): attention (1/4, 3/4) and (1/2, 1/2).
    const [earlier, deeper] = [[0, Math.sqrt(Math.log(3))], [0, 0]].map((row) => tf.tensor(row, [1, 1, 2, 1])); // prettier-ignore
    expect(value(loss({ layers: [earlier as tf.Tensor, deeper as tf.Tensor] }))).toBeCloseTo(0.0625, 6);
  });

  it('enlarges the deeper map: a constant one attends everywhere alike', () => {
    const flat = tf.mul(tf.ones([2, 2, 2, 5]), 3);
    expect(value(loss({ layers: [tf.ones([2, 4, 4, 1]), flat] }))).toBeCloseTo(0, 8);
  });

  it('moves the earlier layer alone, unless it is told otherwise', () => {
    const slopes = (detachDeeper: boolean) =>
      tf
        .grads((earlier: tf.Tensor, deeper: tf.Tensor) =>
          loss({ layers: [earlier, deeper], parameters: { detachDeeper } }),
        )([map, drawn([2, 2, 2, 6], 3)])
        .map((slope) => values(slope).some((one) => one !== 0));
    expect(slopes(true)).toEqual([true, false]);
    expect(slopes(false)).toEqual([true, true]);
  });

  it('compares every layer with the next', () => {
    const layers = [map, drawn([2, 4, 4, 3], 2), drawn([2, 4, 4, 3], 3)];
    const pair = (i: number) => value(loss({ layers: layers.slice(i, i + 2) }));
    expect(value(loss({ layers }))).toBeCloseTo(pair(0) + pair(1), 6);
  });
});

describe('classifiers on layers of the student', () => {
  const layers = [drawn([4, 2, 2, 3], 1), drawn([4, 6], 2)];
  const shapes = [[2, 2, 3], [6]];

  it('learn the teacher’s answer by kd, each at its temperature, the last for all further ones', () => {
    const variables = started(variablesOf('kdexplainerMidcls', sizes({ layers: shapes })));
    const loss = lossOf('kdexplainerMidcls');
    const at = (temperatures: readonly number[], kept = layers) =>
      value(loss({ layers: kept, logits: [s, t], variables, parameters: { temperatures } }));
    expect(at([2, 2])).toBeCloseTo(at([2]), 6);
    const pooled = tf.mean<tf.Tensor2D>(layers[0] as tf.Tensor, [1, 2]);
    const head = tf.add(
      tf.matMul(pooled, variables['layer0/kernel'] as tf.Tensor2D),
      variables['layer0/bias'] as tf.Tensor,
    );
    const kd = value(lossOf('kd')({ logits: [head, t], parameters: { temperature: scalar(2) } }));
    expect(at([2], layers.slice(0, 1))).toBeCloseTo(kd, 5);
  });

  describe('that tell groups of classes apart', () => {
    const loss = lossOf('kdexplainerHier');
    const variablesFor = (clusters: number[][][]) =>
      started(variablesOf('kdexplainerHier', sizes({ layers: shapes }), { clusters }));

    it('take 2, 4, ... runs of classes where none are given', () => {
      const variables = variablesFor([]);
      expect(variables['layer0/kernel']?.shape).toEqual([3, 2]);
      expect(variables['layer1/kernel']?.shape).toEqual([6, 4]);
      const runs = [[[0, 1], [2, 3, 4]], [[0], [1], [2], [3, 4]]]; // prettier-ignore
      const given = loss({ layers, logits: [s, t], labels, variables, parameters: { clusters: runs } });
      expect(value(loss({ layers, logits: [s, t], labels, variables }))).toBeCloseTo(value(given), 6);
    });

    it('weigh a label by the size of its cluster, and one of no cluster not at all', () => {
      const clusters = [[[0], [1, 2]]];
      const logits = tf.tensor2d([[1, 2], [0, 1], [3, 1], [9, 9]]); // prettier-ignore
      const variables = { 'layer0/kernel': tf.eye(2), 'layer0/bias': tf.zeros([2]) };
      const two = (own: number, other: number) => Math.log(1 + Math.exp(other - own));
      const want = (two(1, 2) + 0.5 * two(1, 0) + two(3, 1)) / 2.5;
      const got = loss({
        layers: [logits],
        logits: [s, t],
        labels: [0, 2, 0, 4],
        variables,
        parameters: { clusters },
      });
      expect(value(got)).toBeCloseTo(want, 6);
      const none = loss({
        layers: [logits],
        logits: [s, t],
        labels: [4, 4, 3, 4],
        variables,
        parameters: { clusters },
      });
      expect(value(none)).toBeCloseTo(0, 6);
    });
  });
});
