import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorInfoMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { flagOf, numberOf, pairOf, textOf } from '../attributes.ts';
import { optionalTensor, tensor, type Attributes, type Composition } from './composition.ts';

type Pad = Parameters<typeof tf.conv2d>[3];
type Rounding = Parameters<typeof tf.conv2d>[6];

/** Bias and activation of a fused kernel, as operations of their own. */
function activated(result: Tensor, inputs: NamedTensorInfoMap, attributes: Attributes): Tensor {
  const added = optionalTensor(inputs, 'bias');
  const sum = added === null ? result : tf.add(result, added);
  const activation = textOf(attributes, 'activation', 'linear');
  switch (activation) {
    case 'linear':
      return sum;
    case 'relu':
      return tf.relu(sum);
    case 'relu6':
      return tf.relu6(sum);
    case 'elu':
      return tf.elu(sum);
    case 'sigmoid':
      return tf.sigmoid(sum);
    case 'leakyrelu':
      return tf.leakyRelu(sum, numberOf(attributes, 'leakyreluAlpha', 0.2));
    case 'prelu':
      return tf.prelu(sum, tensor(inputs, 'preluActivationWeights'));
    default:
      throw new Error(`the fused activation "${activation}" is not known`);
  }
}

/** A convolution of either kind, then its bias and activation: both kinds take the same arguments. */
const fusedConvolution =
  (convolve: typeof tf.conv2d | typeof tf.depthwiseConv2d): Composition =>
  (inputs, attributes) => {
    const [x, filter] = [tensor(inputs, 'x') as Tensor4D, tensor(inputs, 'filter') as Tensor4D];
    const [strides, dilations] = [
      [...pairOf(attributes, 'strides')] as [number, number],
      [...pairOf(attributes, 'dilations', 1)] as [number, number],
    ];
    const rounding = attributes.dimRoundingMode as Rounding;
    return activated(
      convolve(x, filter, strides, attributes.pad as Pad, 'NHWC', dilations, rounding),
      inputs,
      attributes,
    );
  };

/** Kernels that TensorFlow.js fuses for inference, in their parts. */
export const fused: Readonly<Record<string, Composition>> = {
  _FusedMatMul: (inputs, attributes) => {
    const product = tf.matMul(
      tensor(inputs, 'a'),
      tensor(inputs, 'b'),
      flagOf(attributes, 'transposeA'),
      flagOf(attributes, 'transposeB'),
    );
    return activated(product, inputs, attributes);
  },
  FusedConv2D: fusedConvolution(tf.conv2d),
  FusedDepthwiseConv2D: fusedConvolution(tf.depthwiseConv2d),
};
