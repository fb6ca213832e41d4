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

/** Matrix `[from, to]` whose column `o` picks entry `⌊o·from/to⌋`: nearest neighbour as PyTorch takes it. */
function nearestMatrix(from: number, to: number): Float32Array {
  const matrix = new Float32Array(from * to);
  for (let o = 0; o < to; o++) matrix[Math.floor((o * from) / to) * to + o] = 1;
  return matrix;
}

/**
 * Matrix `[from, to]` whose column `o` mixes the two entries around `(o + ½) · from/to − ½`: bilinear along one axis, centres of
 * pixels in line (PyTorch's `align_corners=False`).
 */
function bilinearMatrix(from: number, to: number): Float32Array {
  const matrix = new Float32Array(from * to);
  for (let o = 0; o < to; o++) {
    const place = Math.max(0, ((o + 0.5) * from) / to - 0.5);
    const below = Math.min(Math.floor(place), from - 1);
    const above = Math.min(below + 1, from - 1);
    const share = place - below;
    matrix[below * to + o] = (matrix[below * to + o] ?? 0) + 1 - share;
    matrix[above * to + o] = (matrix[above * to + o] ?? 0) + share;
  }
  return matrix;
}

/** Adaptive average pooling of `[batch, height, width, channels]` to the given height and width. */
export function adaptiveAveragePool(ops: Ops, map: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  return resample(ops, map, height, width, poolingMatrix);
}

/** Averages adjacent channels of `[batch, height, width, channels]` down to the given number. */
export function poolChannels(ops: Ops, map: tf.Tensor4D, channels: number): tf.Tensor4D {
  return resampleLastAxis(ops, map, channels, poolingMatrix);
}

/**
 * Nearest-neighbour resize of `[batch, height, width, channels]`. By two matrix products, because TensorFlow.js' own gradient
 * of `resizeNearestNeighbor` does not add up all the places a value was copied to.
 */
export function resizeNearest(ops: Ops, map: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  return resample(ops, map, height, width, nearestMatrix);
}

/** Bilinear resize of `[batch, height, width, channels]`, centres of pixels in line. */
export function resizeBilinear(ops: Ops, map: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  return resample(ops, map, height, width, bilinearMatrix);
}

type ResamplingMatrix = (from: number, to: number) => Float32Array;

/** One matrix product an axis, each with the matrix on the left, so that the numbers of a map stay where they are. */
function resample(
  ops: Ops,
  map: tf.Tensor4D,
  height: number,
  width: number,
  matrix: ResamplingMatrix,
): tf.Tensor4D {
  const [batch, rows, columns, channels] = map.shape;
  if (rows === height && columns === width) return map;
  const tall = resampleRows(ops, ops.reshape(map, [batch, rows, columns * channels]), height, matrix);
  const wide = resampleRows(ops, ops.reshape(tall, [batch * height, columns, channels]), width, matrix);
  return ops.reshape(wide, [batch, height, width, channels]);
}

/** `[tables, rows, columns]` with `to` rows in each table. */
function resampleRows(ops: Ops, x: tf.Tensor3D, to: number, matrix: ResamplingMatrix): tf.Tensor3D {
  const from = x.shape[1];
  if (from === to) return x;
  const weights = ops.tensor3d(transposed(matrix(from, to), to), [1, to, from]);
  return ops.matMul(weights, x);
}

function transposed(matrix: Float32Array, columns: number): Float32Array {
  const rows = matrix.length / columns;
  return Float32Array.from(matrix, (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
}

function resampleLastAxis(ops: Ops, x: tf.Tensor4D, to: number, matrix: ResamplingMatrix): tf.Tensor4D {
  const [a, b, c, from] = x.shape;
  if (from === to) return x;
  const weights = ops.tensor2d(matrix(from, to), [from, to]);
  return ops.reshape(ops.matMul(ops.reshape(x, [a * b * c, from]), weights), [a, b, c, to]);
}
