import * as tf from '@tensorflow/tfjs-core';
import type { Attribute } from '../graph.ts';
import { stridedSlice } from '../kernels/arrays.ts';
import { axisSize, replaceAxis, sameShape } from '../shape.ts';
import { at, type GradientRule, type Tensor } from './rule.ts';

type Pairs = [number, number][];

/** Paddings of one axis. */
function padded(value: Tensor, axis: number, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return value;
  return tf.pad(
    value,
    value.shape.map((_, own): [number, number] => (own === axis ? [before, after] : [0, 0])),
  );
}

/** `size` entries of one axis from `begin` on. */
function cut(value: Tensor, axis: number, begin: number, size: number): Tensor {
  return tf.slice(
    value,
    value.shape.map((_, own) => (own === axis ? begin : 0)),
    replaceAxis(value.shape, axis, size),
  );
}

/** Copies summed: each tiled axis is split into repetition and extent. */
function untiled(dy: Tensor, reps: readonly number[], shape: readonly number[]): Tensor {
  const split = shape.flatMap((size, axis) => (reps[axis] === 1 ? [size] : [reps[axis] ?? 1, size]));
  const copies = shape.flatMap((_, axis) => (reps[axis] === 1 ? [false] : [true, false]));
  const axes = copies.flatMap((isCopy, axis) => (isCopy ? [axis] : []));
  return tf.reshape(axes.length === 0 ? dy : tf.sum(tf.reshape(dy, split), axes), [...shape]);
}

/** What the mirrored borders received goes back to the entries that they show. */
function unmirrored(dy: Tensor, paddings: Pairs, shape: readonly number[], edge: 0 | 1): Tensor {
  return paddings.reduce((sum, [before, after], axis) => {
    const size = axisSize(shape, axis);
    const parts = [cut(sum, axis, before, size)];
    if (before > 0)
      parts.push(padded(tf.reverse(cut(sum, axis, 0, before), axis), axis, edge, size - before - edge));
    if (after > 0)
      parts.push(
        padded(tf.reverse(cut(sum, axis, before + size, after), axis), axis, size - after - edge, edge),
      );
    return parts.length === 1 ? at(parts, 0) : tf.addN(parts);
  }, dy);
}

/** Puts what a strided slice took back to where it was taken, with zeros between. */
function unsliced(
  dy: Tensor,
  shape: readonly number[],
  attributes: Readonly<Record<string, unknown>>,
): Tensor {
  const {
    begin,
    strides,
    dense: size,
  } = stridedSlice(shape, attributes as Readonly<Record<string, Attribute>>);
  const dense = sameShape(dy.shape, size) ? dy : tf.reshape(dy, [...size]);
  return shape.reduce((value, extent, axis) => {
    const [stride, start] = [strides[axis] ?? 1, begin[axis] ?? 0];
    const forwards = stride < 0 ? tf.reverse(value, axis) : value;
    const count = axisSize(value.shape, axis);
    const spread = spaced(forwards, axis, Math.abs(stride));
    const reach = axisSize(spread.shape, axis);
    const first = stride < 0 ? start + (count - 1) * stride : start;
    return padded(spread, axis, first, extent - first - reach);
  }, dense);
}

/** Entries of one axis with `step − 1` zeros between them. */
function spaced(value: Tensor, axis: number, step: number): Tensor {
  const count = axisSize(value.shape, axis);
  if (step === 1 || count === 1) return value;
  const apart = [...value.shape.slice(0, axis + 1), 1, ...value.shape.slice(axis + 1)];
  const filled = padded(tf.reshape(value, apart), axis + 1, 0, step - 1);
  const joined = tf.reshape(filled, replaceAxis(value.shape, axis, count * step));
  return cut(joined, axis, 0, (count - 1) * step + 1);
}

export const viewGradients: readonly GradientRule[] = [
  {
    // Up to any rank; that of TensorFlow.js ends at four and adds slice by slice.
    kernel: 'Tile',
    saves: ['x'],
    gradient: ({ dy, saved, attributes }) => ({
      x: () => untiled(dy, attributes.reps as number[], at(saved, 0).shape),
    }),
  },
  {
    // That of TensorFlow.js forgets the borders.
    kernel: 'MirrorPad',
    saves: ['x'],
    gradient: ({ dy, saved, attributes }) => ({
      x: () =>
        unmirrored(
          dy,
          attributes.paddings as Pairs,
          at(saved, 0).shape,
          attributes.mode === 'reflect' ? 1 : 0,
        ),
    }),
  },
  {
    kernel: 'StridedSlice',
    saves: ['x'],
    gradient: ({ dy, saved, attributes }) => ({ x: () => unsliced(dy, at(saved, 0).shape, attributes) }),
  },
  {
    // Also of a single piece.
    kernel: 'SplitV',
    gradient: ({ all, attributes }) => ({ x: () => tf.concat([...all], attributes.axis as number) }),
  },
  {
    // Also of a stack of one.
    kernel: 'Unpack',
    gradient: ({ all, attributes }) => ({ value: () => tf.stack([...all], attributes.axis as number) }),
  },
  {
    kernel: 'Diag',
    saves: ['x'],
    gradient: ({ dy, saved }) => ({
      x: () => {
        const { size, shape } = at(saved, 0);
        return tf.reshape(tf.sum(tf.mul(tf.reshape(dy, [size, size]), tf.eye(size)), 1), shape);
      },
    }),
  },
  {
    kernel: 'DepthToSpace',
    saves: ['x'],
    gradient: ({ dy, saved, attributes }) => ({
      x: () => {
        const block = attributes.blockSize as number;
        const [batch = 1, height = 1, width = 1, channels = 1] = at(saved, 0).shape;
        const pixels = tf.reshape(dy, [batch, height, block, width, block, channels / (block * block)]);
        return tf.reshape(tf.transpose(pixels, [0, 1, 3, 2, 4, 5]), [batch, height, width, channels]);
      },
    }),
  },
];
