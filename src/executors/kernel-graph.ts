import { numbersOf } from '../compiler/attributes.ts';
import type { GraphNode, NumericArray, StepGraph, Value } from '../compiler/graph.ts';
import { optimize } from '../compiler/optimize.ts';
import { sizeOf } from '../compiler/shape.ts';
import { wave } from './compare.ts';

/** Each kind of node of some graphs once, every one by itself: nothing that one computes reaches another. */
export interface KernelGraph {
  readonly graph: StepGraph;
  readonly feeds: Readonly<Record<string, NumericArray>>;
  /** What an output of the graph stands for: `Conv2D of [64, 32, 32, 3] and [3, 3, 3, 16] (src/models/...)`. */
  describe(output: string): string;
}

/** What the outputs of one graph may hold, beyond the last that was added: 32 MB. */
const NUMBERS_AT_ONCE = 1 << 23;
/** Kernels that are defined, or steep, for some numbers only: they get numbers around one. */
const AROUND_ONE = new Set(
  'Acos Acosh Asin Atanh FloorDiv Log Log1p Mod Pow RealDiv Reciprocal Rsqrt Sqrt'.split(' '),
);
/** The values that an input of integers takes are chosen so that any table has them. */
const LARGEST_INDEX = 1;
/** Writers of several values into one place leave open which of them stays. */
const NOT_COMPARABLE = new Set(['TensorScatterUpdate']);

/**
 * @param graphs as they are traced
 * @param seen kernels to leave out; those that are returned are added
 * @returns several where one would hold more numbers at once than is good for the memory
 */
export function kernelGraphs(graphs: readonly StepGraph[], seen = new Set<string>()): readonly KernelGraph[] {
  let current = new Collected();
  const all = [current];
  for (const graph of graphs.map((one) => optimize(one))) {
    const constants = new Map(graph.constants.map(({ value, data }) => [value.id, data]));
    for (const node of graph.nodes) {
      const key = keyOf(node, constants);
      if (NOT_COMPARABLE.has(node.kernel) || seen.has(key)) continue;
      seen.add(key);
      if (current.isFull) all.push((current = new Collected()));
      current.add(node, constants);
    }
  }
  return all.filter((one) => !one.isEmpty);
}

/** Equal for nodes that are computed by the same kernel in the same way. */
function keyOf(
  { kernel, attributes, inputs }: GraphNode,
  constants: ReadonlyMap<number, NumericArray>,
): string {
  const operands = inputs.map(({ id, dtype, shape }) => {
    const data = constants.get(id);
    return `${dtype}[${shape.join()}]${data === undefined ? '' : summary(data)}`;
  });
  return JSON.stringify([kernel, attributes, operands]);
}

class Collected implements KernelGraph {
  readonly feeds: Record<string, NumericArray> = {};
  readonly #origins = new Map<string, GraphNode>();
  readonly #inputs = new Map<string, StepGraph['inputs'][number]>();
  readonly #constants: { value: Value; data: NumericArray }[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #outputs: { name: string; value: Value }[] = [];
  #ids = 0;
  #numbers = 0;

  get isFull(): boolean {
    return this.#numbers >= NUMBERS_AT_ONCE;
  }

  get isEmpty(): boolean {
    return this.#nodes.length === 0;
  }

  get graph(): StepGraph {
    return {
      name: 'kernels in use',
      inputs: [...this.#inputs.values()],
      constants: this.#constants,
      nodes: this.#nodes,
      outputs: this.#outputs,
    };
  }

  add(node: GraphNode, constants: ReadonlyMap<number, NumericArray>): void {
    const inputs = node.inputs.map((value, slot) => {
      const data = constants.get(value.id);
      return data === undefined ? this.#input(node, value, slot) : this.#constant(value, data);
    });
    const outputs = node.outputs.map((value) => this.#value(value));
    this.#nodes.push({ ...node, inputs, outputs });
    for (const value of outputs) {
      const name = `kernel${value.id}`;
      this.#outputs.push({ name, value });
      this.#numbers += sizeOf(value.shape);
      this.#origins.set(name, node);
    }
  }

  describe(output: string): string {
    const node = this.#origins.get(output);
    if (node === undefined) return output;
    const shapes = node.inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ');
    const site = node.site?.describe() ?? null;
    return `${node.kernel} of ${shapes}${site === null ? '' : ` (${site})`}`;
  }

  /** Inputs of one shape are shared between kernels, and differ between the operands of one. */
  #input(node: GraphNode, value: Value, slot: number): Value {
    const kind = AROUND_ONE.has(node.kernel) ? 'around one' : 'wave';
    const indices = value.dtype === 'int32' ? largestIndex(node) : 0;
    const name = `${kind} ${value.dtype}[${value.shape.join()}] ${slot} ${indices}`;
    const known = this.#inputs.get(name);
    if (known !== undefined) return known.value;
    const made = this.#value(value);
    this.#inputs.set(name, { name, role: 'batch', value: made });
    this.feeds[name] = numbers(value, slot, kind === 'around one', indices);
    return made;
  }

  #constant(value: Value, data: NumericArray): Value {
    const made = this.#value(value);
    this.#constants.push({ value: made, data });
    return made;
  }

  #value({ shape, dtype }: Value): Value {
    return { id: this.#ids++, shape, dtype };
  }
}

/** Constants are told apart by some of their numbers, which decide how they are written. */
function summary(data: NumericArray): string {
  return `=${data.slice(0, 16).join()}`;
}

function largestIndex({ inputs, kernel, attributes }: GraphNode): number {
  const shapes = kernel === 'ScatterNd' ? [numbersOf(attributes, 'shape')] : inputs.map(({ shape }) => shape);
  const sizes = shapes.flat().filter((size) => size > 0);
  return Math.min(LARGEST_INDEX, Math.min(...sizes, Infinity) - 1);
}

function numbers({ shape, dtype }: Value, slot: number, aroundOne: boolean, index: number): NumericArray {
  const size = sizeOf(shape);
  if (dtype === 'int32') return Int32Array.from({ length: size }, (_, at) => (at + slot) % (index + 1));
  if (dtype === 'bool') return Uint8Array.from({ length: size }, (_, at) => ((at + slot) % 3 === 0 ? 1 : 0));
  const waves = longWave(slot, size);
  return aroundOne ? waves.map((number) => 1 + number / 2) : waves;
}

/** Numbers of the wave before it is repeated: a prime, so that no axis of a tensor falls in with it. */
const PERIOD = 65521;
const once = wave(PERIOD, 1);

/** Made of repetitions: sines are dear where there are millions. */
function longWave(slot: number, size: number): Float32Array {
  const made = new Float32Array(size);
  for (let at = 0, from = (slot * 7919) % PERIOD; at < size; from = 0) {
    const piece = once.subarray(from, Math.min(PERIOD, from + size - at));
    made.set(piece, at);
    at += piece.length;
  }
  return made;
}
