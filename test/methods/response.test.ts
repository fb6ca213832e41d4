import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { findMethod } from '../../src/methods/index.ts';
import { inverse } from '../../src/methods/linear-algebra.ts';
import { context, drawn, value, values } from './context.ts';

const [s, t] = [drawn([6, 5], 1), drawn([6, 5], 2)];

describe('the learned temperature', () => {
  const loss = (theta: tf.Tensor, reversal: number) =>
    findMethod('ctkd')?.loss(
      tf,
      context({
        logits: [s, t],
        parameters: { lowest: 1, span: 4, reversal: tf.scalar(reversal) },
        variables: { theta },
      }),
    ) ?? tf.scalar(NaN);
  const theta = tf.tensor1d([0.3]);
  const slope = (reversal: number) => value(tf.grad((x) => loss(x, reversal))(theta));

  it('works against the student: its gradient is the negative of that of the loss', () => {
    const step = 1e-2;
    const at = (by: number) => value(loss(tf.add(theta, by), 1));
    const want = (at(step) - at(-step)) / (2 * step);
    expect(slope(1)).toBeCloseTo(-want, 4);
    expect(slope(0.25)).toBeCloseTo(-want / 4, 4);
    expect(slope(0)).toBeCloseTo(0, 6);
  });

  it('does not change the value with the strength of the reversal', () => {
    expect(value(loss(theta, 0))).toBeCloseTo(value(loss(theta, 1)), 5);
  });

  it('stays within its range, where it is kd at that temperature', () => {
    const kd = (temperature: number) =>
      findMethod('kd')?.loss(
        tf,
        context({ logits: [s, t], parameters: { temperature: tf.scalar(temperature) } }),
      );
    expect(value(loss(tf.tensor1d([-50]), 1))).toBeCloseTo(value(kd(1) as tf.Tensor), 5);
    expect(value(loss(tf.tensor1d([50]), 1))).toBeCloseTo(value(kd(5) as tf.Tensor), 5);
  });
});

describe('the inverse of a symmetric matrix', () => {
  const root = drawn([7, 7], 3) as tf.Tensor2D;
  const matrix: tf.Tensor2D = tf.add(tf.matMul(root, root, true), tf.mul(0.1, tf.eye(7)));

  it('gives one with its matrix', () => {
    const product = values(tf.matMul(inverse(tf, matrix), matrix));
    values(tf.eye(7)).forEach((want, i) => expect(product[i]).toBeCloseTo(want, 3));
  });

  it('has the derivative −X dA X', () => {
    const weights = drawn([7, 7], 4) as tf.Tensor2D;
    const slope = tf.grad((a: tf.Tensor) => tf.sum(tf.mul(weights, inverse(tf, a as tf.Tensor2D))))(matrix);
    const x = inverse(tf, matrix);
    const want = values(tf.neg(tf.matMul(tf.matMul(x, weights, true), x, false, true)));
    const scale = Math.max(...want.map(Math.abs));
    values(slope).forEach((got, i) => expect(Math.abs(got - (want[i] ?? NaN)) / scale).toBeLessThan(1e-3));
  });

  it('stands a condition number of ten thousand', () => {
    const diagonal = tf.diag(tf.tensor1d([1e-3, 0.5, 10])) as tf.Tensor2D;
    values(tf.matMul(inverse(tf, diagonal), diagonal)).forEach((got, i) =>
      expect(got).toBeCloseTo(i % 4 === 0 ? 1 : 0, 3),
    );
  });
});
