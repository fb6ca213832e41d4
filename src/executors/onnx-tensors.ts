import type { Tensor, TensorConstructor } from 'onnxruntime-node';
import type { NumericArray } from '../compiler/graph.ts';
import { sizeOf } from '../compiler/shape.ts';
import type { StateSpec } from './state.ts';

/** A tensor in the machine's memory, over the array itself where its type fits. */
export function tensorOf(make: TensorConstructor, { shape, dtype }: StateSpec, data: NumericArray): Tensor {
  if (dtype === 'float32')
    return new make('float32', data instanceof Float32Array ? data : Float32Array.from(data), shape);
  if (dtype === 'int32')
    return new make('int32', data instanceof Int32Array ? data : Int32Array.from(data), shape);
  return new make('bool', data instanceof Uint8Array ? data : Uint8Array.from(data), shape);
}

export function zeros({ shape, dtype }: StateSpec): NumericArray {
  const size = sizeOf(shape);
  if (dtype === 'float32') return new Float32Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}
