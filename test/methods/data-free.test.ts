import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { dafl } from '../../src/methods/data-free/dafl.ts';
import { dfad } from '../../src/methods/data-free/dfad.ts';
import { generatorLosses } from '../../src/methods/data-free/index.ts';
import { findMethod } from '../../src/methods/index.ts';
import { drawn, goldenCases, lossOf, value, values } from './context.ts';

type Two = tf.Tensor2D;

function daflLoss(logits: tf.Tensor, embedding: tf.Tensor, [oneHot, entropy, activation]: readonly number[]) {
  return dafl.loss(tf, {
    student: { logits: logits as Two },
    teacher: { logits: logits as Two, embedding: embedding as Two },
    parameters: {
      oneHot: tf.scalar(oneHot ?? NaN),
      entropy: tf.scalar(entropy ?? NaN),
      activation: tf.scalar(activation ?? NaN),
    },
  });
}

function dfadLoss(student: tf.Tensor, teacher: tf.Tensor, form: 'plain' | 'logarithm' = 'plain') {
  const [s, t] = [student, teacher] as [Two, Two];
  return dfad.loss(tf, {
    student: { logits: s },
    teacher: { logits: t, embedding: t },
    parameters: { form },
  });
}

describe('samples a teacher is sure of', () => {
  it.each(goldenCases('dafl').map((one) => [one.id, one] as const))(
    '%s: each part by itself',
    (_, golden) => {
      const [logits, embedding] = [golden.tensor('logits_teacher'), golden.tensor('feat_teacher')];
      const part = (...weights: readonly number[]) => value(daflLoss(logits, embedding, weights));
      expect(part(1, 0, 0)).toBeCloseTo(golden.component('one_hot'), 5);
      expect(part(0, 1, 0)).toBeCloseTo(golden.component('information_entropy'), 5);
      expect(part(0, 0, 1)).toBeCloseTo(golden.component('activation'), 5);
    },
  );

  it('have the entropy of all classes alike at −log₁₀ K, of a single one at 0', () => {
    const spread = tf.mul(tf.eye(4), 100);
    const single = tf.tile(tf.tensor2d([[100, 0, 0, 0]]), [4, 1]);
    const entropy = (logits: tf.Tensor) => value(daflLoss(logits, tf.zeros([4, 2]), [0, 1, 0]));
    expect(entropy(tf.zeros([4, 4]))).toBeCloseTo(-Math.log10(4), 5);
    expect(entropy(spread)).toBeCloseTo(-Math.log10(4), 5);
    expect(entropy(single)).toBeCloseTo(0, 5);
    const slope = tf.grad((logits: tf.Tensor) => daflLoss(logits, tf.zeros([4, 2]), [0, 1, 0]))(single);
    expect(values(slope).every(Number.isFinite)).toBe(true);
  });
});

describe('samples on which the two differ', () => {
  it.each(goldenCases('dfad').map((one) => [one.id, one] as const))(
    '%s: both forms, and the gradients that reach the generator through either network',
    (_, golden) => {
      const [s, t] = [golden.tensor('logits_student'), golden.tensor('logits_teacher')];
      expect(value(dfadLoss(s, t))).toBeCloseTo(golden.component('generator_l1'), 5);
      expect(value(dfadLoss(s, t, 'logarithm'))).toBeCloseTo(golden.component('generator_log'), 5);
      const [own, others] = tf.grads((student: tf.Tensor, teacher: tf.Tensor) => dfadLoss(student, teacher))([
        s,
        t,
      ]);
      const want = (side: string) => golden.output(`grad_generator_wrt_${side}`);
      values(own as tf.Tensor).forEach((slope, i) => expect(slope).toBeCloseTo(want('student')[i] ?? NaN, 6));
      values(others as tf.Tensor).forEach((slope, i) =>
        expect(slope).toBeCloseTo(want('teacher')[i] ?? NaN, 6),
      );
    },
  );

  it('grow apart by a step of the generator, and together by a step of the student', () => {
    // Two linear networks on samples x: a step of x along −∂L, a step of the student's matrix along −∂D.
    const [x, student, teacher] = [drawn([6, 3], 1), drawn([3, 4], 2), drawn([3, 4], 3)] as [Two, Two, Two];
    const gap = (at: Two, weights: Two) =>
      value(lossOf('logitsL1')({ logits: [tf.matMul(at, weights), tf.matMul(at, teacher)] }));
    const before = gap(x, student);
    const generated = tf.grad((at: tf.Tensor) => dfadLoss(tf.matMul(at, student), tf.matMul(at, teacher)))(x);
    expect(gap(tf.sub(x, tf.mul(0.1, generated)), student)).toBeGreaterThan(before);
    const learned = tf.grad((weights: tf.Tensor) =>
      lossOf('logitsL1')({ logits: [tf.matMul(x, weights), tf.matMul(x, teacher)] }),
    )(student);
    expect(gap(x, tf.sub(student, tf.mul(0.1, learned)))).toBeLessThan(before);
  });
});

describe('every generator’s loss', () => {
  it.each(generatorLosses.map((one) => [one.name, one] as const))(
    '%s says what a reader needs, and by which term of the catalogue the student learns',
    (_, one) => {
      for (const text of [one.title, one.summary, one.formula, one.recipe.source])
        expect(text.length).toBeGreaterThan(3);
      for (const field of Object.values(one.parameters.fields))
        expect(field.source?.length ?? 0).toBeGreaterThan(3);
      const method = findMethod(one.studentLoss.method);
      const given = Object.keys(one.studentLoss.parameters);
      expect(Object.keys(method?.parameters.fields ?? {})).toEqual(expect.arrayContaining(given));
    },
  );
});
