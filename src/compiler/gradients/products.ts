import * as tf from '@tensorflow/tfjs-core';
import { at, summedTo, type GradientRule, type Tensor } from './rule.ts';

/** Of a matrix product, also where batches were broadcast, which TensorFlow.js leaves out. */
export const productGradients: readonly GradientRule[] = [
  {
    kernel: 'BatchMatMul',
    saves: ['a', 'b'],
    gradient: ({ dy, saved, attributes }) => {
      const [a, b] = [at(saved, 0), at(saved, 1)];
      const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
      const left = (): Tensor =>
        transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB);
      const right = (): Tensor =>
        transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false);
      return {
        a: () => fitted(left(), a.shape),
        b: () => fitted(right(), b.shape),
      };
    },
  },
];

function fitted(gradient: Tensor, shape: readonly number[]): Tensor {
  return tf.util.arraysEqual(gradient.shape, [...shape]) ? gradient : summedTo(gradient, shape);
}
