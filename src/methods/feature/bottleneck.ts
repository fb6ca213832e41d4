import type * as tf from '@tensorflow/tfjs-core';
import type { LossContext, Ops, VariableSpec } from '../method.ts';
import { batchNorm, batchNormVariables } from './batch-norm.ts';

/** Variables of `bottleneck`: three kernels without bias, a batch norm after each but the last of an `open` one. */
export function bottleneckVariables(
  prefix: string,
  inputs: number,
  middle: number,
  outputs: number,
  end: 'open' | 'activated',
): readonly VariableSpec[] {
  const conv = (layer: number, size: number, from: number, to: number): VariableSpec => ({
    name: `${prefix}/kernel${layer}`,
    shape: [size, size, from, to],
    trainable: true,
    initial: { kind: 'normal', deviation: Math.sqrt(2 / (size * size * to)) }, // the reference's: He's, by fan-out
  });
  return [
    conv(0, 1, inputs, middle),
    ...batchNormVariables(`${prefix}/norm0`, middle),
    conv(1, 3, middle, middle),
    ...batchNormVariables(`${prefix}/norm1`, middle),
    conv(2, 1, middle, outputs),
    ...(end === 'activated' ? batchNormVariables(`${prefix}/norm2`, outputs) : []),
  ];
}

/**
 * Projection of the student's channels to the teacher's: convolutions 1×1, 3×3, 1×1, each with batch norm and ReLU, the last
 * one bare where it is `open`. Source: Chen et al. 2021 and 2022.
 */
export function bottleneck<S>(
  ops: Ops,
  context: LossContext<S>,
  prefix: string,
  map: tf.Tensor4D,
  end: 'open' | 'activated',
): tf.Tensor4D {
  const conv = (x: tf.Tensor4D, layer: number) =>
    ops.conv2d(x, context.variables[`${prefix}/kernel${layer}`] as tf.Tensor4D, 1, 'same');
  const activated = (x: tf.Tensor4D, layer: number) =>
    ops.relu(batchNorm(ops, context, `${prefix}/norm${layer}`, x));
  const last = conv(activated(conv(activated(conv(map, 0), 0), 1), 1), 2);
  return end === 'open' ? last : activated(last, 2);
}
