/**
 * One training step as data: a typed graph whose operations are TensorFlow.js kernels, in execution order.
 * Lowerings (ONNX now, a TensorFlow graph beside it) read nothing else.
 */
export type DType = 'float32' | 'int32' | 'bool';
export type NumericArray = Float32Array | Int32Array | Uint8Array;

export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export type Attribute =
  number | boolean | string | readonly number[] | null | undefined | Readonly<Record<string, unknown>>;

export interface GraphNode {
  /** Name of the TensorFlow.js kernel. */
  readonly kernel: string;
  readonly inputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly Value[];
  /** File and line of the method or layer that asked for it, for error messages. */
  readonly site: string | null;
}

/**
 * `state`: kept in the runtime between steps. `batch`: data of the step. `hyper`: scalars that vary (learning rate,
 * temperature, weights) and random draws; nothing that varies is baked into the graph.
 */
export type InputRole = 'state' | 'batch' | 'hyper';

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly role: InputRole;
}

export interface StepGraph {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly role: InputRole; readonly value: Value }[];
  readonly constants: readonly { readonly value: Value; readonly data: NumericArray }[];
  readonly nodes: readonly GraphNode[];
  /** An output that carries the name of a `state` input is that state's new value. */
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
}
