import type { NamedTensorInfoMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { flagOf, numberOf, numbersOf, pairOf, pairsOf, textOf } from './attributes.ts';
import type { Attribute } from './graph.ts';
import { bilinearMatrix, nearestMatrix, type Grid } from './interpolation.ts';
import { poolingWindow } from './kernels/spatial.ts';
import { axisSize, sizeOf } from './shape.ts';
import { tf } from './tfjs.ts';
import { isTensor } from './tracing-backend.ts';

type Attributes = Readonly<Record<string, Attribute>>;

/** A kernel as other kernels: recorded as these, so that neither passes nor lowerings need to know it. */
export type Composition = (inputs: NamedTensorInfoMap, attributes: Attributes) => Tensor;

function tensor(inputs: NamedTensorInfoMap, name: string): Tensor {
  const found: unknown = inputs[name];
  if (!isTensor(found)) throw new Error(`a kernel was called without "${name}"`);
  return found;
}

function bias(inputs: NamedTensorInfoMap): Tensor | null {
  const found: unknown = (inputs as Record<string, unknown>).bias;
  return isTensor(found) ? found : null;
}

/** Bias and activation of a fused kernel, as operations of their own. */
function activated(result: Tensor, inputs: NamedTensorInfoMap, attributes: Attributes): Tensor {
  const added = bias(inputs);
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

type Pad = Parameters<typeof tf.conv2d>[3];
type Rounding = Parameters<typeof tf.conv2d>[6];

/**
 * `AvgPoolGrad` of TensorFlow.js divides by the whole window, while `AvgPool` divides by the part of it that lies on the
 * image. Where padding makes them differ, the incoming gradient is scaled so that the result is the gradient of `AvgPool`.
 */
export function countedGradient(dy: Tensor, inputShape: readonly number[], attributes: Attributes): Tensor {
  const window = poolingWindow(inputShape, attributes);
  if (window.pads.every((pad) => pad === 0)) return dy;
  const [rows, columns] = [covered(0), covered(1)];
  const ratios = rows.flatMap((row) => columns.map((column) => sizeOf(window.kernel) / (row * column)));
  return tf.mul(dy, tf.tensor(ratios, [1, rows.length, columns.length, 1]));

  /** How much of each window lies on the image, along one axis. */
  function covered(axis: number): number[] {
    return Array.from({ length: axisSize(window.output, axis) }, (_, at) => {
      const start = at * axisSize(window.strides, axis) - axisSize(window.pads, axis);
      return (
        Math.min(start + axisSize(window.kernel, axis), axisSize(window.input, axis)) - Math.max(0, start)
      );
    });
  }
}

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

/** Products along an axis by doubling: after k rounds each place holds the product of the last 2^k. */
const cumulativeProduct: Composition = (inputs, attributes) => {
  const x = tensor(inputs, 'x');
  const given = numberOf(attributes, 'axis', 0);
  const axis = given < 0 ? given + x.rank : given;
  const length = axisSize(x.shape, axis);
  const backwards = flagOf(attributes, 'reverse');
  const shifted = (value: Tensor, by: number): Tensor => {
    const begin = value.shape.map((_, at) => (at === axis && backwards ? by : 0));
    const size = value.shape.map((extent, at) => (at === axis ? extent - by : extent));
    const paddings = value.shape.map((_, at): [number, number] =>
      at !== axis ? [0, 0] : backwards ? [0, by] : [by, 0],
    );
    return tf.pad(tf.slice(value, begin, size), paddings, 1);
  };
  let result = flagOf(attributes, 'exclusive') ? shifted(x, 1) : x;
  for (let reach = 1; reach < length; reach *= 2) result = tf.mul(result, shifted(result, reach));
  return result;
};

/** Operands brought to a common set of axes, multiplied, and summed over those that the result lacks. */
const einsum: Composition = (inputs, attributes) => {
  const equation = textOf(attributes, 'equation').replace(/\s/g, '');
  const [terms = '', result = ''] = equation.split('->');
  const wanted = Array.from(result);
  const operands = terms
    .split(',')
    .map((letters, at) => ({ letters: Array.from(letters), value: tensor(inputs, String(at)) }));
  const [a, b] = operands;
  if (operands.length === 2 && a !== undefined && b !== undefined) return contracted(a, b, wanted);
  if (operands.length === 1 && a !== undefined) return arranged(summed(a, wanted), wanted);
  throw new Error('einsum of more than two tensors is not compiled; contract them in pairs');
};

interface Labelled {
  readonly letters: readonly string[];
  readonly value: Tensor;
}

/** Sums over the letters that are in none of the others. */
function summed({ letters, value }: Labelled, needed: readonly string[]): Labelled {
  const axes = letters.flatMap((letter, axis) => (needed.includes(letter) ? [] : [axis]));
  return axes.length === 0
    ? { letters, value }
    : { letters: letters.filter((letter) => needed.includes(letter)), value: tf.sum(value, axes) };
}

function arranged({ letters, value }: Labelled, wanted: readonly string[]): Tensor {
  return tf.transpose(value, wanted.map((letter) => letters.indexOf(letter))); // prettier-ignore
}

/** Two operands as one batched matrix product. */
function contracted(left: Labelled, right: Labelled, result: readonly string[]): Tensor {
  const a = summed(left, [...right.letters, ...result]);
  const b = summed(right, [...left.letters, ...result]);
  const batch = a.letters.filter((letter) => b.letters.includes(letter) && result.includes(letter));
  const inner = a.letters.filter((letter) => b.letters.includes(letter) && !result.includes(letter));
  const rows = a.letters.filter((letter) => !b.letters.includes(letter));
  const columns = b.letters.filter((letter) => !a.letters.includes(letter));
  const sizes = new Map(
    [a, b].flatMap(({ letters, value }) =>
      letters.map((letter, axis) => [letter, axisSize(value.shape, axis)] as const),
    ),
  );
  const extent = (letters: readonly string[]): number =>
    sizeOf(letters.map((letter) => sizes.get(letter) ?? 1));
  const matrices = tf.matMul(
    tf.reshape(arranged(a, [...batch, ...rows, ...inner]), [extent(batch), extent(rows), extent(inner)]),
    tf.reshape(arranged(b, [...batch, ...inner, ...columns]), [
      extent(batch),
      extent(inner),
      extent(columns),
    ]),
  );
  const letters = [...batch, ...rows, ...columns];
  return arranged({ letters, value: tf.reshape(matrices, letters.map((letter) => sizes.get(letter) ?? 1)) }, result); // prettier-ignore
}

const depthToSpace: Composition = (inputs, attributes) => {
  const x = tensor(inputs, 'x');
  const block = numberOf(attributes, 'blockSize');
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const depth = channels / (block * block);
  const split = tf.reshape(x, [batch, height, width, block, block, depth]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4, 5]), [batch, height * block, width * block, depth]);
};

const spaceToBatch: Composition = (inputs, attributes) => {
  const x = tensor(inputs, 'x');
  const blocks = [...numbersOf(attributes, 'blockShape')];
  const paddings: [number, number][] = [
    [0, 0],
    ...pairsOf(attributes, 'paddings').map(([a, b]): [number, number] => [a, b]),
  ];
  while (paddings.length < x.rank) paddings.push([0, 0]);
  const padded = tf.pad(x, paddings);
  const util = tf.backend_util;
  const product = sizeOf(blocks);
  const split = util.getReshaped(padded.shape, blocks, product, false);
  const turned = tf.transpose(
    tf.reshape(padded, split),
    util.getPermuted(split.length, blocks.length, false),
  );
  return tf.reshape(turned, util.getReshapedPermuted(padded.shape, blocks, product, false));
};

const batchToSpace: Composition = (inputs, attributes) => {
  const x = tensor(inputs, 'x');
  const blocks = [...numbersOf(attributes, 'blockShape')];
  const crops = pairsOf(attributes, 'crops').map(([a, b]) => [a, b]);
  const util = tf.backend_util;
  const product = sizeOf(blocks);
  const split = util.getReshaped(x.shape, blocks, product);
  const joined = util.getReshapedPermuted(x.shape, blocks, product);
  const turned = tf.reshape(
    tf.transpose(tf.reshape(x, split), util.getPermuted(split.length, blocks.length)),
    joined,
  );
  return tf.slice(
    turned,
    util.getSliceBeginCoords(crops, blocks.length),
    util.getSliceSize(joined, crops, blocks.length),
  );
};

export const COMPOSITIONS: Readonly<Record<string, Composition>> = {
  _FusedMatMul: (inputs, attributes) => {
    const product = tf.matMul(
      tensor(inputs, 'a'),
      tensor(inputs, 'b'),
      flagOf(attributes, 'transposeA'),
      flagOf(attributes, 'transposeB'),
    );
    return activated(product, inputs, attributes);
  },
  FusedConv2D: (inputs, attributes) => {
    const [x, filter] = [tensor(inputs, 'x') as Tensor4D, tensor(inputs, 'filter') as Tensor4D];
    const [strides, dilations] = [
      [...pairOf(attributes, 'strides')] as [number, number],
      [...pairOf(attributes, 'dilations', 1)] as [number, number],
    ];
    const rounding = attributes.dimRoundingMode as Rounding;
    return activated(
      tf.conv2d(x, filter, strides, attributes.pad as Pad, 'NHWC', dilations, rounding),
      inputs,
      attributes,
    );
  },
  FusedDepthwiseConv2D: (inputs, attributes) => {
    const [x, filter] = [tensor(inputs, 'x') as Tensor4D, tensor(inputs, 'filter') as Tensor4D];
    const [strides, dilations] = [
      [...pairOf(attributes, 'strides')] as [number, number],
      [...pairOf(attributes, 'dilations', 1)] as [number, number],
    ];
    const rounding = attributes.dimRoundingMode as Rounding;
    return activated(
      tf.depthwiseConv2d(x, filter, strides, attributes.pad as Pad, 'NHWC', dilations, rounding),
      inputs,
      attributes,
    );
  },
  ResizeBilinear: resize(bilinearMatrix),
  ResizeBilinearGrad: resizeGradient(bilinearMatrix),
  ResizeNearestNeighbor: resize(nearestMatrix),
  ResizeNearestNeighborGrad: resizeGradient(nearestMatrix),
  Cumprod: cumulativeProduct,
  Einsum: einsum,
  Diag: (inputs) => {
    const x = tensor(inputs, 'x');
    const flat = tf.reshape(x, [x.size]);
    return tf.reshape(tf.mul(tf.cast(tf.eye(x.size), x.dtype), flat), [...x.shape, ...x.shape]);
  },
  DepthToSpace: depthToSpace,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
};
