import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { flagOf, numberOf, numbersOf, textOf } from '../attributes.ts';
import { axisSize } from '../shape.ts';
import { tensor, type Attributes, type Composition } from './composition.ts';

/** How often (or with what weight) each number below `size` stands in the last axis. */
function counted(x: Tensor, weights: Tensor, attributes: Attributes): Tensor {
  const classes = tf.range(0, numberOf(attributes, 'size'), 1, 'int32');
  const hits = tf.cast(tf.equal(tf.expandDims(tf.cast(x, 'int32'), -1), classes), weights.dtype);
  const weighted = weights.size === 0 ? hits : tf.mul(hits, tf.expandDims(weights, -1));
  return tf.sum(weighted, -2);
}

const bincount: Composition = (inputs, attributes) =>
  counted(tensor(inputs, 'x'), tensor(inputs, 'weights'), attributes);

const denseBincount: Composition = (inputs, attributes) => {
  const weights = tensor(inputs, 'weights');
  const counts = counted(tensor(inputs, 'x'), weights, attributes);
  return flagOf(attributes, 'binaryOutput') ? tf.cast(tf.greater(counts, 0), weights.dtype) : counts;
};

/** How many entries of each sorted row lie below (or not above) each value: the place where it belongs. */
const place =
  (sideOf: (attributes: Attributes) => string): Composition =>
  (inputs, attributes) => {
    const sorted = tf.expandDims(tensor(inputs, 'sortedSequence'), -2);
    const values = tf.expandDims(tensor(inputs, 'values'), -1);
    const before = sideOf(attributes) === 'right' ? tf.lessEqual(sorted, values) : tf.less(sorted, values);
    return tf.sum(tf.cast(before, 'int32'), -1);
  };

const sparseToDense: Composition = (inputs, attributes) => {
  const shape = [...numbersOf(attributes, 'outputShape')];
  const [given, values] = [tensor(inputs, 'sparseIndices'), tensor(inputs, 'sparseValues')];
  const indices = given.rank > 1 ? given : tf.reshape(given, [-1, 1]);
  const background = tf.broadcastTo(
    tf.reshape(tf.cast(tensor(inputs, 'defaultValue'), values.dtype), shape.map(() => 1)),
    shape,
  ); // prettier-ignore
  const rows = axisSize(indices.shape, 0);
  const updates = values.rank === 0 ? tf.broadcastTo(tf.reshape(values, [1]), [rows]) : values;
  return tf.tensorScatterUpdate(background, indices, updates);
};

/** Ones where the matrix made of the tensor's numbers has its diagonal. */
const diagonal: Composition = (inputs) => {
  const x = tensor(inputs, 'x');
  const flat = tf.reshape(x, [x.size]);
  return tf.reshape(tf.mul(tf.cast(tf.eye(x.size), x.dtype), flat), [...x.shape, ...x.shape]);
};

export const lookups: Readonly<Record<string, Composition>> = {
  Bincount: bincount,
  DenseBincount: denseBincount,
  SearchSorted: place((attributes) => textOf(attributes, 'side', 'left')),
  SparseToDense: sparseToDense,
  Diag: diagonal,
  FlipLeftRight: (inputs) => tf.reverse(tensor(inputs, 'image'), 2),
};
