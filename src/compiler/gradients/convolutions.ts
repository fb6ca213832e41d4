import * as tf from '@tensorflow/tfjs-core';
import { pairOf } from '../attributes.ts';
import type { Attribute } from '../graph.ts';
import { at, type GradientRule, type Tensor } from './rule.ts';

type Attributes = Readonly<Record<string, unknown>>;
type Pair = readonly [number, number];

/** Kernels that are no operation of the public interface are called by name. */
function kernel(name: string, inputs: Record<string, Tensor>, attributes: Attributes): Tensor {
  return tf.engine().runKernel<Tensor>(name, inputs, attributes as tf.NamedAttrMap);
}

function dilationsOf(attributes: Attributes): Pair {
  return pairOf(attributes as Readonly<Record<string, Attribute>>, 'dilations', 1);
}

/** A dilated filter as a larger one with zeros between its taps, which every gradient kernel understands. */
function spread(filter: Tensor, [down, across]: Pair): Tensor {
  if (down === 1 && across === 1) return filter;
  const [height = 1, width = 1, inner = 1, outer = 1] = filter.shape;
  const apart = tf.pad(tf.reshape(filter, [height, 1, width, 1, inner, outer]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
    [0, 0],
  ]);
  const joined = tf.reshape(apart, [height * down, width * across, inner, outer]);
  return tf.slice(joined, [0, 0, 0, 0], [reach(height, down), reach(width, across), inner, outer]);
}

/** The taps of a dilated filter among the zeros. */
function gathered(dense: Tensor, [down, across]: Pair): Tensor {
  return down === 1 && across === 1
    ? dense
    : tf.stridedSlice(dense, [0, 0, 0, 0], dense.shape, [down, across, 1, 1]);
}

function reach(size: number, dilation: number): number {
  return (size - 1) * dilation + 1;
}

function denseShape(filter: Tensor, [down, across]: Pair): number[] {
  const [height = 1, width = 1, ...channels] = filter.shape;
  return [reach(height, down), reach(width, across), ...channels];
}

/** What the three kernels of one kind of convolution are called. */
interface Kind {
  readonly forward: string;
  readonly backwardInput: string;
  readonly backwardFilter: string;
}

const FULL: Kind = {
  forward: 'Conv2D',
  backwardInput: 'Conv2DBackpropInput',
  backwardFilter: 'Conv2DBackpropFilter',
};
const DEPTHWISE: Kind = {
  forward: 'DepthwiseConv2dNative',
  backwardInput: 'DepthwiseConv2dNativeBackpropInput',
  backwardFilter: 'DepthwiseConv2dNativeBackpropFilter',
};

/** The convolution's own settings, without what only one of its kernels has. */
function settings({ strides, pad, dataFormat, dimRoundingMode }: Attributes): Record<string, unknown> {
  return { strides, pad, dataFormat, dimRoundingMode, dilations: [1, 1] };
}

/**
 * A convolution is linear in image and filter, so the gradients of its three kernels are these kernels again.
 * TensorFlow.js lacks those of dilated convolutions and the second derivatives, and forgets `dimRoundingMode`.
 */
const gradientsOf = ({ forward, backwardInput, backwardFilter }: Kind): readonly GradientRule[] => [
  {
    kernel: forward,
    saves: ['x', 'filter'],
    gradient: ({ dy, saved, attributes }) => {
      const [x, filter] = [at(saved, 0), at(saved, 1)];
      const dilations = dilationsOf(attributes);
      const own = settings(attributes);
      return {
        x: () =>
          kernel(backwardInput, { dy, filter: spread(filter, dilations) }, { ...own, inputShape: x.shape }),
        filter: () =>
          gathered(
            kernel(backwardFilter, { x, dy }, { ...own, filterShape: denseShape(filter, dilations) }),
            dilations,
          ),
      };
    },
  },
  {
    kernel: backwardInput,
    saves: ['dy', 'filter'],
    gradient: ({ dy: upper, saved, attributes }) => {
      const [dy, filter] = [at(saved, 0), at(saved, 1)];
      const own = settings(attributes);
      return {
        dy: () => kernel(forward, { x: upper, filter }, own),
        filter: () => kernel(backwardFilter, { x: upper, dy }, { ...own, filterShape: filter.shape }),
      };
    },
  },
  {
    kernel: backwardFilter,
    saves: ['x', 'dy'],
    gradient: ({ dy: upper, saved, attributes }) => {
      const [x, dy] = [at(saved, 0), at(saved, 1)];
      const own = settings(attributes);
      return {
        x: () => kernel(backwardInput, { dy, filter: upper }, { ...own, inputShape: x.shape }),
        dy: () => kernel(forward, { x, filter: upper }, own),
      };
    },
  },
];

export const convolutionGradients: readonly GradientRule[] = [
  ...gradientsOf(FULL),
  ...gradientsOf(DEPTHWISE),
];
