import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { DType, NumericArray } from '../../compiler/graph.ts';

/** A tensor that the library holds until it is deleted. */
export interface HeldTensor {
  readonly id: number;
}

/**
 * The native part of an official package, as far as compiled steps need it: `tf.node.loadSavedModel` and `predict` are these calls.
 * Its interface is declared in the package's `dist/tfjs_binding.d.ts`. Entering here spares a step the rest of TensorFlow.js, which
 * takes as long to load as the library itself.
 */
export interface TensorFlowBinding {
  createTensor(shape: readonly number[], dtype: number, values: NumericArray): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(path: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** @param inputNames names of the tensors that are fed, with commas between them */
  runSavedModel(model: number, inputs: readonly number[], inputNames: string, outputNames: string): HeldTensor[];
  /** Tensors that it holds. */
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_Version: string;
} // prettier-ignore

/** Numbers of the element types, in the library's own order. */
const TYPE = { float32: 'TF_FLOAT', int32: 'TF_INT32', bool: 'TF_BOOL' } as const;

export function elementType(binding: TensorFlowBinding, dtype: DType): number {
  return binding[TYPE[dtype]];
}

/**
 * Loads the native part of a package: `lib/napi-vN/tfjs_binding.node`, the highest version of Node's interface that this Node knows.
 *
 * @param entry the package's entry point, `dist/index.js`
 * @throws Error where there is none, or the library beside it cannot be loaded
 */
export function loadBinding(entry: string): TensorFlowBinding {
  const lib = join(dirname(dirname(entry)), 'lib');
  const known = Number(process.versions.napi);
  const versions = (existsSync(lib) ? readdirSync(lib) : [])
    .map((name) => Number(/^napi-v(\d+)$/.exec(name)?.[1] ?? Infinity))
    .filter((version) => version <= known);
  if (versions.length === 0) throw new Error(`it has no native part for Node's interface ${known} in ${lib}`);
  const path = join(lib, `napi-v${Math.max(...versions)}`, 'tfjs_binding.node');
  return createRequire(entry)(path) as TensorFlowBinding;
}
