import * as tf from '@tensorflow/tfjs-core';
import type { Attribute } from '../graph.ts';
import { poolingWindow } from '../kernels/spatial.ts';
import { axisSize, sizeOf } from '../shape.ts';
import { at, type GradientRule, type Tensor } from './rule.ts';

type Attributes = Readonly<Record<string, Attribute>>;
type PoolAttributes = Readonly<Record<string, unknown>>;

/** How much of each window lies on the image, as a share of the whole window: `[1, rows, columns, 1]`; null where all do. */
function shareOnImage(inputShape: readonly number[], attributes: Attributes): Tensor | null {
  const window = poolingWindow(inputShape, attributes);
  if (window.pads.every((pad) => pad <= 0)) return null;
  const [rows, columns] = [covered(0), covered(1)];
  const shares = rows.flatMap((row) => columns.map((column) => (row * column) / sizeOf(window.kernel)));
  return tf.tensor(shares, [1, rows.length, columns.length, 1]);

  /** How many pixels of each window lie on the image, along one axis. */
  function covered(axis: number): number[] {
    return Array.from({ length: axisSize(window.output, axis) }, (_, at) => {
      const start = at * axisSize(window.strides, axis) - axisSize(window.pads, axis);
      return (
        Math.min(start + axisSize(window.kernel, axis), axisSize(window.input, axis)) - Math.max(0, start)
      );
    });
  }
}

/**
 * `AvgPoolGrad` of TensorFlow.js divides by the whole window, while `AvgPool` divides by the part of it that lies on the
 * image. Where padding makes them differ, the incoming gradient is scaled so that the result is the gradient of `AvgPool`.
 */
function countedGradient(dy: Tensor, inputShape: readonly number[], attributes: Attributes): Tensor {
  const share = shareOnImage(inputShape, attributes);
  return share === null ? dy : tf.div(dy, share);
}

/** The settings that every pooling kernel has. */
function settings({ filterSize, strides, pad, dimRoundingMode }: PoolAttributes): tf.NamedAttrMap {
  return { filterSize, strides, pad, dimRoundingMode } as tf.NamedAttrMap;
}

/**
 * Windows that reach beyond the padding (`dimRoundingMode: 'ceil'`) are unknown to the gradient kernel: each channel's share
 * is spread by a filter of ones instead.
 */
function spreadShares(dy: Tensor, input: Tensor, attributes: PoolAttributes): Tensor {
  const { kernel } = poolingWindow(input.shape, attributes as Attributes);
  const channels = axisSize(input.shape, 3);
  const shares = tf.div(countedGradient(dy, input.shape, attributes as Attributes), sizeOf(kernel));
  const { strides, pad, dimRoundingMode } = attributes;
  return tf
    .engine()
    .runKernel<Tensor>(
      'DepthwiseConv2dNativeBackpropInput',
      { dy: shares, filter: tf.ones([...kernel, channels, 1]) },
      { strides, pad, dimRoundingMode, dilations: [1, 1], inputShape: input.shape } as tf.NamedAttrMap,
    );
}

/** What stands where each window has its greatest pixel. */
function atGreatest(values: Tensor, input: Tensor, attributes: PoolAttributes): Tensor {
  const [, positions] = tf
    .engine()
    .runKernel<[Tensor, Tensor]>(
      'MaxPoolWithArgmax',
      { x: input },
      { ...settings(attributes), includeBatchInIndex: true },
    );
  return tf.gather(tf.reshape(values, [-1]), positions);
}

/** The gradient of a window goes to its greatest pixel, whether the pooling also names its place or not. */
const maxPoolGradient: GradientRule['gradient'] = ({ dy, saved, attributes }) => ({
  x: () =>
    tf
      .engine()
      .runKernel<Tensor>(
        'MaxPoolGrad',
        { dy, input: at(saved, 0), output: at(saved, 1) },
        settings(attributes),
      ),
});

export const poolingGradients: readonly GradientRule[] = [
  {
    kernel: 'AvgPool',
    saves: ['x'],
    gradient: ({ dy, saved, attributes }) => {
      const input = at(saved, 0);
      const roundedDown = (attributes.dimRoundingMode ?? 'floor') === 'floor';
      return {
        x: () =>
          roundedDown
            ? tf
                .engine()
                .runKernel<Tensor>(
                  'AvgPoolGrad',
                  { dy: countedGradient(dy, input.shape, attributes as Attributes), input },
                  settings(attributes),
                )
            : spreadShares(dy, input, attributes),
      };
    },
  },
  {
    kernel: 'MaxPool',
    saves: ['x'],
    savesOutputs: [true],
    gradient: maxPoolGradient,
  },
  {
    kernel: 'MaxPoolWithArgmax',
    saves: ['x'],
    savesOutputs: [true, false],
    gradient: maxPoolGradient,
  },
  {
    // Linear in dy: its transpose sums the same windows and divides by the whole of them.
    kernel: 'AvgPoolGrad',
    saves: ['input'],
    gradient: ({ dy: upper, saved, attributes }) => {
      const input = at(saved, 0);
      return {
        dy: () => {
          const mean = tf.engine().runKernel<Tensor>('AvgPool', { x: upper }, settings(attributes));
          const share = shareOnImage(input.shape, attributes as Attributes);
          return share === null ? mean : tf.mul(mean, share);
        },
        input: () => tf.zeros(input.shape),
      };
    },
  },
  {
    kernel: 'MaxPoolGrad',
    saves: ['input', 'output'],
    gradient: ({ dy: upper, saved, attributes }) => {
      const [input, output] = [at(saved, 0), at(saved, 1)];
      return {
        dy: () => atGreatest(upper, input, attributes),
        input: () => tf.zeros(input.shape),
        output: () => tf.zeros(output.shape),
      };
    },
  },
];
