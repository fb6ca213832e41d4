import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorInfoMap, Tensor } from '@tensorflow/tfjs-core';
import { numbersOf } from '../attributes.ts';
import { axisSize, sizeOf } from '../shape.ts';
import { normalised } from './channels.ts';
import { tensor, type Attributes } from './composition.ts';

/** A kernel in other kernels where its arguments are not those that are recorded as they are; null where they are. */
type Fallback = (inputs: NamedTensorInfoMap, attributes: Attributes) => Tensor | null;

const TO_CHANNELS_LAST = [0, 2, 3, 1];
const TO_CHANNELS_FIRST = [0, 3, 1, 2];

/** A convolution of maps with channels first as one with channels last between two transpositions. */
const channelsLast =
  (kernel: string, maps: readonly string[], shapeName: string | null, isMap: boolean): Fallback =>
  (inputs, attributes) => {
    if (attributes.dataFormat !== 'NCHW') return null;
    const turned = Object.fromEntries(
      Object.keys(inputs).map((name) => {
        const value = tensor(inputs, name);
        return [name, maps.includes(name) ? tf.transpose(value, TO_CHANNELS_LAST) : value];
      }),
    );
    const shape =
      shapeName === null
        ? {}
        : { [shapeName]: TO_CHANNELS_LAST.map((axis) => axisSize(numbersOf(attributes, shapeName), axis)) };
    const result = tf
      .engine()
      .runKernel<Tensor>(kernel, turned, { ...attributes, ...shape, dataFormat: 'NHWC' });
    return isMap ? tf.transpose(result, TO_CHANNELS_FIRST) : result;
  };

/** Statistics that are not one number a channel (another axis, or one a sample) are broadcast by arithmetic. */
const batchNorm: Fallback = (inputs, attributes) => {
  const [x, mean, variance] = ['x', 'mean', 'variance'].map((name) => tensor(inputs, name));
  const channels = axisSize(x?.shape ?? [], -1);
  const isVector = (value: Tensor | undefined): boolean =>
    value !== undefined && sizeOf(value.shape) === channels && axisSize(value.shape, -1) === channels;
  return isVector(mean) && isVector(variance) ? null : normalised(inputs, attributes);
};

export const FALLBACKS: Readonly<Record<string, Fallback>> = {
  Conv2D: channelsLast('Conv2D', ['x'], null, true),
  Conv2DBackpropInput: channelsLast('Conv2DBackpropInput', ['dy'], 'inputShape', true),
  Conv2DBackpropFilter: channelsLast('Conv2DBackpropFilter', ['x', 'dy'], null, false),
  FusedBatchNorm: batchNorm,
};
