import type { DType, NumericArray, Value } from '../graph.ts';
import type { Shape } from '../shape.ts';
import { type, type DataType, type TensorFlowAttribute, type TensorFlowNode } from './model.ts';

type Paddings = readonly (readonly [number, number])[];
type Attributes = Readonly<Record<string, TensorFlowAttribute>>;

/** Every dtype's array. */
const ARRAY = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** The nodes of one model. Constants are shared by all its graphs. */
export class NodeList {
  readonly nodes: TensorFlowNode[] = [];
  readonly #constants = new Map<string, string>();

  /** @param inputs names of tensors (`node:1`), or `^node` for what must have run before */
  add(name: string, op: string, inputs: readonly string[], attributes: Attributes): string {
    this.nodes.push({ name, op, inputs, attributes });
    return name;
  }

  constant(shape: Shape, dtype: DType, data: NumericArray): string {
    return this.add(`constant_${this.nodes.length}`, 'Const', [], {
      dtype: type(dtype),
      value: { tensor: { shape, dtype, data } },
    });
  }

  /** A small constant, once a value. */
  shared(shape: Shape, dtype: DType, numbers: readonly number[]): string {
    const key = `${dtype}[${shape.join()}]${numbers.map((item) => (Object.is(item, -0) ? '-0' : item)).join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const made = this.constant(shape, dtype, ARRAY[dtype].from(numbers));
    this.#constants.set(key, made);
    return made;
  }
}

/** Writes the nodes of one step; values of the step stand under the names of the tensors that hold them. */
export class TensorFlowBuilder {
  readonly #nodes: NodeList;
  readonly #scope: string;
  readonly #values = new Map<number, string>();

  /** @param scope what the names of this step's nodes begin with */
  constructor(nodes: NodeList, scope: string) {
    this.#nodes = nodes;
    this.#scope = scope;
  }

  /** Adds one operation and returns the name of its (first) output. */
  op(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.#nodes.add(`${this.#scope}/${op}_${this.#nodes.nodes.length}`, op, inputs, attributes);
  }

  /** A list of integers: shapes, axes, sizes. */
  integers(values: readonly number[]): string {
    return this.#nodes.shared([values.length], 'int32', values);
  }

  /** Pairs of integers, a row each. */
  pairs(values: readonly (readonly [number, number])[]): string {
    return this.#nodes.shared([values.length, 2], 'int32', values.flat());
  }

  integer(value: number): string {
    return this.#nodes.shared([], 'int32', [value]);
  }

  scalar(value: number, dtype: DType = 'float32'): string {
    return this.#nodes.shared([], dtype, [value]);
  }

  constant(shape: Shape, data: Float32Array | Int32Array): string {
    return this.#nodes.constant(shape, data instanceof Float32Array ? 'float32' : 'int32', data);
  }

  cast(name: string, from: DataType, to: DataType): string {
    return from === to ? name : this.op('Cast', [name], { SrcT: type(from), DstT: type(to) });
  }

  reshape(name: string, dtype: DType, shape: Shape): string {
    return this.op('Reshape', [name, this.integers(shape)], { T: type(dtype) });
  }

  /** A part that begins at `begin` and is `size` large. */
  slice(name: string, dtype: DType, begin: readonly number[], size: readonly number[]): string {
    return this.op('Slice', [name, this.integers(begin), this.integers(size)], {
      T: type(dtype),
      Index: type('int32'),
    });
  }

  pad(name: string, dtype: DType, paddings: Paddings, value: number): string {
    if (paddings.flat().every((size) => size === 0)) return name;
    return this.op('PadV2', [name, this.pairs(paddings), this.scalar(value, dtype)], { T: type(dtype) });
  }

  /** The part of a padded tensor that has `shape`. */
  unpad(name: string, dtype: DType, paddings: Paddings, shape: Shape): string {
    if (paddings.flat().every((size) => size === 0)) return name;
    return this.slice(
      name,
      dtype,
      paddings.map(([before]) => before),
      shape,
    );
  }

  /** A list without numbers. */
  empty(): string {
    return this.#nodes.shared([0], 'float32', []);
  }

  /** Declares the tensor that holds a value. */
  define(value: Value, name: string): void {
    this.#values.set(value.id, name);
  }

  /** Declares all outputs of an operation, given the name of the first. */
  defineAll(values: readonly Value[], first: string): void {
    for (const [at, value] of values.entries()) this.define(value, at === 0 ? first : `${first}:${at}`);
  }

  of(value: Value): string {
    const name = this.#values.get(value.id);
    if (name === undefined) throw new Error(`value ${value.id} is read before it is made`);
    return name;
  }

  declareConstant(value: Value, data: NumericArray): void {
    this.define(value, this.#nodes.constant(value.shape, value.dtype, data));
  }
}
