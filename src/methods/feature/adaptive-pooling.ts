import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../method.ts';

/**
 * Matrix `[from, to]` whose column `o` averages the window `[⌊o·from/to⌋, ⌈(o+1)·from/to⌉)`, as PyTorch's
 * `adaptive_avg_pool2d` does along one axis.
 */
export function poolingMatrix(from: number, to: number): Float32Array {
  const matrix = new Float32Array(from * to);
  for (let o = 0; o < to; o++) {
    const start = Math.floor((o * from) / to);
    const end = Math.ceil(((o + 1) * from) / to);
    for (let i = start; i < end; i++) matrix[i * to + o] = 1 / (end - start);
  }
  return matrix;
}

/** Adaptive average pooling of `[batch, height, width, channels]` to the given height and width. */
export function adaptiveAveragePool(ops: Ops, map: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const rows = poolLastAxis(ops, ops.transpose(map, [0, 3, 2, 1]), height); // [batch, channels, width, height]
  const both = poolLastAxis(ops, ops.transpose(rows, [0, 1, 3, 2]), width); // [batch, channels, height, width]
  return ops.transpose(both, [0, 2, 3, 1]);
}

function poolLastAxis(ops: Ops, x: tf.Tensor4D, to: number): tf.Tensor4D {
  const [a, b, c, from] = x.shape;
  if (from === to) return x;
  const matrix = ops.tensor2d(poolingMatrix(from, to), [from, to]);
  return ops.reshape(ops.matMul(ops.reshape(x, [a * b * c, from]), matrix), [a, b, c, to]);
}
