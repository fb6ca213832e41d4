import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { refiners } from '../../src/methods/refine/index.ts';
import { logitStandardization } from '../../src/methods/refine/logit-standardization.ts';
import { context, drawn, lossOf, value, values } from './context.ts';

const [s, t] = [drawn([4, 5], 1), drawn([4, 5], 2)];

/** kd behind the refiner. */
function loss(student: tf.Tensor, teacher: tf.Tensor): tf.Scalar {
  const refined = logitStandardization.refine(tf, context({ logits: [student, teacher] }));
  return lossOf('kd')({ logits: [refined.student.logits, refined.teacher.logits] });
}

describe('standardised logits', () => {
  it('have mean 0 and deviation 1, by n − 1, on both sides', () => {
    const refined = logitStandardization.refine(
      tf,
      context({ logits: [tf.tensor2d([[1, 2, 6]]), tf.mul(t, 9)] }),
    );
    const deviation = Math.sqrt((4 + 1 + 9) / 2);
    values(refined.student.logits).forEach((got, k) =>
      expect(got).toBeCloseTo(([-2, -1, 3][k] ?? NaN) / deviation, 5),
    );
    values(tf.sum(tf.square(refined.teacher.logits), 1)).forEach((sum) => expect(sum).toBeCloseTo(4, 4));
  });

  it('let a term forget the size and the offset of the student’s logits', () => {
    const moved = tf.add(tf.mul(s, 7), drawn([4, 1], 3));
    expect(value(loss(moved, t))).toBeCloseTo(value(loss(s, t)), 5);
  });

  it('have a gradient across the deviation and across the ones', () => {
    const slope = tf.grad((own: tf.Tensor) => loss(own, t))(s);
    const centred = tf.sub(s, tf.mean(s, 1, true));
    expect(Math.max(...values(slope).map(Math.abs))).toBeGreaterThan(1e-3);
    for (const along of [centred, tf.onesLike(s)])
      values(tf.sum(tf.mul(slope, along), 1)).forEach((product) => expect(product).toBeCloseTo(0, 5));
  });

  it('stay finite, with their gradient, where all logits of a sample are equal', () => {
    const flat = tf.ones([4, 5]);
    expect(Number.isFinite(value(loss(flat, t)))).toBe(true);
    expect(values(tf.grad((own: tf.Tensor) => loss(own, t))(flat)).every(Number.isFinite)).toBe(true);
  });

  it('leave everything but the logits as it is', () => {
    const given = context({ logits: [s, t], maps: [drawn([4, 3], 5), drawn([4, 3], 6)] });
    const { student, teacher } = logitStandardization.refine(tf, given);
    expect([student.maps, teacher.maps]).toEqual([given.student.maps, given.teacher.maps]);
  });
});

describe('every refiner', () => {
  it.each(refiners.map((refiner) => [refiner.name, refiner] as const))(
    '%s says what a reader needs',
    (_, one) => {
      for (const text of [one.title, one.summary, one.formula]) expect(text.length).toBeGreaterThan(3);
      expect(one.summary.length).toBeLessThan(160);
      expect(one.papers.length).toBeGreaterThan(0);
    },
  );
});
