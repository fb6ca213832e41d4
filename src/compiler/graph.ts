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
  | number
  | boolean
  | string
  | readonly number[]
  | readonly (readonly number[])[]
  | null
  | undefined
  | Readonly<Record<string, unknown>>;

/** Where in a method or layer an operation was asked for; resolved on demand, since most are never shown. */
export interface CallSite {
  /** `src/methods/kd.ts:41`, or null where no frame outside the compiler is known. */
  describe(): string | null;
}

export interface GraphNode {
  /** Name of the TensorFlow.js kernel. */
  readonly kernel: string;
  readonly inputs: readonly Value[];
  /** The kernel's own name of each input (`x`, `filter`); `0`, `1`, ... for kernels that take a list. */
  readonly inputNames: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly Value[];
  readonly site: CallSite | null;
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
