import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../../compiler/tfjs.ts';

type Kernel = (name: string, inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap) => Tensor;
type Sides = readonly [before: number, after: number];

const ON_IMAGES = [
  ...['Conv2D', 'Conv2DBackpropFilter'],
  ...['DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropFilter'],
];
const TO_IMAGES = ['Conv2DBackpropInput', 'DepthwiseConv2dNativeBackpropInput'];

/** Padding that is given in numbers, rows and columns; null for 'same' and 'valid'. */
export function explicitPadding(pad: unknown): readonly [rows: Sides, columns: Sides] | null {
  if (typeof pad === 'number')
    return [
      [pad, pad],
      [pad, pad],
    ];
  if (!Array.isArray(pad)) return null;
  const [, rows = [0, 0], columns = [0, 0]] = pad as Sides[];
  return [rows, columns];
}

/**
 * A convolution or one of its gradients whose backend knows 'same' and 'valid' alone: the image is padded with zeros beforehand,
 * or the margins of its gradient are cut off afterwards. Null for every other kernel.
 */
export function paddedBeforehand(
  kernel: string,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
  run: Kernel,
): Tensor | null {
  const pads = explicitPadding(attributes['pad']);
  if (pads === null) return null;
  const [[top, bottom], [left, right]] = pads;
  const valid = { ...attributes, pad: 'valid' };
  if (ON_IMAGES.includes(kernel)) {
    const x = tf.pad(inputs['x'] as Tensor4D, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    return run(kernel, { ...inputs, x }, valid);
  }
  if (!TO_IMAGES.includes(kernel)) return null;
  const [batch = 0, height = 0, width = 0, channels = 0] = attributes['inputShape'] as unknown as number[];
  const inputShape = [batch, height + top + bottom, width + left + right, channels];
  const gradient = run(kernel, inputs, { ...valid, inputShape });
  return tf.slice(gradient as Tensor4D, [0, top, left, 0], [batch, height, width, channels]);
}
