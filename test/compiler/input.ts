import type { Tensor } from '@tensorflow/tfjs-core';

/** An input of a step, which must be there. */
export function of(inputs: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`no input ${name}`);
  return tensor;
}
