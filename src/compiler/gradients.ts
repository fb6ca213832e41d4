import * as tf from '@tensorflow/tfjs-core';

type Tensor = tf.Tensor;

/** Sums a gradient over the axes along which its operand was broadcast. */
function summedTo(gradient: Tensor, shape: readonly number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], gradient.shape);
  return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), [...shape]);
}

function operands(saved: readonly Tensor[]): readonly [Tensor, Tensor] {
  const [a, b] = saved;
  if (a === undefined || b === undefined) throw new Error('a gradient was called without its operands');
  return [a, b];
}

type Side = (dy: Tensor, a: Tensor, b: Tensor) => Tensor;

/**
 * Gradients in place of those of TensorFlow.js that fail: of kernels whose operands were broadcast, of a cumulative sum
 * along any axis but the last, and of a stack of one. They also serve eager execution.
 */
export function mendGradients(): void {
  const rules: readonly (readonly [string, Side, Side])[] = [
    [
      'Maximum',
      (dy, a, b) => tf.mul(dy, tf.cast(tf.greaterEqual(a, b), 'float32')),
      (dy, a, b) => tf.mul(dy, tf.cast(tf.less(a, b), 'float32')),
    ],
    [
      'Minimum',
      (dy, a, b) => tf.mul(dy, tf.cast(tf.lessEqual(a, b), 'float32')),
      (dy, a, b) => tf.mul(dy, tf.cast(tf.greater(a, b), 'float32')),
    ],
    [
      'SquaredDifference',
      (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
      (dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
    ],
  ];
  for (const [kernelName, left, right] of rules) {
    replace(kernelName, ['a', 'b'], (dy, saved) => {
      const [a, b] = operands(saved);
      return {
        a: () => summedTo(left(only(dy), a, b), a.shape),
        b: () => summedTo(right(only(dy), a, b), b.shape),
      };
    });
  }
  replace('Cumsum', [], (dy, _saved, attributes) => {
    const { axis, exclusive, reverse } = attributes as { axis: number; exclusive: boolean; reverse: boolean };
    return { x: () => tf.cumsum(only(dy), axis, exclusive, !reverse) };
  });
  replace('Unpack', [], (dy, _saved, attributes) => ({
    value: () => tf.stack([dy].flat(), (attributes as { axis: number }).axis),
  }));
}

function replace(kernelName: string, inputsToSave: string[], gradFunc: tf.GradFunc): void {
  tf.unregisterGradient(kernelName);
  tf.registerGradient({ kernelName, inputsToSave, gradFunc });
}

function only(dy: Tensor | Tensor[]): Tensor {
  const [gradient] = [dy].flat();
  if (gradient === undefined) throw new Error('a gradient function was called without a gradient');
  return gradient;
}
