import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { spread } from './layers.ts';
import { tf, useCpu } from './support.ts';

beforeAll(useCpu);

/** A function that is linear in each of its numbers by itself: a difference quotient with step 1 is its slope exactly. */
interface Multilinear {
  readonly name: string;
  readonly shape: readonly number[];
  readonly call: (x: Tensor) => Tensor;
}

const indices = (values: readonly number[], shape: number[]): Tensor =>
  tf.tensor([...values], shape, 'int32');
const filter = (...shape: number[]): Tensor4D =>
  tf.tensor(spread(shape, 9), shape as [number, number, number, number]);
const map = [1, 5, 6, 2];

/** Every gradient that is added to TensorFlow.js or put in place of its own, on the way that eager execution takes it. */
const FUNCTIONS: readonly Multilinear[] = [
  { name: 'tile of rank 5', shape: [2, 1, 2, 1, 3], call: (x) => tf.tile(x, [1, 3, 2, 2, 1]) },
  { name: 'mirrorPad, reflect', shape: [3, 4], call: (x) => tf.mirrorPad(x, [[2, 1], [3, 0]], 'reflect') },
  { name: 'mirrorPad, symmetric', shape: [3, 4], call: (x) => tf.mirrorPad(x, [[3, 1], [2, 4]], 'symmetric') },
  { name: 'stridedSlice', shape: [5, 6], call: (x) => tf.stridedSlice(x, [1, -1], [5, -7], [2, -3]) },
  { name: 'stridedSlice that drops an axis', shape: [3, 4], call: (x) => tf.stridedSlice(x, [1, 1], [2, 4], [1, 1], 0, 0, 0, 0, 1) },
  { name: 'unstack of one', shape: [1, 3], call: (x) => tf.unstack(x)[0] as Tensor },
  { name: 'split into one', shape: [2, 3], call: (x) => tf.split(x, [3], 1)[0] as Tensor },
  { name: 'diag', shape: [4], call: (x) => tf.diag(x) },
  { name: 'depthToSpace', shape: [1, 2, 3, 8], call: (x) => tf.depthToSpace(x as Tensor4D, 2, 'NHWC') },
  { name: 'gather by a matrix of indices', shape: [3, 4, 2], call: (x) => tf.gather(x, indices([3, 0, 0, 1], [2, 2]), 1) },
  { name: 'gather within two batch axes', shape: [2, 2, 4], call: (x) => tf.gather(x, indices([3, 0, 0, 1, 2, 2, 1, 3], [2, 2, 2]), 2, 2) },
  { name: 'gatherND', shape: [3, 4], call: (x) => tf.gatherND(x, indices([0, 1, 2, 3, 0, 1], [3, 2])) },
  { name: 'scatterND', shape: [3, 2], call: (x) => tf.scatterND(indices([1, 0, 1], [3, 1]), x, [4, 2]) },
  { name: 'tensorScatterUpdate, in the tensor', shape: [4, 2], call: (x) => tf.tensorScatterUpdate(x, indices([2, 0], [2, 1]), tf.ones([2, 2])) },
  { name: 'tensorScatterUpdate, in the updates', shape: [2, 2], call: (x) => tf.tensorScatterUpdate(tf.ones([4, 2]), indices([2, 0], [2, 1]), x) },
  { name: 'segment sums', shape: [4, 2], call: (x) => tf.unsortedSegmentSum(x, indices([0, 2, 0, 1], [4]) as Tensor1D, 3) },
  { name: 'cumsum along the first axis', shape: [3, 4], call: (x) => tf.cumsum(x, 0, true, true) },
  { name: 'cumprod', shape: [2, 5], call: (x) => tf.cumprod(x, 1) },
  { name: 'cumprod, exclusive and backwards', shape: [5, 2], call: (x) => tf.cumprod(x, 0, true, true) },
  { name: 'prod over two axes', shape: [2, 3, 2], call: (x) => tf.prod(x, [0, 2]) },
  { name: 'einsum that sums a letter of one operand alone', shape: [2, 3], call: (x) => tf.einsum('ij,kl->ki', x, tf.tensor(spread([4, 2], 5), [4, 2])) },
  { name: 'matMul with a batch that is broadcast', shape: [1, 2, 3], call: (x) => tf.matMul(x, tf.tensor(spread([4, 3, 2], 5), [4, 3, 2])) },
  { name: 'avgPool with padding', shape: map, call: (x) => tf.avgPool(x as Tensor4D, 3, 2, 'same') },
  { name: 'avgPool whose last window overhangs', shape: [1, 6, 6, 2], call: (x) => tf.avgPool(x as Tensor4D, 3, 2, 0, 'ceil') },
  { name: 'dilated conv2d, in the image', shape: map, call: (x) => tf.conv2d(x as Tensor4D, filter(2, 3, 2, 2), 1, 'same', 'NHWC', 2) },
  { name: 'dilated conv2d, in the filter', shape: [2, 3, 2, 2], call: (x) => tf.conv2d(filter(1, 5, 6, 2), x as Tensor4D, 1, 'same', 'NHWC', [2, 1]) },
  { name: 'dilated depthwiseConv2d, in the image', shape: map, call: (x) => tf.depthwiseConv2d(x as Tensor4D, filter(2, 3, 2, 2), 1, 'same', 'NHWC', 2) },
  { name: 'dilated depthwiseConv2d, in the filter', shape: [2, 3, 2, 2], call: (x) => tf.depthwiseConv2d(filter(1, 5, 6, 2), x as Tensor4D, 1, 'valid', 'NHWC', [1, 2]) },
  { name: 'conv2d rounded up', shape: [1, 6, 6, 2], call: (x) => tf.conv2d(x as Tensor4D, filter(3, 3, 2, 2), 2, 0, 'NHWC', 1, 'ceil') },
  ...(['resizeBilinear', 'resizeNearestNeighbor'] as const).flatMap((name) =>
    ([[false, false], [true, false], [false, true]] as const).map(([align, half]): Multilinear => ({
      name: `${name}, corners ${align ? '' : 'not '}aligned, pixel centres ${half ? '' : 'not '}halved`,
      shape: [1, 3, 4, 1],
      call: (x) => tf.image[name](x as Tensor4D, [5, 3], align, half),
    })),
  ),
]; // prettier-ignore

describe('gradients of eager execution are the differences of the function', () => {
  for (const { name, shape, call } of FUNCTIONS) {
    test(name, () => {
      tf.tidy(() => {
        const start = spread(shape, 2, 1);
        const value = (numbers: Float32Array): number => weighted(call(tf.tensor(numbers, [...shape]))).dataSync()[0] ?? NaN;
        const slopes = tf.grad((x: Tensor) => weighted(call(x)))(tf.tensor(start, [...shape])).dataSync();
        for (const at of start.keys()) {
          const [up, down] = [start.slice(), start.slice()];
          up[at] = (up[at] ?? 0) + 0.5;
          down[at] = (down[at] ?? 0) - 0.5;
          expect(slopes[at], `number ${at}`).toBeCloseTo(value(up) - value(down), 4);
        }
      });
    });
  }
}); // prettier-ignore

/** A sum that weighs every number differently. */
function weighted(result: Tensor): Tensor {
  return tf.sum(tf.mul(result, tf.tensor(spread(result.shape, 4, 1), result.shape)));
}

describe('at ties and kinks', () => {
  const slopeAt = (values: number[], f: (x: Tensor) => Tensor): number[] => [
    ...tf
      .grad((x: Tensor) => tf.sum(f(x)))(tf.tensor1d(values))
      .dataSync(),
  ];

  test('equal extremes share the gradient, so that it sums to one', () => {
    expect(slopeAt([1, 3, 3, 2], (x) => tf.max(x))).toEqual([0, 0.5, 0.5, 0]);
    expect(slopeAt([2, 2, 3], (x) => tf.min(x))).toEqual([0.5, 0.5, 0]);
  });

  test('the absolute value of zero is flat', () => {
    expect(slopeAt([0, -2, 5], (x) => tf.abs(x))).toEqual([0, -1, 1]);
  });

  test('the largest entries alone get the gradient of topk, each at its place', () => {
    expect(slopeAt([1, 4, 2, 3], (x) => tf.mul(tf.topk(x, 2).values, [10, 1]))).toEqual([0, 10, 0, 1]);
  });

  test('a product with a zero passes on the product of the others', () => {
    expect(slopeAt([2, 0, 3], (x) => tf.prod(x))).toEqual([0, 6, 0]);
    expect(slopeAt([2, 0, 3], (x) => tf.cumprod(x))).toEqual([1, 8, 0]);
  });

  test('a comparison passes nothing on, and stops nothing', () => {
    expect(slopeAt([-1, 2], (x) => tf.mul(x, tf.cast(tf.greater(x, 0), 'float32')))).toEqual([0, 1]);
  });
});

describe('second derivatives, by their formulas', () => {
  const twice = (f: (x: Tensor) => Tensor, at: number): number =>
    tf
      .grad((x: Tensor) => tf.sum(tf.grad((a: Tensor) => tf.sum(f(a)))(x)))(tf.scalar(at))
      .dataSync()[0] ?? NaN;
  const sigmoid = 1 / (1 + Math.exp(-0.7));
  test.each<[string, (x: Tensor) => Tensor, number]>([
    ['exp', (x) => tf.exp(x), Math.exp(0.7)],
    ['sigmoid', (x) => tf.sigmoid(x), sigmoid * (1 - sigmoid) * (1 - 2 * sigmoid)],
    ['tanh', (x) => tf.tanh(x), -2 * Math.tanh(0.7) * (1 - Math.tanh(0.7) ** 2)],
    ['elu', (x) => tf.elu(tf.neg(x)), Math.exp(-0.7)],
    ['pow', (x) => tf.pow(x, 3), 6 * 0.7],
    ['the first of two by softmax', (x) => tf.slice(tf.softmax(tf.stack([x, tf.zerosLike(x)])), [0], [1]), sigmoid * (1 - sigmoid) * (1 - 2 * sigmoid)],
  ])('%s', (_name, f, wanted) => {
    expect(twice(f, 0.7)).toBeCloseTo(wanted, 5);
  }); // prettier-ignore
});
