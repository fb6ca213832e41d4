import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { findMethod } from '../../src/methods/index.ts';
import { context, drawn, value, values } from './context.ts';

const [s, t] = [drawn([6, 5], 1), drawn([6, 5], 2)];

function loss(method: string, adjust: string, student: tf.Tensor = s, teacher: tf.Tensor = t): tf.Scalar {
  const parameters = { temperature: tf.scalar(2), adjust };
  return findMethod(method)?.loss(tf, context({ logits: [student, teacher], parameters })) ?? tf.scalar(NaN);
}

describe('soft targets adjusted by entropy', () => {
  it('are those of kd where nothing is adjusted, and where every page is uniform', () => {
    expect(value(loss('bookKd', 'none'))).toBeCloseTo(value(loss('kd', '')), 5);
    const uniform = tf.zeros([6, 5]);
    expect(value(loss('bookKd', 'page', s, uniform))).toBeCloseTo(value(loss('kd', '', s, uniform)), 5);
  });

  it('count nothing where the page is certain', () => {
    const certain = tf.mul(tf.oneHot(tf.tensor1d([0, 1, 2, 3, 4, 0], 'int32'), 5), 1000);
    expect(value(loss('bookKd', 'page', s, certain))).toBeCloseTo(0, 6);
  });

  it('are each weighed by the entropy of the page, or by how much surer it is than the student', () => {
    const rows = (x: tf.Tensor) => tf.unstack(x).map((row) => tf.expandDims(row, 0));
    const entropy = (p: tf.Tensor) => -values(tf.sum(tf.mul(p, tf.log(p)))).reduce((a, b) => a + b, 0);
    const [students, teachers] = [rows(s), rows(t)];
    for (const adjust of ['page', 'difference']) {
      const each = students.map((student, n) => {
        const teacher = teachers[n] as tf.Tensor;
        const page = entropy(tf.softmax(tf.div<tf.Tensor2D>(teacher, 2)));
        const own = entropy(tf.softmax(student as tf.Tensor2D));
        const weight = adjust === 'page' ? page / Math.log(5) : Math.exp(own - page);
        return weight * value(loss('kd', '', student, teacher));
      });
      const mean = each.reduce((a, b) => a + b, 0) / each.length;
      expect(value(loss('bookKd', adjust))).toBeCloseTo(mean, 4);
    }
  });

  it('let no gradient through the weights', () => {
    // One sample: the gradient is that of kd, times its weight.
    const [student, teacher] = [drawn([1, 5], 3), drawn([1, 5], 4)];
    const gradient = (method: string) =>
      values(tf.grad((x) => loss(method, 'difference', x, teacher))(student));
    const weight =
      value(loss('bookKd', 'difference', student, teacher)) / value(loss('kd', '', student, teacher));
    gradient('kd').forEach((slope, k) => expect(gradient('bookKd')[k]).toBeCloseTo(weight * slope, 4));
  });
});
