import { describe, expect, it } from 'vitest';
import { tf } from '../../src/compiler/tfjs.ts';
import { withGradients } from '../../src/training/gradients.ts';
import { lookingAhead, type SearchedLoss } from '../../src/training/search-gradients.ts';

const numbers = (tensor: tf.Tensor | undefined) => Array.from(tensor?.dataSync() ?? [NaN]);

describe('a search that looks a step of the learner ahead', () => {
  it('follows the quadratic form as its formula says', () => {
    // L = ½ Σ (θ − χ)², so L(θ'(χ), χ) = ½ (1 − ξ)² Σ (θ − χ)².
    const weights = { theta: tf.tensor1d([0.5, -1, 2]) };
    const searched = { chi: tf.tensor1d([0.1, 0.3, -0.2]) };
    const compute: SearchedLoss = ({ theta }) => ({
      loss: tf.mul(0.5, tf.sum(tf.squaredDifference(theta as tf.Tensor, searched.chi))),
      aside: {},
    });
    const rate = 0.3;
    const { loss, gradients } = lookingAhead(tf, compute, weights, searched, rate);
    expect(numbers(loss)[0]).toBeCloseTo(0.5 * (0.4 ** 2 + 1.3 ** 2 + 2.2 ** 2), 5);
    const wanted = [0.4, -1.3, 2.2].map((distance) => -((1 - rate) ** 2) * distance);
    numbers(gradients['chi']).forEach((one, i) => expect(one).toBeCloseTo(wanted[i] ?? NaN, 3));
  });

  it('has the slope of the loss after the step, which the first order misses', () => {
    const theta = tf.tensor2d([0.4, -0.7, 0.2, 0.9], [2, 2]);
    const inputs = tf.tensor2d([1, -2, 0.5, 1.5, -1, 0.3], [3, 2]);
    const targets = tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2]);
    const of =
      (chi: tf.Tensor): SearchedLoss =>
      (weights) => ({
        loss: tf.mean(
          tf.squaredDifference(
            tf.tanh(tf.matMul(tf.mul(inputs, chi), weights['theta'] as tf.Tensor2D)),
            tf.mul(targets, chi),
          ),
        ),
        aside: {},
      });
    const start = [1, 0.8];
    const rate = 0.7;
    /** L(θ − ξ ∇_θ L(θ, χ), χ). */
    const after = (values: readonly number[]) => {
      const compute = of(tf.tensor1d([...values]));
      const slope = withGradients(tf, { theta }, () => compute({ theta })).gradients['theta'] as tf.Tensor;
      return numbers(compute({ theta: tf.sub(theta, tf.mul(rate, slope)) }).loss)[0] ?? NaN;
    };
    const chi = tf.tensor1d(start);
    const { gradients } = lookingAhead(tf, of(chi), { theta }, { chi }, rate);
    const first = withGradients(tf, { chi }, () => of(chi)({ theta })).gradients['chi'];
    const step = 1e-2;
    start.forEach((_, i) => {
      const moved = (by: number) => after(start.map((value, at) => (at === i ? value + by : value)));
      const slope = (moved(step) - moved(-step)) / (2 * step);
      expect(numbers(gradients['chi'])[i]).toBeCloseTo(slope, 3);
      expect(Math.abs((numbers(first)[i] ?? NaN) - slope)).toBeGreaterThan(0.02);
    });
  });

  it('stays finite where nothing pulls at the weights', () => {
    const weights = { theta: tf.tensor1d([1, 2]) };
    const searched = { chi: tf.tensor1d([3]) };
    const compute: SearchedLoss = () => ({ loss: tf.sum(tf.square(searched.chi)), aside: {} });
    const { gradients } = lookingAhead(tf, compute, weights, searched, 0.01);
    expect(numbers(gradients['chi'])).toEqual([6]);
  });
});
