import type * as tf from '@tensorflow/tfjs-core';
import type { LayerOperation } from './description.ts';

type Convolution = Extract<LayerOperation, { kind: 'conv2d' }>;

/**
 * Convolution as the description says it: explicit padding goes into the kernel itself, so that forward and both gradients
 * stay one kernel each.
 * @param x `[batch, height, width, channels]`
 * @param kernel `[rows, columns, channels / groups, filters]`; group g reads its own channels and yields its own filters
 */
export function convolve(
  ops: typeof tf,
  operation: Convolution,
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
): tf.Tensor4D {
  const { groups, filters } = operation;
  const channels = x.shape[3];
  const strides: [number, number] = [...operation.strides];
  const padding = paddingOf(operation.padding);
  if (groups === 1) return ops.conv2d<tf.Tensor4D>(x, kernel, strides, padding);
  if (groups === channels) {
    const [rows, columns] = operation.size;
    const depthwise = ops.reshape<tf.Rank.R4>(kernel, [rows, columns, channels, filters / channels]);
    return ops.depthwiseConv2d<tf.Tensor4D>(x, depthwise, strides, padding);
  }
  const inputs = ops.split<tf.Tensor4D>(x, groups, 3);
  const kernels = ops.split<tf.Tensor4D>(kernel, groups, 3);
  const outputs = inputs.flatMap((input, group) => {
    const own = kernels[group];
    return own === undefined ? [] : [ops.conv2d<tf.Tensor4D>(input, own, strides, padding)];
  });
  return ops.concat(outputs, 3);
}

function paddingOf(padding: Convolution['padding']): 'same' | 'valid' | tf.backend_util.ExplicitPadding {
  if (typeof padding === 'string') return padding;
  const [top, bottom, left, right] = padding;
  if (top + bottom + left + right === 0) return 'valid';
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
