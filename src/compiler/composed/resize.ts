import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { flagOf, pairOf } from '../attributes.ts';
import { bilinearMatrix, nearestMatrix, type Grid } from '../interpolation.ts';
import { axisSize } from '../shape.ts';
import { tensor, type Attributes, type Composition } from './composition.ts';

type AxisMatrix = (from: number, to: number, grid: Grid) => Float32Array;

/** `[batch, height, width, channels]` resized by one matrix an axis; backwards with their transposes. */
function resized(
  images: Tensor,
  from: readonly [number, number],
  to: readonly [number, number],
  make: AxisMatrix,
  attributes: Attributes,
  backwards: boolean,
): Tensor {
  const grid = {
    alignCorners: flagOf(attributes, 'alignCorners'),
    halfPixelCenters: flagOf(attributes, 'halfPixelCenters'),
  };
  const axisMatrix = (axis: 0 | 1): Tensor =>
    tf.tensor(make(from[axis], to[axis], grid), [1, to[axis], from[axis]]);
  const [height, width] = backwards ? from : to;
  const [batch = 1, rows = 1, columns = 1, channels = 1] = images.shape;
  const tall = tf.matMul(axisMatrix(0), tf.reshape(images, [batch, rows, columns * channels]), backwards);
  const wide = tf.matMul(axisMatrix(1), tf.reshape(tall, [batch * height, columns, channels]), backwards);
  return tf.reshape(wide, [batch, height, width, channels]);
}

function spatial(shape: readonly number[]): readonly [number, number] {
  return [axisSize(shape, 1), axisSize(shape, 2)];
}

const resize =
  (make: AxisMatrix): Composition =>
  (inputs, attributes) => {
    const images = tensor(inputs, 'images');
    return resized(
      tf.cast(images, 'float32'),
      spatial(images.shape),
      pairOf(attributes, 'size'),
      make,
      attributes,
      false,
    );
  };

/** The true gradient, also where pixel centres are halved, which the kernels of TensorFlow.js's cpu backend leave out. */
const resizeGradient =
  (make: AxisMatrix): Composition =>
  (inputs, attributes) => {
    const dy = tensor(inputs, 'dy');
    return resized(dy, spatial(tensor(inputs, 'images').shape), spatial(dy.shape), make, attributes, true);
  };

export const resizing: Readonly<Record<string, Composition>> = {
  ResizeBilinear: resize(bilinearMatrix),
  ResizeBilinearGrad: resizeGradient(bilinearMatrix),
  ResizeNearestNeighbor: resize(nearestMatrix),
  ResizeNearestNeighborGrad: resizeGradient(nearestMatrix),
};
