import type * as tf from '@tensorflow/tfjs-core';
import type { LossContext, Ops, VariableSpec } from './method.ts';

/** `<prefix>/kernel` and `<prefix>/bias`, as PyTorch starts them: uniform within ± 1/√inputs. */
export function linearVariables(prefix: string, inputs: number, outputs: number): readonly VariableSpec[] {
  const initial = { kind: 'uniform', bound: 1 / Math.sqrt(inputs) } as const;
  return [
    { name: `${prefix}/kernel`, shape: [inputs, outputs], trainable: true, initial },
    { name: `${prefix}/bias`, shape: [outputs], trainable: true, initial },
  ];
}

/** `x W + b`, `[batch, inputs]` to `[batch, outputs]`. */
export function linear(
  ops: Ops,
  variables: LossContext<unknown>['variables'],
  prefix: string,
  x: tf.Tensor2D,
): tf.Tensor2D {
  const kernel = variables[`${prefix}/kernel`] as tf.Tensor2D;
  return ops.add(ops.matMul(x, kernel), variables[`${prefix}/bias`] as tf.Tensor);
}
