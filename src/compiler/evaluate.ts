import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import type { GraphNode, NumericArray } from './graph.ts';
import type { TensorType } from './kernels/rule.ts';
import { tf } from './tfjs.ts';

/** Runs one node on the active backend of a copy of TensorFlow.js. */
export function evaluateNode(
  node: GraphNode,
  inputs: readonly Tensor[],
  library: typeof tf = tf,
): readonly Tensor[] {
  // An operation of TensorFlow.js, but not a kernel of its cpu backend.
  if (node.kernel === 'BroadcastTo')
    return inputs.map((input) => library.broadcastTo(input, [...(node.outputs[0]?.shape ?? [])]));
  const attributes = node.attributes as NamedAttrMap;
  const result = library
    .engine()
    .runKernel<Tensor | Tensor[]>(node.kernel, namedInputs(node, inputs), attributes);
  return [result].flat();
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

/** The values of a tensor; booleans as bytes. The cpu backend leaves integers as they are when it widens their type. */
export function valuesOf(tensor: Tensor): NumericArray {
  const data = tensor.dataSync<'float32' | 'int32' | 'bool'>();
  const kind = tensor.dtype === 'float32' ? Float32Array : tensor.dtype === 'int32' ? Int32Array : Uint8Array;
  return kind.from(data);
}
