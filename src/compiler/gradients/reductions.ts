import * as tf from '@tensorflow/tfjs-core';
import { cumulativeProductGradient } from '../composed/scans.ts';
import { axisSize, normalizeAxes, reducedShape, sizeOf } from '../shape.ts';
import { at, type GradientRule, type Tensor } from './rule.ts';

/** Equal extremes share their gradient, as in TensorFlow and PyTorch; TensorFlow.js gives each the whole. */
const extreme = (kernel: string, axesName: string): GradientRule => ({
  kernel,
  saves: ['x'],
  savesOutputs: [true],
  gradient: ({ dy, saved, attributes }) => {
    const x = at(saved, 0);
    const axes = normalizeAxes(attributes[axesName] as number | number[] | null | undefined, x.rank);
    const kept = reducedShape(x.shape, axes, true);
    return {
      x: () => {
        const hits = tf.cast(tf.equal(x, tf.reshape(at(saved, 1), kept)), 'float32');
        if (axes.every((axis) => x.shape[axis] === 1)) return tf.reshape(dy, x.shape);
        return tf.mul(hits, tf.div(tf.reshape(dy, kept), tf.sum(hits, axes, true)));
      },
    };
  },
});

/** Numbers of rows scattered to the places that each row's positions name. */
function toPositions(dy: Tensor, positions: Tensor, shape: readonly number[]): Tensor {
  const extent = axisSize(shape, -1);
  const rows = sizeOf(shape) / extent;
  const picks = axisSize(positions.shape, -1);
  const starts = tf.reshape(tf.range(0, rows * extent, extent, 'int32'), [rows, 1]);
  const flat = tf.reshape(tf.add(tf.reshape(positions, [rows, picks]), starts), [rows * picks, 1]);
  return tf.reshape(tf.scatterND(flat, tf.reshape(dy, [rows * picks]), [rows * extent]), [...shape]);
}

interface Scan {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/**
 * The product of all others, without dividing: those before times those behind. TensorFlow.js's own needs the chained
 * operations.
 */
function productGradient(dy: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const kept = reducedShape(x.shape, axes, true);
  const others = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const order = [...others, ...axes];
  const turned = tf.transpose(x, order);
  const rows = tf.reshape(turned, [-1, sizeOf(axes.map((axis) => axisSize(x.shape, axis)))]);
  const product = tf.mul(tf.cumprod(rows, 1, true, false), tf.cumprod(rows, 1, true, true));
  const back = order.map((_, axis) => order.indexOf(axis));
  return tf.mul(tf.reshape(dy, kept), tf.transpose(tf.reshape(product, turned.shape), back));
}

export const reductionGradients: readonly GradientRule[] = [
  {
    kernel: 'Prod',
    saves: ['x'],
    gradient: ({ dy, saved, attributes }) => {
      const x = at(saved, 0);
      const axes = normalizeAxes(attributes.axis as number | number[] | null | undefined, x.rank);
      return { x: () => productGradient(dy, x, axes) };
    },
  },
  extreme('Max', 'reductionIndices'),
  extreme('Min', 'axis'),
  {
    kernel: 'TopK',
    saves: ['x'],
    savesOutputs: [false, true],
    gradient: ({ dy, saved }) => ({ x: () => toPositions(dy, at(saved, 1), at(saved, 0).shape) }),
  },
  {
    // That of TensorFlow.js fails along any axis but the last.
    kernel: 'Cumsum',
    gradient: ({ dy, attributes }) => {
      const { axis, exclusive, reverse } = attributes as unknown as Scan;
      return { x: () => tf.cumsum(dy, axis, exclusive, !reverse) };
    },
  },
  {
    kernel: 'Cumprod',
    saves: ['x'],
    gradient: ({ dy, saved, attributes }) => {
      const { axis, exclusive, reverse } = attributes as unknown as Scan;
      return { x: () => cumulativeProductGradient(dy, at(saved, 0), axis, exclusive, reverse) };
    },
  },
];
