import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';
import { required } from './step-function.ts';

export interface WithGradients {
  readonly loss: tf.Scalar;
  /** Whatever else the function computed on the way. */
  readonly aside: Record<string, tf.Tensor>;
  /** d loss / d variable for every variable; zeros where the loss does not depend on it. */
  readonly gradients: Record<string, tf.Tensor>;
}

/** Value, side results and gradients of one scalar function, in a single forward and backward pass. */
export function withGradients(
  ops: Ops,
  variables: Readonly<Record<string, tf.Tensor>>,
  compute: () => { readonly loss: tf.Scalar; readonly aside: Readonly<Record<string, tf.Tensor>> },
): WithGradients {
  const names = Object.keys(variables);
  const kept: Record<string, tf.Tensor> = {};
  const forward = () => {
    const { loss, aside } = compute();
    // The gradient scope disposes of everything but the loss when it ends.
    for (const [name, tensor] of Object.entries(aside)) kept[name] = ops.keep(ops.clone(tensor));
    return loss;
  };
  const tensors = names.map((name) => required(variables, name));
  // `valueAndGrads` refuses variables that the loss does not read; the engine's own function can do without.
  const { value, grads } = ops.engine().gradients(forward, tensors, undefined, true);
  const aside: Record<string, tf.Tensor> = {};
  for (const [name, tensor] of Object.entries(kept)) {
    aside[name] = ops.clone(tensor);
    tensor.dispose();
  }
  const gradients: Record<string, tf.Tensor> = {};
  names.forEach((name, i) => {
    gradients[name] = grads[i] ?? ops.zerosLike(required(variables, name));
  });
  return { loss: value, aside, gradients };
}
