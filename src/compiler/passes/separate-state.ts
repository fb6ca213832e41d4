import { numberOf } from '../attributes.ts';
import type { GraphNode, StepGraph, Value } from '../graph.ts';
import { splitSizes } from '../kernels/arrays.ts';
import { axisSize } from '../shape.ts';
import { elements, nextId } from './rewrite.ts';

/** A part of a state vector that is kept as a tensor of its own. */
export interface StatePiece {
  readonly name: string;
  /** The state vector, and where in it the piece begins. */
  readonly of: string;
  readonly from: number;
}

export interface SeparatedState {
  readonly graphs: Readonly<Record<string, StepGraph>>;
  readonly pieces: readonly StatePiece[];
}

/** Numbers in a tensor that is better kept alone: splitting it off and joining it again would copy it in every step. */
const LARGE = 1 << 17;

/** Kernels that work on each number by itself, as optimizers do on all parameters at once. */
export const ELEMENTWISE = new Set([
  ...['Add', 'AddN', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Pow', 'SquaredDifference'],
  ...['Abs', 'ClipByValue', 'Exp', 'Identity', 'Log', 'Neg', 'Reciprocal', 'Relu', 'Rsqrt', 'Sign', 'Sqrt', 'Square'],
]); // prettier-ignore

/**
 * Keeps the large tensors of state vectors alone, and the small ones between them together. Vectors of one length are cut
 * alike (weights, momentum, averages), so that the optimizer works on the pieces and no step copies them.
 *
 * @param large numbers in a tensor from which on it is kept alone
 */
export function separateState(graphs: Readonly<Record<string, StepGraph>>, large = LARGE): SeparatedState {
  const cuts = cutsOf(Object.values(graphs), large);
  const pieces = new Map<string, StatePiece>();
  const separated = Object.entries(graphs).map(([name, graph]) => {
    const separator = new Separator(graph, cuts);
    const result = separator.apply();
    for (const piece of separator.pieces) pieces.set(piece.name, piece);
    return [name, result] as const;
  });
  return { graphs: Object.fromEntries(separated), pieces: [...pieces.values()] };
}

/** Sizes of the pieces that vectors of a length are cut into, by length. */
function cutsOf(graphs: readonly StepGraph[], large: number): Map<number, readonly number[]> {
  const cuts = new Map<number, readonly number[]>();
  for (const graph of graphs) {
    const state = new Set(graph.inputs.filter(({ role }) => role === 'state').map(({ value }) => value.id));
    for (const node of graph.nodes) {
      const [whole] = node.inputs;
      if (node.kernel !== 'SplitV' || whole?.shape.length !== 1 || !state.has(whole.id)) continue;
      const sizes = grouped(splitSizes(node).sizes, large);
      if (sizes.length > 1 && !cuts.has(elements(whole))) cuts.set(elements(whole), sizes);
    }
  }
  return cuts;
}

/** Large sizes alone, neighbouring small ones added up. */
function grouped(sizes: readonly number[], large: number): number[] {
  const groups: number[] = [];
  let together = 0;
  for (const size of sizes) {
    if (size < large) {
      together += size;
      continue;
    }
    if (together > 0) groups.push(together);
    groups.push(size);
    together = 0;
  }
  return together > 0 ? [...groups, together] : groups;
}

class Separator {
  readonly pieces: StatePiece[] = [];
  readonly #graph: StepGraph;
  readonly #cuts: ReadonlyMap<number, readonly number[]>;
  readonly #nodes: GraphNode[] = [];
  /** Values that exist in pieces. */
  readonly #cut = new Map<number, readonly Value[]>();
  /** Those of them that exist as one tensor too. */
  readonly #alsoWhole = new Set<number>();
  /** Values that stand for others. */
  readonly #replaced = new Map<number, Value>();
  #next: number;

  constructor(graph: StepGraph, cuts: ReadonlyMap<number, readonly number[]>) {
    this.#graph = graph;
    this.#cuts = cuts;
    this.#next = nextId(graph);
  }

  apply(): StepGraph {
    const inputs = this.#graph.inputs.flatMap((input) => {
      const sizes = input.role === 'state' ? this.#sizesOf(input.value) : null;
      if (sizes === null) return [input];
      const parts = sizes.map((size) => this.#value(size));
      this.#cut.set(input.value.id, parts);
      let from = 0;
      for (const [at, size] of sizes.entries()) {
        this.pieces.push({ name: pieceName(input.name, at), of: input.name, from });
        from += size;
      }
      return parts.map((value, at) => ({ ...input, name: pieceName(input.name, at), value }));
    });
    for (const node of this.#graph.nodes) this.#visit(node);
    const state = new Set(this.pieces.map((piece) => piece.of));
    const outputs = this.#graph.outputs.flatMap(({ name, value }) =>
      state.has(name)
        ? this.#partsOf(value).map((part, at) => ({ name: pieceName(name, at), value: part }))
        : [{ name, value: this.#whole(value) }],
    );
    return { ...this.#graph, inputs, nodes: this.#nodes, outputs };
  }

  #visit(node: GraphNode): void {
    if (this.#splits(node) || this.#joins(node) || this.#worksOnEach(node)) return;
    this.#nodes.push({ ...node, inputs: node.inputs.map((input) => this.#whole(input)) });
  }

  /** A vector is split into its tensors: the large ones are there, the small ones are split off their group. */
  #splits(node: GraphNode): boolean {
    const parts = node.kernel === 'SplitV' ? this.#cut.get(node.inputs[0]?.id ?? -1) : undefined;
    if (parts === undefined) return false;
    const groups = this.#groups(node.outputs);
    if (groups === null) return false;
    for (const [at, outputs] of groups.entries()) {
      const [part, only] = [parts[at], outputs[0]];
      if (part === undefined || only === undefined) continue;
      if (outputs.length === 1) this.#replaced.set(only.id, part);
      else {
        const attributes = { numOrSizeSplits: outputs.map(elements), axis: 0 };
        this.#nodes.push({ ...node, inputs: [part], inputNames: ['x'], attributes, outputs });
      }
    }
    return true;
  }

  /** Tensors are joined to a vector: those of one group are joined, the large ones stay. */
  #joins(node: GraphNode): boolean {
    const [output] = node.outputs;
    if (node.kernel !== 'Concat' || output === undefined || numberOf(node.attributes, 'axis', 0) !== 0)
      return false;
    const groups = this.#sizesOf(output) === null ? null : this.#groups(node.inputs);
    if (groups === null) return false;
    const parts = groups.map((inputs) =>
      this.#joined(
        inputs.map((input) => this.#whole(input)),
        node,
      ),
    );
    this.#cut.set(output.id, parts);
    return true;
  }

  /** Arithmetic on a vector in pieces is done on the pieces. */
  #worksOnEach(node: GraphNode): boolean {
    const [output] = node.outputs;
    if (output === undefined || !ELEMENTWISE.has(node.kernel)) return false;
    if (this.#sizesOf(output) === null || !node.inputs.some(({ id }) => this.#cut.has(id))) return false;
    if (!node.inputs.every((input) => elements(input) === 1 || elements(input) === elements(output)))
      return false;
    const operands = node.inputs.map((input) => (elements(input) === 1 ? null : this.#partsOf(input)));
    const parts = (this.#sizesOf(output) ?? []).map((size, at) => {
      const part = this.#value(size);
      const inputs = node.inputs.map((input, operand) => operands[operand]?.[at] ?? this.#whole(input));
      this.#nodes.push({ ...node, inputs, outputs: [part] });
      return part;
    });
    this.#cut.set(output.id, parts);
    return true;
  }

  /** The tensors that each piece is made of; null where pieces begin within tensors. */
  #groups(tensors: readonly Value[]): Value[][] | null {
    const sizes = this.#cuts.get(tensors.reduce((sum, tensor) => sum + elements(tensor), 0)) ?? [];
    const rest = [...tensors];
    const groups = sizes.map((size) => {
      const group: Value[] = [];
      let filled = 0;
      while (filled < size && rest.length > 0) {
        const tensor = rest.shift();
        if (tensor === undefined) break;
        group.push(tensor);
        filled += elements(tensor);
      }
      return filled === size ? group : null;
    });
    return groups.some((group) => group === null)
      ? null
      : groups.flatMap((group) => (group === null ? [] : [group]));
  }

  #partsOf(value: Value): readonly Value[] {
    const known = this.#cut.get(value.id);
    if (known !== undefined) return known;
    const sizes = this.#sizesOf(value) ?? [];
    const outputs = sizes.map((size) => this.#value(size));
    const attributes = { numOrSizeSplits: sizes, axis: 0 };
    const inputs = [this.#whole(value)];
    this.#alsoWhole.add(value.id);
    this.#nodes.push({ kernel: 'SplitV', inputs, inputNames: ['x'], attributes, outputs, site: null });
    this.#cut.set(value.id, outputs);
    return outputs;
  }

  /** The value as one tensor, joined where it exists in pieces. */
  #whole(value: Value): Value {
    const known = this.#replaced.get(value.id);
    if (known !== undefined) return known;
    const parts = this.#cut.get(value.id);
    if (parts === undefined || this.#alsoWhole.has(value.id)) return value;
    const whole = this.#joined(parts, null);
    this.#replaced.set(value.id, whole);
    return whole;
  }

  #joined(values: readonly Value[], origin: GraphNode | null): Value {
    const [first] = values;
    if (first !== undefined && values.length === 1) return first;
    const output = this.#value(values.reduce((sum, value) => sum + elements(value), 0));
    const inputNames = values.map((_, at) => String(at));
    const node = { kernel: 'Concat', inputs: values, inputNames, attributes: { axis: 0 }, outputs: [output] };
    this.#nodes.push({ ...node, site: origin?.site ?? null });
    return output;
  }

  #sizesOf({ shape, dtype }: Value): readonly number[] | null {
    return shape.length === 1 && dtype === 'float32' ? (this.#cuts.get(axisSize(shape, 0)) ?? null) : null;
  }

  #value(size: number): Value {
    return { id: this.#next++, shape: [size], dtype: 'float32' };
  }
}

function pieceName(name: string, at: number): string {
  return `${name}#${at}`;
}
