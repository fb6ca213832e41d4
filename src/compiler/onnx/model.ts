import type { DType, NumericArray } from '../graph.ts';

/** Element types of ONNX that a step uses, by their number in the format. */
export const ELEMENT_TYPE = { float32: 1, int8: 3, int32: 6, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof ELEMENT_TYPE;

/** A float attribute; plain numbers are integers. */
export interface FloatAttribute {
  readonly float: number;
}
export type OnnxAttribute = number | string | readonly number[] | FloatAttribute;

export interface OnnxNode {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** A sequence of such tensors. */
  readonly sequence?: boolean;
}

export interface OnnxInitializer extends OnnxTensor {
  readonly data: NumericArray | BigInt64Array | Int8Array;
}

export interface OnnxModel {
  readonly name: string;
  readonly inputs: readonly OnnxTensor[];
  readonly outputs: readonly OnnxTensor[];
  readonly initializers: readonly OnnxInitializer[];
  readonly nodes: readonly OnnxNode[];
  /** Texts that travel with the model, by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export const float = (value: number): FloatAttribute => ({ float: value });

/** Operator domains beside the standard one. */
export const CONTRIB = 'com.microsoft';
export const BLOCKED = 'com.microsoft.nchwc';

export function elementType(dtype: DType): ElementType {
  return dtype;
}
