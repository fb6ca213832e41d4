import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { besideLossOf, drawn, goldenCases, lossOf, methodOf, sizes, started, value, values, variablesOf, zeros } from './context.ts'; // prettier-ignore

const largest = (tensor: tf.Tensor) => Math.max(...values(tensor).map(Math.abs));

describe('a discriminator of answers', () => {
  const [s, t] = [drawn([6, 5], 1), drawn([6, 5], 2)];
  const specs = variablesOf('gankd', sizes({}), { width: 8 });
  const opponentLoss = (variables: Record<string, tf.Tensor>, student = s, smoothing = 0) =>
    besideLossOf('gankd')({ logits: [student, t], variables, parameters: { smoothing } });

  it('that knows nothing costs 2 log 2, and the student log 2', () => {
    const variables = zeros(specs);
    expect(value(opponentLoss(variables))).toBeCloseTo(2 * Math.LN2, 6);
    expect(value(opponentLoss(variables, s, 0.1))).toBeCloseTo(2 * Math.LN2, 6);
    expect(value(lossOf('gankd')({ logits: [s, t], variables }))).toBeCloseTo(Math.LN2, 6);
  });

  it('learns against the student: where one falls the other rises', () => {
    const variables = started(specs);
    const step = (loss: (student: tf.Tensor) => tf.Scalar) =>
      tf.sub(s, tf.mul(0.1, tf.grad((student: tf.Tensor) => loss(student))(s)));
    const student = (logits: tf.Tensor) => lossOf('gankd')({ logits: [logits, t], variables });
    const moved = step(student);
    expect(value(student(moved))).toBeLessThan(value(student(s)));
    expect(value(opponentLoss(variables, moved))).toBeGreaterThan(value(opponentLoss(variables)));
  });

  it('tells the two apart after some steps of its own', () => {
    let variables = started(specs);
    const names = Object.keys(variables);
    const before = value(opponentLoss(variables));
    for (let i = 0; i < 30; i++) {
      const slopes = tf.grads((...tensors: tf.Tensor[]) =>
        opponentLoss(Object.fromEntries(names.map((name, at) => [name, tensors[at] as tf.Tensor]))),
      )(names.map((name) => variables[name] as tf.Tensor));
      variables = Object.fromEntries(
        names.map((name, at) => [
          name,
          tf.sub(variables[name] as tf.Tensor, tf.mul(0.2, slopes[at] as tf.Tensor)),
        ]),
      );
    }
    expect(value(opponentLoss(variables))).toBeLessThan(before - 0.2);
  });
});

describe('a discriminator of maps', () => {
  const [own, peer] = [drawn([3, 4, 4, 2], 1), drawn([3, 4, 4, 5], 2)];
  const size = sizes({ pairs: [{ student: [4, 4, 2], teacher: [4, 4, 5] }] });
  const parameters = { width: 4 };
  const specs = variablesOf('afd', size, parameters);
  const opponentLoss = (variables: Record<string, tf.Tensor>, student = own) =>
    besideLossOf('afd')({ maps: [student, peer], variables, parameters });

  it('that knows nothing costs one half, and the student one quarter', () => {
    const variables = zeros(specs);
    expect(value(opponentLoss(variables))).toBeCloseTo(0.5, 6);
    expect(value(lossOf('afd')({ maps: [own, peer], variables, parameters }))).toBeCloseTo(0.25, 6);
  });

  it('is read by the student’s loss, which does not see the peer at all', () => {
    const variables = started(specs);
    const [mine, theirs] = tf.grads((student: tf.Tensor, other: tf.Tensor) =>
      tf.add(lossOf('afd')({ maps: [student, other], variables, parameters }), tf.mul(0, tf.sum(other))),
    )([own, peer]);
    expect(largest(mine as tf.Tensor)).toBeGreaterThan(0);
    expect(largest(theirs as tf.Tensor)).toBe(0);
    const moved = tf.sub(own, tf.mul(0.5, mine as tf.Tensor));
    expect(value(opponentLoss(variables, moved))).toBeGreaterThan(value(opponentLoss(variables)));
  });
});

describe('a paraphraser', () => {
  const shapes = sizes({ pairs: [{ student: [4, 4, 4], teacher: [4, 4, 6] }] });
  const [s, t] = [drawn([2, 4, 4, 4], 1), drawn([2, 4, 4, 6], 2)];

  it.each(goldenCases('ft').map((one) => [one.id, one] as const))(
    '%s: rebuilds the teacher’s map',
    (_, golden) => {
      const names = Object.entries(methodOf('ft').fixtures[0]?.variables ?? {}) as [string, string][];
      const variables = Object.fromEntries(names.map(([name, from]) => [name, golden.tensor(from)]));
      const map = golden.tensor('feat_teacher');
      expect(value(besideLossOf('ft')({ maps: [map, map], variables }))).toBeCloseTo(
        golden.component('reconstruction'),
        5,
      );
    },
  );

  it.each(['ft', 'ftOfficial'])('%s reads the teacher alone, so that it may be trained ahead', (name) => {
    const variables = started(variablesOf(name, shapes));
    expect(methodOf(name).opponent?.ahead).toBe(true);
    const loss = (student: tf.Tensor) => value(besideLossOf(name)({ maps: [student, t], variables }));
    expect(loss(s)).toBe(loss(tf.mul(s, 5)));
  });

  it.each(['encoder', 'translator'])('ftOfficial forgets the size of the factor of the %s', (part) => {
    const variables = started(variablesOf('ftOfficial', shapes));
    const scaled = ['kernel', 'bias'].map((name) => `${part}/2/${name}`);
    const larger = Object.fromEntries(scaled.map((name) => [name, tf.mul(variables[name] as tf.Tensor, 3)]));
    const loss = (given: Record<string, tf.Tensor>) =>
      value(lossOf('ftOfficial')({ maps: [s, t], variables: given }));
    expect(loss({ ...variables, ...larger })).toBeCloseTo(loss(variables), 6);
  });

  it('ft takes absolute differences, or their squares, which are smaller between entries of unit vectors', () => {
    const variables = started(variablesOf('ft', shapes));
    const loss = (outerPower: number) =>
      value(lossOf('ft')({ maps: [s, t], variables, parameters: { outerPower } }));
    expect(loss(2)).toBeGreaterThan(0);
    expect(loss(2)).toBeLessThan(loss(1));
  });
});
