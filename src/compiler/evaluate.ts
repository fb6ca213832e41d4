import type { DataType, NamedAttrMap, NamedTensorMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { GraphNode, NumericArray } from './graph.ts';
import type { TensorType } from './kernels/rule.ts';
import { tf } from './tfjs.ts';

/** Runs one node on the active TensorFlow.js backend. */
export function evaluateNode(node: GraphNode, inputs: readonly Tensor[]): readonly Tensor[] {
  const result = tf
    .engine()
    .runKernel(node.kernel, namedInputs(node, inputs), node.attributes as NamedAttrMap) as
    TensorInfo | TensorInfo[];
  return [result].flat() as Tensor[];
}

/** Kernels that take a list are recorded with the positions as names. */
function namedInputs(node: GraphNode, inputs: readonly Tensor[]): NamedTensorMap {
  const isList = node.inputNames.length > 0 && node.inputNames.every((name, at) => name === String(at));
  if (isList) return [...inputs] as unknown as NamedTensorMap;
  return Object.fromEntries(
    node.inputNames.map((name, at) => [name, inputs[at]]),
  ) as unknown as NamedTensorMap;
}

export function tensorFrom(type: TensorType, data: NumericArray): Tensor {
  return tf.tensor(data, [...type.shape], type.dtype);
}

/** The values of a tensor; booleans as bytes. */
export function valuesOf(tensor: Tensor): NumericArray {
  const data = tensor.dataSync() as NumericArray;
  return data.slice();
}
