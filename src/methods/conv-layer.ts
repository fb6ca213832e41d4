import type * as tf from '@tensorflow/tfjs-core';
import type { LossContext, Ops, VariableSpec } from './method.ts';

/** `<prefix>/kernel` `[size, size, inputs, outputs]` and `<prefix>/bias`, as PyTorch starts them: uniform within ± 1/√fan-in. */
export function convVariables(
  prefix: string,
  size: number,
  inputs: number,
  outputs: number,
): readonly VariableSpec[] {
  return variablesOf(prefix, [size, size, inputs, outputs], outputs, inputs * size * size);
}

/** The same for a transposed convolution: kernel `[size, size, outputs, inputs]`, whose fan-in PyTorch counts by its outputs. */
export function convTransposeVariables(
  prefix: string,
  size: number,
  inputs: number,
  outputs: number,
): readonly VariableSpec[] {
  return variablesOf(prefix, [size, size, outputs, inputs], outputs, outputs * size * size);
}

function variablesOf(
  prefix: string,
  shape: readonly number[],
  outputs: number,
  fanIn: number,
): readonly VariableSpec[] {
  const initial = { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) } as const;
  return [
    { name: `${prefix}/kernel`, shape, trainable: true, initial },
    { name: `${prefix}/bias`, shape: [outputs], trainable: true, initial },
  ];
}

type Variables = LossContext<unknown>['variables'];

/** `[batch, height, width, inputs]` to outputs, padded to the same size (divided by the stride). */
export function conv(
  ops: Ops,
  variables: Variables,
  prefix: string,
  x: tf.Tensor4D,
  stride = 1,
): tf.Tensor4D {
  const kernel = variables[`${prefix}/kernel`] as tf.Tensor4D;
  return ops.add(ops.conv2d(x, kernel, stride, 'same'), variables[`${prefix}/bias`] as tf.Tensor);
}

/** The transposed convolution of stride 1, which keeps the size. */
export function convTranspose(ops: Ops, variables: Variables, prefix: string, x: tf.Tensor4D): tf.Tensor4D {
  const kernel = variables[`${prefix}/kernel`] as tf.Tensor4D;
  const [batch, height, width] = x.shape;
  const result = ops.conv2dTranspose(x, kernel, [batch, height, width, kernel.shape[2]], 1, 'same');
  return ops.add(result, variables[`${prefix}/bias`] as tf.Tensor);
}
