import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { catalogue } from '../../src/methods/index.ts';
import { drawn, lossOf } from './context.ts';

const [STUDENT, TEACHER] = [drawn([6, 5], 1), drawn([6, 5], 2)];
const LABELS = [0, 1, 2, 3, 4, 0];

/** `dist` compares correlations, which do not shrink as temperatures rise; its authors multiply by T² nonetheless (DIST, official code). */
const SCALE_FREE = ['dist'];

/** Methods that compare the answers of two networks at a temperature, and nothing else. */
const softened = catalogue.filter(
  ({ name, needs, parameters }) =>
    !SCALE_FREE.includes(name) &&
    needs.logits === true &&
    Object.hasOwn(parameters.fields, 'temperature') &&
    Object.keys(needs).every((need) => need === 'logits' || need === 'labels'),
);

/**
 * How much the gradient with respect to the student's logits grows when a high temperature doubles. There the softmax is
 * linear, and a loss with T² keeps its gradient: 1. Where T² was forgotten it falls to 1/4, where it counts twice it grows to 4.
 */
function growth(loss: (student: tf.Tensor, temperature: tf.Scalar) => tf.Scalar): number {
  const norm = (temperature: number) =>
    tf.norm(tf.grad((z) => loss(z, tf.scalar(temperature)))(STUDENT)).dataSync()[0] ?? NaN;
  return norm(256) / norm(128);
}

const of = (name: string) => (student: tf.Tensor, temperature: tf.Scalar) =>
  lossOf(name)({ logits: [student, TEACHER], labels: LABELS, parameters: { temperature } });

describe('the temperature of soft targets', () => {
  it.each(softened.map(({ name }) => name))('%s keeps the size of its gradient', (name) => {
    expect(growth(of(name))).toBeCloseTo(1, 1);
  });

  it('is forgotten to be squared, or squared twice, and that is seen', () => {
    const square = (temperature: tf.Scalar) => tf.square(temperature);
    expect(growth((z, t) => tf.div(of('kd')(z, t), square(t)))).toBeCloseTo(0.25, 2);
    expect(growth((z, t) => tf.mul(of('kd')(z, t), square(t)))).toBeCloseTo(4, 1);
  });
});
