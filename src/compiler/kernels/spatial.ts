import * as tf from '@tensorflow/tfjs-core';
import { flagOf, numbersOf, pairOf } from '../attributes.ts';
import type { Attribute } from '../graph.ts';
import { axisSize, broadcastShape, type Shape } from '../shape.ts';
import { firstInput, inputOf, type ShapeRule } from './rule.ts';

type Attributes = Readonly<Record<string, Attribute>>;
type Pad = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
type Rounding = Parameters<typeof tf.backend_util.computeConv2DInfo>[5];

/** Everything that a sliding window does to height and width. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
  /** NHWC shape of the result. */
  readonly outShape: Shape;
}

/** The window of a convolution of `x` (NHWC) with `filter` (HWIO, or HWIM where `depthwise`). */
export function convolutionWindow(x: Shape, filter: Shape, at: Attributes, depthwise = false): Window {
  if (at.dataFormat !== undefined && at.dataFormat !== 'NHWC')
    throw new Error('only NHWC convolutions can be traced');
  return windowOf(
    tf.backend_util.computeConv2DInfo(
      four(x),
      four(filter),
      [...pairOf(at, 'strides')],
      [...pairOf(at, 'dilations', 1)],
      at.pad as Pad,
      at.dimRoundingMode as Rounding,
      depthwise,
    ),
  );
}

export function poolingWindow(x: Shape, at: Attributes): Window {
  return windowOf(
    tf.backend_util.computePool2DInfo(
      four(x),
      [...pairOf(at, 'filterSize')],
      [...pairOf(at, 'strides')],
      [...pairOf(at, 'dilations', 1)],
      at.pad as Pad,
      at.dimRoundingMode as Rounding,
    ),
  );
}

/** True where windows neither overlap nor leave a rest. */
export function windowsTile(window: Window): boolean {
  const whole = [0, 1].every(
    (axis) =>
      window.strides[axis] === window.kernel[axis] &&
      axisSize(window.output, axis) * axisSize(window.kernel, axis) === window.input[axis],
  );
  return (
    whole && window.pads.every((pad) => pad === 0) && window.dilations.every((dilation) => dilation === 1)
  );
}

function windowOf(info: ReturnType<typeof tf.backend_util.computeConv2DInfo>): Window {
  const { top, left, bottom, right } = info.padInfo;
  // `dimRoundingMode: 'ceil'` lets the last window reach beyond the padding.
  const down = (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight - info.inHeight - top;
  const across = (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth - info.inWidth - left;
  const pads = [top, left, Math.max(bottom, down), Math.max(right, across)] as const;
  const rows =
    Math.floor((info.inHeight + pads[0] + pads[2] - info.effectiveFilterHeight) / info.strideHeight) + 1;
  const columns =
    Math.floor((info.inWidth + pads[1] + pads[3] - info.effectiveFilterWidth) / info.strideWidth) + 1;
  // TensorFlow.js sizes both axes by the height's window and stride where the padding is a number.
  if (rows !== info.outHeight || columns !== info.outWidth)
    throw new Error(
      'a padding given as one number needs windows and strides that are equal in height and width; give a list a side',
    );
  return {
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads,
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
    outShape: info.outShape,
  };
}

function four(shape: Shape): [number, number, number, number] {
  const [a, b, c, d] = shape;
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    throw new RangeError(`[${shape.join(', ')}] is not of rank 4`);
  return [a, b, c, d];
}

const attributeShape =
  (name: string): ShapeRule =>
  (call) => [{ shape: numbersOf(call.attributes, name), dtype: 'float32' }];
const pool: ShapeRule = (call) => [
  { shape: poolingWindow(firstInput(call).shape, call.attributes).outShape, dtype: firstInput(call).dtype },
];
const shapeOfInput =
  (name: string): ShapeRule =>
  (call) => [inputOf(call, name)];

export const spatialRules: Readonly<Record<string, ShapeRule>> = {
  Conv2D: (call) => [
    {
      shape: convolutionWindow(inputOf(call, 'x').shape, inputOf(call, 'filter').shape, call.attributes)
        .outShape,
      dtype: 'float32',
    },
  ],
  Conv2DBackpropFilter: attributeShape('filterShape'),
  Conv2DBackpropInput: attributeShape('inputShape'),
  DepthwiseConv2dNative: (call) => [
    {
      shape: convolutionWindow(inputOf(call, 'x').shape, inputOf(call, 'filter').shape, call.attributes, true)
        .outShape,
      dtype: 'float32',
    },
  ],
  DepthwiseConv2dNativeBackpropFilter: attributeShape('filterShape'),
  DepthwiseConv2dNativeBackpropInput: attributeShape('inputShape'),
  MaxPool: pool,
  MaxPoolWithArgmax: (call) => [
    ...pool(call),
    ...pool(call).map(({ shape }) => ({ shape, dtype: 'int32' as const })),
  ],
  AvgPool: pool,
  MaxPoolGrad: shapeOfInput('input'),
  AvgPoolGrad: shapeOfInput('input'),
  BatchMatMul: (call) => {
    const [a, b] = [inputOf(call, 'a').shape, inputOf(call, 'b').shape];
    const rows = axisSize(a, flagOf(call.attributes, 'transposeA') ? -1 : -2);
    const columns = axisSize(b, flagOf(call.attributes, 'transposeB') ? -2 : -1);
    return [
      {
        shape: [...broadcastShape([a.slice(0, -2), b.slice(0, -2)]), rows, columns],
        dtype: inputOf(call, 'a').dtype,
      },
    ];
  },
};
