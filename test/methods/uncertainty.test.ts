import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { crossEntropy, drawn, lossOf, value } from './context.ts';

const loss = lossOf('uncertainty');
const scalar = (x: number) => tf.scalar(x);
const rows = (...of: number[][]) => tf.tensor2d(of);
/** Answers whose softmax is what is given, `[passes, batch, classes]`. */
const answers = (...of: number[][][]) => tf.log(tf.maximum(tf.tensor3d(of), 1e-30));
const at = (
  student: tf.Tensor,
  passes: tf.Tensor,
  labels: readonly number[],
  parameters: Readonly<Record<string, unknown>> = {},
) =>
  loss({ logits: [student, tf.zerosLike(student)], passes, labels, parameters: { floor: 0, ...parameters } });
const one = { lowTemperature: scalar(1), highTemperature: scalar(1) };

describe('distillation by uncertainty', () => {
  it('weighs the teacher by 1 − E / log C: two passes (.9, .1) and (.1, .9) are trusted by 0.469', () => {
    const passes = answers([[0.9, 0.1]], [[0.1, 0.9]]);
    const student = rows([1, 0]);
    // p̄ = (½, ½); at temperature 1.
    const logs = tf.logSoftmax(student).dataSync();
    const kl = Math.log(0.5) - ((logs[0] ?? NaN) + (logs[1] ?? NaN)) / 2;
    const want = 0.469 * kl + (1 - 0.469) * -(logs[1] ?? NaN);
    expect(value(at(student, passes, [1], one))).toBeCloseTo(want, 4);
  });

  it('is the labels’ cross-entropy where one-hot passes disagree evenly', () => {
    const hot = (k: number) => [0, 1, 2].map((class_) => (class_ === k ? 1 : 0));
    const passes = answers([hot(0)], [hot(1)], [hot(2)]);
    const student = rows([0.4, -1, 2]);
    expect(value(at(student, passes, [2]))).toBeCloseTo(crossEntropy(student, [2]), 4);
  });

  it('is plain distillation where all passes agree and the temperature stands', () => {
    const [student, teacher] = [drawn([4, 5], 1), drawn([4, 5], 2)];
    const passes = tf.stack([teacher, teacher, teacher]);
    const temperatures = { lowTemperature: scalar(3), highTemperature: scalar(3) };
    const kd = lossOf('kd')({ logits: [student, teacher], parameters: { temperature: scalar(3) } });
    expect(value(at(student, passes, [0, 1, 2, 3], temperatures))).toBeCloseTo(value(kd), 4);
    const alone = tf.expandDims(teacher, 0);
    expect(value(at(student, alone, [0, 1, 2, 3], temperatures))).toBeCloseTo(value(kd), 4);
  });

  it('teaches a uniform answer at the low temperature, or at the high one where that is asked for', () => {
    const student = rows([3, 0, 0]);
    const passes = tf.zeros([2, 1, 3]);
    const kd = (temperature: number) =>
      value(
        lossOf('kd')({
          logits: [student, tf.zeros([1, 3])],
          parameters: { temperature: scalar(temperature) },
        }),
      );
    const range = { lowTemperature: scalar(1.5), highTemperature: scalar(4) };
    expect(value(at(student, passes, [0], range))).toBeCloseTo(kd(1.5), 4);
    expect(value(at(student, passes, [0], { ...range, direction: 'direct' }))).toBeCloseTo(kd(4), 4);
  });

  it('never leaves the labels out below the floor', () => {
    const [student, teacher] = [rows([1, 0, 0]), rows([0, 1, 0])];
    const passes = tf.stack([teacher, teacher]);
    const [without, with_] = [0, 0.25].map((floor) => value(at(student, passes, [2], { floor })));
    expect((with_ ?? NaN) - (without ?? NaN)).toBeCloseTo(0.25 * crossEntropy(student, [2]), 5);
  });

  it('measures by the range of the batch where that is asked for', () => {
    // The first sample is the surest of the batch, the second the least sure: 0 and 1 of the range.
    const passes = answers([[0.9, 0.1], [0.7, 0.3]], [[0.9, 0.1], [0.3, 0.7]]); // prettier-ignore
    const student = rows([1, 0], [0, 2]);
    const got = value(at(student, passes, [0, 0], { ...one, scale: 'batch' }));
    const logs = tf.logSoftmax(student).dataSync();
    const kl = 0.9 * (Math.log(0.9) - (logs[0] ?? NaN)) + 0.1 * (Math.log(0.1) - (logs[1] ?? NaN));
    expect(got).toBeCloseTo((kl - (logs[2] ?? NaN)) / 2, 4);
  });

  it.each(['classes', 'batch'])('has the slope of the difference quotient, by %s', (scale) => {
    const passes = drawn([3, 4, 5], 9);
    const student = drawn([4, 5], 4);
    const along = drawn([4, 5], 8);
    const of = (x: tf.Tensor) => at(x, passes, [0, 1, 2, 3], { scale, floor: 0.1 });
    const step = 5e-3;
    const [up, down] = [1, -1].map((sign) => value(of(tf.add(student, tf.mul(along, sign * step)))));
    const quotient = ((up ?? NaN) - (down ?? NaN)) / (2 * step);
    expect(value(tf.sum(tf.mul(tf.grad(of)(student), along)))).toBeCloseTo(quotient, 2);
  });
});
