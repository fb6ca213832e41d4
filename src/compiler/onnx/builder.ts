import type { NumericArray, Value } from '../graph.ts';
import { sameShape, sizeOf, type Shape } from '../shape.ts';
import type { Blocks } from './blocked/forms.ts';
import { BlockedMaps } from './blocked/maps.ts';
import type { KernelLimits } from './limits.ts';
import {
  elementType,
  type ElementType,
  type OnnxAttribute,
  type OnnxInitializer,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from './model.ts';

type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** Where height and width stand in a map's shape: NHWC to NCHW and back. */
const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];

/**
 * Writes ONNX nodes for the values of a step. A value of rank 4 may exist with its channels last, as in the step, with
 * its channels first, as ONNX convolutions want it, or both: it is transposed when a reader asks for the other form.
 */
export class OnnxBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxInitializer[] = [];
  readonly #inputs: OnnxTensor[] = [];
  readonly #outputs: OnnxTensor[] = [];
  readonly #plain = new Map<number, string>();
  readonly #channelsFirst = new Map<number, string>();
  readonly #memo = new Map<string, string>();
  readonly #constants = new Map<number, NumericArray>();
  /** Shapes of results, as far as they are known. */
  readonly #shapes = new Map<string, Shape>();
  /** What a result is another shape of. */
  readonly #reshaped = new Map<string, string>();
  readonly #fills = new Map<number, number>();
  /** Maps that exist as blocks of channels; null where the step is written without. */
  readonly maps: BlockedMaps | null;
  readonly limits: KernelLimits;
  #names = 0;

  /**
   * @param blocked how to write on blocks, and how often each value is read
   * @param limits what to write around
   */
  constructor(
    blocked: { readonly blocks: Blocks; readonly uses: ReadonlyMap<number, number> } | null = null,
    limits: KernelLimits = {},
  ) {
    this.limits = limits;
    this.maps = blocked === null ? null : new BlockedMaps(this, blocked.blocks, blocked.uses);
  }

  /** Emits one operation and returns the name of its (first) output; the same operation on the same operands once. */
  op(type: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    return this.memo(`${domain}:${type}:${inputs.join()}:${JSON.stringify(attributes)}`, () => {
      const [output] = this.many(type, inputs, 1, attributes, domain);
      if (output === undefined) throw new Error(`${type} yields no output`);
      return output;
    });
  }

  many(
    type: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Attributes = {},
    domain = '',
  ): readonly string[] {
    const names = Array.from({ length: outputs }, () => this.#name(type));
    this.#nodes.push({ type, domain, inputs, outputs: names, attributes });
    return names;
  }

  /** The same result once a key. */
  memo(key: string, make: () => string): string {
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#memo.set(key, made);
    return made;
  }

  input(name: string, type: ElementType, shape: Shape): string {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  output(name: string, type: ElementType, shape: Shape, source: string): void {
    this.#nodes.push({ type: 'Identity', domain: '', inputs: [source], outputs: [name], attributes: {} });
    this.#outputs.push({ name, type, shape });
  }

  /** A result in the shape in which it was made, where that is known: a reshaped output is a copy. */
  made(name: string, shape: Shape): { readonly name: string; readonly shape: Shape } {
    const source = this.#reshaped.get(name);
    const own = source === undefined ? undefined : this.#shapes.get(source);
    return source === undefined || own === undefined ? { name, shape } : { name: source, shape: own };
  }

  initializer(shape: Shape, data: NumericArray | BigInt64Array, type: ElementType): string {
    const name = this.#name('c');
    this.#initializers.push({ name, shape, type, data });
    return name;
  }

  /** A one-dimensional list of integers: shapes, axes, pads. */
  integers(values: readonly number[]): string {
    return this.memo(`i${values.join()}`, () =>
      this.initializer([values.length], BigInt64Array.from(values, BigInt), 'int64'),
    );
  }

  integer(value: number): string {
    return this.memo(`I${value}`, () => this.initializer([], BigInt64Array.of(BigInt(value)), 'int64'));
  }

  scalar(value: number, type: 'float32' | 'int32' | 'bool' = 'float32'): string {
    const number = type === 'float32' ? Math.fround(value) : value;
    return this.memo(`${type}:${Object.is(number, -0) ? '-0' : number}`, () =>
      this.initializer(
        [],
        type === 'float32'
          ? Float32Array.of(value)
          : type === 'int32'
            ? Int32Array.of(value)
            : Uint8Array.of(value),
        type,
      ),
    );
  }

  /** The same numbers in another shape: nothing where they have it already, one step from what was reshaped before. */
  reshape(name: string, shape: Shape): string {
    const source = this.#reshaped.get(name) ?? name;
    const known = this.#shapes.get(source);
    if (known !== undefined && sameShape(known, shape)) return source;
    const made = this.op('Reshape', [source, this.integers(shape)]);
    this.#reshaped.set(made, source);
    return made;
  }

  transpose(name: string, perm: readonly number[]): string {
    return this.op('Transpose', [name], { perm });
  }

  /** Notes the shape of a result. */
  shaped(name: string, shape: Shape): string {
    this.#shapes.set(name, shape);
    return name;
  }

  /** Declares the form of a value that its node has just made. */
  define(value: Value, name: string): void {
    this.#plain.set(value.id, name);
    this.#shapes.set(name, value.shape);
  }

  defineChannelsFirst(value: Value, name: string): void {
    this.#channelsFirst.set(value.id, name);
  }

  /** True where reading the value with channels first is free, and with channels last is not. */
  prefersChannelsFirst(value: Value): boolean {
    return this.#channelsFirst.has(value.id) && !this.#plain.has(value.id);
  }

  /** The value in the step's own layout. */
  plain(value: Value): string {
    const known = this.#plain.get(value.id);
    if (known !== undefined) return known;
    const source = this.#channelsFirst.get(value.id);
    if (source === undefined && this.maps?.has(value) !== true)
      throw new Error(`value ${value.id} is read before it is made`);
    const made = this.#moved(value, source);
    this.#plain.set(value.id, made);
    return made;
  }

  #moved(value: Value, source: string | undefined): string {
    if (source === undefined) return this.maps?.toPlain(value) ?? '';
    return movesFreely(value.shape)
      ? this.reshape(source, value.shape)
      : this.transpose(source, TO_CHANNELS_LAST);
  }

  /** A value of rank 4 as `[batch, channels, height, width]`. */
  channelsFirst(value: Value): string {
    const known = this.#channelsFirst.get(value.id);
    if (known !== undefined) return known;
    if (
      value.dtype === 'float32' &&
      !this.#plain.has(value.id) &&
      this.maps?.has(value) === true &&
      this.maps.allows('channelsFirst')
    ) {
      const turned = this.maps.toChannelsFirst(value);
      this.#channelsFirst.set(value.id, turned);
      return turned;
    }
    const source = this.plain(value);
    const shape = channelsFirstShape(value.shape);
    const made = movesFreely(value.shape)
      ? this.reshape(source, shape)
      : this.transpose(source, TO_CHANNELS_FIRST);
    this.#channelsFirst.set(value.id, made);
    return made;
  }

  /** A value of any rank, shaped so that it broadcasts against channels-first maps. */
  channelsFirstOperand(value: Value): string {
    const { shape } = value;
    if (shape.length === 4) return this.channelsFirst(value);
    if (sizeOf(shape) === 1) return this.plain(value);
    const padded = [...Array.from({ length: 4 - shape.length }, () => 1), ...shape];
    return this.memo(`operand${value.id}`, () => {
      const source = this.plain(value);
      if (padded.filter((size) => size > 1).length <= 1)
        return this.reshape(source, channelsFirstShape(padded));
      return this.transpose(this.reshape(source, padded), TO_CHANNELS_FIRST);
    });
  }

  /** The form of `value` with the given name, whichever layout it is in, for operations that do not care. */
  either(value: Value): { readonly name: string; readonly channelsFirst: boolean } {
    const channelsFirst = this.prefersChannelsFirst(value);
    return { name: channelsFirst ? this.channelsFirst(value) : this.plain(value), channelsFirst };
  }

  defineEither(value: Value, name: string, channelsFirst: boolean): void {
    if (channelsFirst) this.defineChannelsFirst(value, name);
    else this.define(value, name);
  }

  /** True where every number of a value is known to be `wanted`. */
  isAll(value: Value, wanted: number): boolean {
    return (
      this.#fills.get(value.id) === wanted ||
      this.#constants.get(value.id)?.every((number) => number === wanted) === true
    );
  }

  /** Notes that every number of a value is this one. */
  fill(value: Value, number: number): void {
    this.#fills.set(value.id, number);
  }

  constant(value: Value, data: NumericArray): void {
    this.#constants.set(value.id, data);
    const [number] = data;
    if (value.shape.length === 0 && number !== undefined) {
      this.define(value, this.scalar(number, value.dtype));
      return;
    }
    this.define(value, this.initializer(value.shape, data, elementType(value.dtype)));
  }

  /** The finished model, without nodes and initialisers that no output needs. */
  model(name: string): OnnxModel {
    const needed = new Set(this.#outputs.map((output) => output.name));
    const nodes = this.#nodes.toReversed().filter((node) => {
      if (!node.outputs.some((output) => needed.has(output))) return false;
      for (const input of node.inputs) needed.add(input);
      return true;
    });
    return {
      name,
      nodes: named(nodes.reverse()),
      inputs: this.#inputs,
      outputs: this.#outputs,
      initializers: this.#initializers.filter((initializer) => needed.has(initializer.name)),
    };
  }

  #name(stem: string): string {
    return `${stem.toLowerCase()}_${this.#names++}`;
  }
}

/** Without the copies that only give a result its name: its node writes it under that name. */
function named(nodes: readonly OnnxNode[]): OnnxNode[] {
  const made = new Set(nodes.flatMap(({ type, outputs }) => (type === 'Identity' ? [] : outputs)));
  const names = new Map<string, string>();
  const kept = nodes.filter(({ type, inputs: [source = ''], outputs: [name = ''] }) => {
    if (type !== 'Identity' || !made.has(source) || names.has(source)) return true;
    names.set(source, name);
    return false;
  });
  const final = (name: string): string => names.get(name) ?? name;
  return kept.map((node) => ({ ...node, inputs: node.inputs.map(final), outputs: node.outputs.map(final) }));
}

export function channelsFirstShape(shape: Shape): number[] {
  return TO_CHANNELS_FIRST.map((axis) => shape[axis] ?? 1);
}

/** The axis of a channels-first map where this axis of the channels-last map stands. */
export function channelsFirstAxis(axis: number): number {
  return TO_CHANNELS_FIRST.indexOf(axis);
}

/** True where moving the channels does not move a number in memory. */
function movesFreely(shape: Shape): boolean {
  const [, height = 1, width = 1, channels = 1] = shape;
  return channels === 1 || (height === 1 && width === 1);
}
