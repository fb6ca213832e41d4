import type { DType, NumericArray } from '../graph.ts';

/** Types of TensorFlow that a step uses, by their number in the format (types.proto). */
export const DATA_TYPE = { float32: 1, float64: 2, int32: 3, int64: 9, bool: 10, resource: 20 } as const;
export type DataType = keyof typeof DATA_TYPE;

export type TensorFlowAttribute =
  | { readonly text: string }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly flag: boolean }
  | { readonly type: DataType }
  | { readonly shape: readonly number[] }
  | { readonly ints: readonly number[] }
  | { readonly tensor: TensorFlowTensor };

export interface TensorFlowTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: NumericArray;
}

export interface TensorFlowNode {
  readonly name: string;
  readonly op: string;
  /** `node`, `node:1` for a later output, `^node` for "after it". */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, TensorFlowAttribute>>;
}

/** A tensor of the graph under the name by which callers feed or fetch it. */
export interface SignatureTensor {
  readonly key: string;
  readonly tensor: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** One way to run the graph: what is fed and what is fetched. */
export interface Signature {
  readonly name: string;
  readonly inputs: readonly SignatureTensor[];
  readonly outputs: readonly SignatureTensor[];
}

export interface SavedModel {
  readonly nodes: readonly TensorFlowNode[];
  readonly signatures: readonly Signature[];
}

export const text = (value: string): TensorFlowAttribute => ({ text: value });
export const int = (value: number): TensorFlowAttribute => ({ int: value });
export const float = (value: number): TensorFlowAttribute => ({ float: value });
export const flag = (value: boolean): TensorFlowAttribute => ({ flag: value });
export const type = (value: DataType): TensorFlowAttribute => ({ type: value });
export const ints = (value: readonly number[]): TensorFlowAttribute => ({ ints: value });
