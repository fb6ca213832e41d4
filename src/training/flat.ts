import type * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../methods/method.ts';
import type { StoredTensor } from '../runs/writer.ts';
import { required, type Tensors } from './step-function.ts';

/** Where named tensors lie in one flat vector: optimizers and executors then move one tensor instead of hundreds. */
export interface FlatLayout {
  readonly size: number;
  readonly parts: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly size: number;
  }[];
}

export function layoutOf(
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
): FlatLayout {
  const parts = tensors.map(({ name, shape }) => ({ name, shape, size: shape.reduce((a, b) => a * b, 1) }));
  return { parts, size: parts.reduce((sum, part) => sum + part.size, 0) };
}

/** The named tensors of a flat vector, as operations of a step. */
export function split(
  ops: Ops,
  flat: tf.Tensor | undefined,
  { parts }: FlatLayout,
): Record<string, tf.Tensor> {
  if (flat === undefined || parts.length === 0) return {};
  const sizes = parts.map((part) => part.size);
  const pieces = parts.length === 1 ? [flat] : ops.split(flat, sizes);
  return Object.fromEntries(
    parts.map(({ name, shape }, i) => [name, ops.reshape(pieces[i] as tf.Tensor, [...shape])]),
  );
}

/** The flat vector of named tensors, as operations of a step. */
export function join(ops: Ops, tensors: Tensors, { parts }: FlatLayout): tf.Tensor1D {
  const pieces = parts.map(({ name }) => ops.reshape<tf.Rank.R1>(required(tensors, name), [-1]));
  return pieces.length === 1 ? (pieces[0] as tf.Tensor1D) : ops.concat(pieces);
}

/** Stored tensors into a flat vector. Shapes are compared before anything is copied. */
export function pack(
  tensors: Readonly<Record<string, StoredTensor>>,
  { parts, size }: FlatLayout,
): Float32Array {
  const flat = new Float32Array(size);
  let offset = 0;
  for (const part of parts) {
    const tensor = required(tensors, part.name);
    if (tensor.data.length !== part.size || tensor.shape.join() !== part.shape.join()) {
      throw new Error(
        `"${part.name}" has the shape [${tensor.shape.join(', ')}], not [${part.shape.join(', ')}]`,
      );
    }
    flat.set(tensor.data, offset);
    offset += part.size;
  }
  return flat;
}

export function unpack(flat: Float32Array, { parts }: FlatLayout): Record<string, StoredTensor> {
  const tensors: Record<string, StoredTensor> = {};
  let offset = 0;
  for (const { name, shape, size } of parts) {
    tensors[name] = { shape, data: flat.slice(offset, offset + size) };
    offset += size;
  }
  return tensors;
}
