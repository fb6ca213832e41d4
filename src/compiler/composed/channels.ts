import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { numberOf } from '../attributes.ts';
import { axisSize } from '../shape.ts';
import { optionalTensor, tensor, type Attributes, type Composition } from './composition.ts';

/** Sums over the channels that lie within `radius`, as a product with a banded matrix of ones. */
function neighbourSum(x: Tensor, radius: number): Tensor {
  const channels = axisSize(x.shape, -1);
  const band = Float32Array.from({ length: channels * channels }, (_, at) =>
    Math.abs(Math.floor(at / channels) - (at % channels)) <= radius ? 1 : 0,
  );
  const rows = tf.reshape(x, [-1, channels]);
  return tf.reshape(tf.matMul(rows, tf.tensor(band, [channels, channels])), x.shape);
}

interface Response {
  readonly radius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

function responseOf(attributes: Attributes): Response {
  return {
    radius: numberOf(attributes, 'depthRadius', 5),
    bias: numberOf(attributes, 'bias', 1),
    alpha: numberOf(attributes, 'alpha', 1),
    beta: numberOf(attributes, 'beta', 0.5),
  };
}

/** bias + α · Σ x² over the neighbouring channels. */
function divisor(x: Tensor, { radius, bias, alpha }: Response): Tensor {
  return tf.add(tf.mul(neighbourSum(tf.square(x), radius), alpha), bias);
}

/** y = x · n^−β with n the divisor (Krizhevsky et al. 2012, section 3.3). */
const localResponse: Composition = (inputs, attributes) => {
  const x = tensor(inputs, 'x');
  const response = responseOf(attributes);
  return tf.mul(x, tf.pow(divisor(x, response), -response.beta));
};

/** dx = dy · n^−β − 2αβ x · Σ (dy y / n) over the neighbouring channels. */
const localResponseGradient: Composition = (inputs, attributes) => {
  const [x, y, dy] = [tensor(inputs, 'x'), tensor(inputs, 'y'), tensor(inputs, 'dy')];
  const response = responseOf(attributes);
  const n = divisor(x, response);
  const shared = neighbourSum(tf.div(tf.mul(dy, y), n), response.radius);
  return tf.sub(
    tf.mul(dy, tf.pow(n, -response.beta)),
    tf.mul(tf.mul(x, 2 * response.alpha * response.beta), shared),
  );
};

/** (x − mean) / √(variance + ε) · scale + offset, each broadcast to the shape of x. */
export const normalised: Composition = (inputs, attributes) => {
  const [x, mean, variance] = [tensor(inputs, 'x'), tensor(inputs, 'mean'), tensor(inputs, 'variance')];
  const deviation = tf.sqrt(tf.add(variance, numberOf(attributes, 'varianceEpsilon', 1e-3)));
  const standard = tf.div(tf.sub(x, mean), deviation);
  const [scale, offset] = [optionalTensor(inputs, 'scale'), optionalTensor(inputs, 'offset')];
  const scaled = scale === null ? standard : tf.mul(standard, scale);
  return offset === null ? scaled : tf.add(scaled, offset);
};

export const channelCompositions: Readonly<Record<string, Composition>> = {
  LRN: localResponse,
  LRNGrad: localResponseGradient,
};
