import type { GraphNode, NumericArray, StepGraph, Value } from '../graph.ts';
import { shapeRules } from '../kernels/index.ts';
import { firstInput, type TensorType } from '../kernels/rule.ts';
import { sizeOf } from '../shape.ts';

/** What a rewriting may look up and add. */
export class Editor {
  readonly nodes: GraphNode[] = [];
  readonly constants: { value: Value; data: NumericArray }[];
  readonly #producers = new Map<number, GraphNode>();
  readonly #data = new Map<number, NumericArray>();
  #nextId: number;

  constructor(graph: StepGraph) {
    this.constants = [...graph.constants];
    for (const { value, data } of graph.constants) this.#data.set(value.id, data);
    this.#nextId = nextId(graph);
  }

  /** The node that made a value, in the graph as rewritten so far. */
  producer(value: Value): GraphNode | null {
    return this.#producers.get(value.id) ?? null;
  }

  /** The numbers of a constant. */
  data(value: Value): NumericArray | null {
    return this.#data.get(value.id) ?? null;
  }

  /** The number that every element of a value is known to be. */
  scalar(value: Value): number | null {
    const data = this.data(value);
    if (data !== null) return data.length === 1 ? (data[0] ?? null) : null;
    const producer = this.producer(value);
    return producer?.kernel === 'Fill' && typeof producer.attributes.value === 'number'
      ? producer.attributes.value
      : null;
  }

  append(node: GraphNode): void {
    this.nodes.push(node);
    for (const output of node.outputs) this.#producers.set(output.id, node);
  }

  /** Adds a node of one output in place of `origin`. */
  emit(
    origin: GraphNode,
    kernel: string,
    inputs: readonly Value[],
    inputNames: readonly string[],
    attributes: GraphNode['attributes'],
  ): Value {
    const rule = shapeRules[kernel];
    if (rule === undefined) throw new Error(`no shape rule for ${kernel}`);
    const type =
      rule({ kernel, inputs, inputNames, attributes })[0] ??
      firstInput({ kernel, inputs, inputNames, attributes });
    return this.emitAs(origin, type, { kernel, inputs, inputNames, attributes });
  }

  /** `emit` for a kernel that a lowering keeps for itself: what it yields is given. */
  emitAs(origin: GraphNode, type: TensorType, call: Omit<GraphNode, 'outputs' | 'site'>): Value {
    const output = this.#value(type);
    this.append({ ...call, outputs: [output], site: origin.site });
    return output;
  }

  reshape(origin: GraphNode, value: Value, shape: readonly number[]): Value {
    return this.emit(origin, 'Reshape', [value], ['x'], { shape });
  }

  constant(type: TensorType, data: NumericArray): Value {
    const value = this.#value(type);
    this.constants.push({ value, data });
    this.#data.set(value.id, data);
    return value;
  }

  #value({ shape, dtype }: TensorType): Value {
    return { id: this.#nextId++, shape, dtype };
  }
}

/** An id above all that a graph uses. */
export function nextId(graph: StepGraph): number {
  let highest = -1;
  for (const { value } of [...graph.inputs, ...graph.constants]) highest = Math.max(highest, value.id);
  for (const node of graph.nodes) for (const { id } of node.outputs) highest = Math.max(highest, id);
  return highest + 1;
}

/** Values to stand for a node's outputs, or null to keep the node. */
export type Visit = (node: GraphNode, editor: Editor) => readonly Value[] | null;

/** Walks the nodes in order; later nodes and outputs read what `visit` put in the place of earlier ones. */
export function rewrite(graph: StepGraph, visit: Visit): StepGraph {
  const editor = new Editor(graph);
  const replaced = new Map<number, Value>();
  const current = (value: Value): Value => replaced.get(value.id) ?? value;
  for (const original of graph.nodes) {
    const moved = original.inputs.some(({ id }) => replaced.has(id));
    const node = moved ? { ...original, inputs: original.inputs.map(current) } : original;
    const substitutes = visit(node, editor);
    if (substitutes === null) editor.append(node);
    else
      for (const [at, output] of node.outputs.entries()) replaced.set(output.id, substitutes[at] ?? output);
  }
  return {
    ...graph,
    nodes: editor.nodes,
    constants: editor.constants,
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: current(value) })),
  };
}

/** What reads each value, by its id; outputs of the graph as null. */
export function readersOf({ nodes, outputs }: StepGraph): ReadonlyMap<number, readonly (GraphNode | null)[]> {
  const readers = new Map<number, (GraphNode | null)[]>();
  const note = ({ id }: Value, reader: GraphNode | null): void => {
    const known = readers.get(id);
    if (known === undefined) readers.set(id, [reader]);
    else known.push(reader);
  };
  for (const node of nodes) for (const input of node.inputs) note(input, node);
  for (const { value } of outputs) note(value, null);
  return readers;
}

/** How often each value is read, by its id. */
export function useCounts(graph: StepGraph): Map<number, number> {
  return new Map([...readersOf(graph)].map(([id, readers]) => [id, readers.length]));
}

/** Size of a value in numbers. */
export function elements(value: Value): number {
  return sizeOf(value.shape);
}
