import * as tf from '@tensorflow/tfjs-core';
import { at, summedTo, type GradientRule, type Tensor } from './rule.ts';

type Side = (dy: Tensor, a: Tensor, b: Tensor) => Tensor;

const binary = (kernel: string, left: Side, right: Side): GradientRule => ({
  kernel,
  saves: ['a', 'b'],
  gradient: ({ dy, saved }) => {
    const [a, b] = [at(saved, 0), at(saved, 1)];
    return {
      a: () => summedTo(left(dy, a, b), a.shape),
      b: () => summedTo(right(dy, a, b), b.shape),
    };
  },
});

const where = (dy: Tensor, mask: Tensor): Tensor => tf.mul(dy, tf.cast(mask, 'float32'));

/** Of kernels whose operands were broadcast, which TensorFlow.js gets wrong, and of those where it has another slope at a kink. */
export const elementwiseGradients: readonly GradientRule[] = [
  binary(
    'Maximum',
    (dy, a, b) => where(dy, tf.greaterEqual(a, b)),
    (dy, a, b) => where(dy, tf.less(a, b)),
  ),
  binary(
    'Minimum',
    (dy, a, b) => where(dy, tf.lessEqual(a, b)),
    (dy, a, b) => where(dy, tf.greater(a, b)),
  ),
  binary(
    'SquaredDifference',
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  ),
  {
    // Zero where x is zero, as in PyTorch and TensorFlow; TensorFlow.js has −1 there.
    kernel: 'Abs',
    saves: ['x'],
    gradient: ({ dy, saved }) => ({ x: () => tf.mul(dy, tf.sign(tf.cast(at(saved, 0), 'float32'))) }),
  },
  {
    kernel: 'Prelu',
    saves: ['x', 'alpha'],
    gradient: ({ dy, saved }) => {
      const [x, alpha] = [at(saved, 0), at(saved, 1)];
      const positive = tf.greater(x, 0);
      return {
        x: () => summedTo(tf.where(positive, dy, tf.mul(dy, alpha)), x.shape),
        alpha: () => summedTo(tf.where(positive, tf.zerosLike(dy), tf.mul(dy, x)), alpha.shape),
      };
    },
  },
  {
    // EluGrad(dy, y) = dy where y ≥ 0, else dy (y + 1)
    kernel: 'EluGrad',
    saves: ['dy', 'y'],
    gradient: ({ dy: upper, saved }) => {
      const [dy, y] = [at(saved, 0), at(saved, 1)];
      return {
        dy: () => tf.mul(upper, tf.add(tf.minimum(y, 0), 1)),
        y: () => where(tf.mul(upper, dy), tf.less(y, 0)),
      };
    },
  },
];
