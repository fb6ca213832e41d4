import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorInfoMap, Tensor } from '@tensorflow/tfjs-core';
import type { Attribute } from '../graph.ts';

export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * A kernel as other kernels: recorded as these, so that neither passes nor lowerings need to know it. Compositions run on
 * every backend; they serve those that lack the kernel too.
 */
export type Composition = (inputs: NamedTensorInfoMap, attributes: Attributes) => Tensor;

export function tensor(inputs: NamedTensorInfoMap, name: string): Tensor {
  const found = optionalTensor(inputs, name);
  if (found === null) throw new Error(`a kernel was called without "${name}"`);
  return found;
}

export function optionalTensor(inputs: NamedTensorInfoMap, name: string): Tensor | null {
  const found: unknown = (inputs as Record<string, unknown>)[name];
  return found instanceof tf.Tensor ? found : null;
}

/** The attribute `axis`, counted from the front. */
export function frontAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
