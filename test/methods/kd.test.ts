import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { findMethod } from '../../src/methods/index.ts';
import { context, drawn, value, values } from './context.ts';

const kd = findMethod('kd');
if (kd === undefined) throw new Error('no kd');

const loss = (student: tf.Tensor, teacher: tf.Tensor, temperature: number) =>
  kd.loss(tf, context({ logits: [student, teacher], parameters: { temperature: tf.scalar(temperature) } }));

describe('soft targets', () => {
  const [s, t] = [drawn([6, 5], 1), drawn([6, 5], 2)];

  it('is zero with zero gradient for a student that says what the teacher says', () => {
    expect(value(loss(t, t, 4))).toBeCloseTo(0, 6);
    for (const slope of values(tf.grad((z) => loss(z, t, 4))(t))) expect(slope).toBeCloseTo(0, 6);
  });

  it('has the gradient T/N · (p_s − p_t)', () => {
    const soft = (z: tf.Tensor) => tf.softmax(tf.div(z, 3));
    const want = values(tf.mul(tf.sub(soft(s), soft(t)), 3 / 6));
    values(tf.grad((z) => loss(z, t, 3))(s)).forEach((slope, i) => {
      expect(slope).toBeCloseTo(want[i] ?? NaN, 6);
    });
  });

  it('does not change when a constant is added to a row of either side', () => {
    const shift = tf.tensor2d([[5], [-3], [0], [100], [2], [-40]]);
    expect(value(loss(tf.add(s, shift), t, 4))).toBeCloseTo(value(loss(s, t, 4)), 4);
    expect(value(loss(s, tf.add(t, shift), 4))).toBeCloseTo(value(loss(s, t, 4)), 4);
  });

  it('tends to half the mean squared difference of centred logits as the temperature grows', () => {
    const centred = (z: tf.Tensor) => tf.sub(z, tf.mean(z, 1, true));
    const limit = value(tf.sum(tf.square(tf.sub(centred(s), centred(t))))) / (2 * 6 * 5);
    expect(value(loss(s, t, 100))).toBeCloseTo(limit, 2);
  });

  it('stays finite for logits far apart', () => {
    const far = tf.mul(s, 1e4);
    expect(Number.isFinite(value(loss(far, t, 1)))).toBe(true);
    expect(values(tf.grad((z) => loss(z, tf.neg(far), 1))(far)).every(Number.isFinite)).toBe(true);
  });
});
