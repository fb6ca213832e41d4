import * as tf from '@tensorflow/tfjs-core';
import { axisSize, sizeOf } from '../shape.ts';
import { at, type GradientRule, type Tensor } from './rule.ts';

/**
 * Rows scattered back to where a gather took them, for indices of any rank, within any number of batch axes (where
 * TensorFlow.js serves one). `x` is seen as `[batch, outer, extent, inner]`.
 */
function ungathered(
  dy: Tensor,
  indices: Tensor,
  shape: readonly number[],
  axis: number,
  batchDims: number,
): Tensor {
  const [batch, outer] = [sizeOf(shape.slice(0, batchDims)), sizeOf(shape.slice(batchDims, axis))];
  const extent = axisSize(shape, axis);
  const inner = shape.slice(axis + 1);
  const picks = sizeOf(indices.shape.slice(batchDims));
  const starts = tf.reshape(tf.range(0, batch * outer * extent, extent, 'int32'), [batch, outer, 1]);
  const rows = tf.add(tf.reshape(tf.cast(indices, 'int32'), [batch, 1, picks]), starts);
  const count = batch * outer * picks;
  const sum = tf.scatterND(tf.reshape(rows, [count, 1]), tf.reshape(dy, [count, ...inner]), [
    batch * outer * extent,
    ...inner,
  ]);
  return tf.reshape(sum, [...shape]);
}

const none = (like: Tensor) => (): Tensor => tf.zeros(like.shape);

export const gatherGradients: readonly GradientRule[] = [
  {
    kernel: 'GatherV2',
    saves: ['x', 'indices'],
    gradient: ({ dy, saved, attributes }) => {
      const [x, indices] = [at(saved, 0), at(saved, 1)];
      const { axis, batchDims = 0 } = attributes as unknown as { axis: number; batchDims?: number };
      const front = axis < 0 ? axis + x.rank : axis;
      return { x: () => ungathered(dy, indices, x.shape, front, batchDims), indices: none(indices) };
    },
  },
  {
    kernel: 'GatherNd',
    saves: ['params', 'indices'],
    gradient: ({ dy, saved }) => {
      const [params, indices] = [at(saved, 0), at(saved, 1)];
      return { params: () => tf.scatterND(indices, dy, params.shape), indices: none(indices) };
    },
  },
  {
    kernel: 'ScatterNd',
    saves: ['indices'],
    gradient: ({ dy, saved }) => {
      const indices = at(saved, 0);
      return { updates: () => tf.gatherND(dy, indices), indices: none(indices) };
    },
  },
  {
    kernel: 'TensorScatterUpdate',
    saves: ['indices', 'updates'],
    gradient: ({ dy, saved }) => {
      const [indices, updates] = [at(saved, 0), at(saved, 1)];
      return {
        tensor: () => {
          const overwritten = tf.scatterND(indices, tf.ones(updates.shape), dy.shape);
          return tf.where(tf.greater(overwritten, 0), tf.zerosLike(dy), dy);
        },
        updates: () => tf.gatherND(dy, indices),
        indices: none(indices),
      };
    },
  },
];
