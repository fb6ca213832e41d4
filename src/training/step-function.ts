import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';

export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** A function of named tensors that can be run eagerly or traced into a graph. */
export type StepFunction = (ops: Ops, inputs: Tensors) => Record<string, tf.Tensor>;

/** Tensors named `a/b/c` that begin with `prefix`, under the rest of their name. */
export function withPrefix<T>(values: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  const entries = Object.entries(values).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** The value under a name that must be there; its absence is a defect of ours. */
export function required<T>(values: Readonly<Record<string, T>> | ReadonlyMap<string, T>, name: string): T {
  const isMap = values instanceof Map;
  const value = isMap
    ? (values as ReadonlyMap<string, T>).get(name)
    : (values as Readonly<Record<string, T>>)[name];
  if (value !== undefined) return value;
  const names = isMap ? [...(values as ReadonlyMap<string, T>).keys()] : Object.keys(values);
  throw new Error(`"${name}" is missing; there are: ${names.join(', ')}`);
}
