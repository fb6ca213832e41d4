import type { GraphNode, StepGraph, Value } from '../graph.ts';
import { sizeOf } from '../shape.ts';
import { stateIn } from './next-state.ts';

/** A state tensor's place in the vector that it is packed into. */
export interface StateSlot {
  readonly name: string;
  readonly vector: string;
  readonly offset: number;
  readonly size: number;
}

/** A tensor that the executor keeps: one packed vector, or a state tensor that is large enough to stand alone. */
export interface StateVector {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: Value['dtype'];
  readonly slots: readonly StateSlot[];
  /** False where no graph changes it. */
  readonly updated: boolean;
}

export interface PackedState {
  readonly graphs: Readonly<Record<string, StepGraph>>;
  readonly vectors: readonly StateVector[];
}

/** Larger tensors cost more to copy into a vector than a name of their own costs. */
const STANDS_ALONE = 1 << 14;

/**
 * Packs the many small state tensors that graphs share into few vectors, since every input and output of a session costs
 * time. Tensors are packed together where the same graphs change them, so that no graph copies what it leaves alone.
 *
 * @param standsAlone numbers from which a tensor stays alone; 0 packs nothing
 */
export function packState(
  graphs: Readonly<Record<string, StepGraph>>,
  standsAlone: number = STANDS_ALONE,
): PackedState {
  const groups = new Map<string, { name: string; value: Value; updated: boolean }[]>();
  for (const [name, { value, writers }] of stateTensors(graphs)) {
    const alone = value.dtype !== 'float32' || sizeOf(value.shape) >= standsAlone;
    const key = alone ? `alone:${name}` : writers.join('\n');
    groups.set(key, [...(groups.get(key) ?? []), { name, value, updated: writers.length > 0 }]);
  }
  const vectors = [...groups.values()].map((members, at) => vectorOf(members, at));
  return {
    vectors,
    graphs: Object.fromEntries(Object.entries(graphs).map(([name, graph]) => [name, packed(graph, vectors)])),
  };
}

function stateTensors(
  graphs: Readonly<Record<string, StepGraph>>,
): Map<string, { value: Value; writers: string[] }> {
  const tensors = new Map<string, { value: Value; writers: string[] }>();
  for (const [graphName, graph] of Object.entries(graphs))
    for (const { name, last, next } of stateIn(graph)) {
      const entry = tensors.get(name) ?? { value: last, writers: [] };
      if (next !== null) entry.writers.push(graphName);
      tensors.set(name, entry);
    }
  return tensors;
}

function vectorOf(
  members: readonly { name: string; value: Value; updated: boolean }[],
  at: number,
): StateVector {
  const [first] = members;
  if (first === undefined) throw new Error('a group of state tensors is empty');
  if (members.length === 1) {
    const { name, value, updated } = first;
    return {
      name,
      shape: value.shape,
      dtype: value.dtype,
      updated,
      slots: [{ name, vector: name, offset: 0, size: sizeOf(value.shape) }],
    };
  }
  const vector = `state#${at}`;
  let offset = 0;
  const slots = members.map(({ name, value }) => {
    const slot = { name, vector, offset, size: sizeOf(value.shape) };
    offset += slot.size;
    return slot;
  });
  return { name: vector, shape: [offset], dtype: 'float32', slots, updated: first.updated };
}

/** The graph with vectors as its state: split after the inputs, joined before the outputs. */
function packed(graph: StepGraph, vectors: readonly StateVector[]): StepGraph {
  let nextId =
    1 +
    Math.max(
      -1,
      ...graph.inputs.map(({ value }) => value.id),
      ...graph.constants.map(({ value }) => value.id),
      ...graph.nodes.flatMap((node) => node.outputs.map(({ id }) => id)),
    );
  const makeValue = (shape: readonly number[]): Value => ({ id: nextId++, shape, dtype: 'float32' });
  const inputs = new Map(graph.inputs.map((input) => [input.name, input]));
  const outputs = new Map(graph.outputs.map((output) => [output.name, output]));
  const packedNames = new Set(
    vectors.flatMap(({ slots }) => (slots.length > 1 ? slots.map(({ name }) => name) : [])),
  );
  const before: GraphNode[] = [];
  const after: GraphNode[] = [];
  const vectorInputs: StepGraph['inputs'][number][] = [];
  const vectorOutputs: StepGraph['outputs'][number][] = [];
  for (const { name, slots, shape } of vectors) {
    if (slots.length < 2 || !slots.some((slot) => inputs.has(slot.name))) continue;
    const whole = makeValue(shape);
    const pieces = slots.map((slot) => makeValue([slot.size]));
    vectorInputs.push({ name, role: 'state', value: whole });
    before.push(
      nodeOf('SplitV', [whole], ['x'], { numOrSizeSplits: slots.map((slot) => slot.size), axis: 0 }, pieces),
    );
    for (const [at, slot] of slots.entries()) {
      const piece = pieces[at];
      const tensor = inputs.get(slot.name)?.value;
      if (piece !== undefined && tensor !== undefined)
        before.push(nodeOf('Reshape', [piece], ['x'], { shape: tensor.shape }, [tensor]));
    }
    if (!slots.some((slot) => changes(inputs.get(slot.name)?.value, outputs.get(slot.name)?.value))) continue;
    const joined = slots.map((slot, at) => {
      const source = outputs.get(slot.name)?.value;
      if (source === undefined) return pieces[at] ?? whole;
      const flat = makeValue([slot.size]);
      after.push(nodeOf('Reshape', [source], ['x'], { shape: [slot.size] }, [flat]));
      return flat;
    });
    const result = makeValue(shape);
    after.push(
      nodeOf(
        'Concat',
        joined,
        joined.map((_, at) => String(at)),
        { axis: 0 },
        [result],
      ),
    );
    vectorOutputs.push({ name, value: result });
  }
  return {
    ...graph,
    inputs: [...vectorInputs, ...graph.inputs.filter(({ name }) => !packedNames.has(name))],
    nodes: [...before, ...graph.nodes, ...after],
    outputs: [
      ...vectorOutputs,
      ...graph.outputs.filter(
        ({ name, value }) => !packedNames.has(name) && inputs.get(name)?.value.id !== value.id,
      ),
    ],
  };
}

function changes(before: Value | undefined, after: Value | undefined): boolean {
  return after !== undefined && after.id !== before?.id;
}

function nodeOf(
  kernel: string,
  inputs: readonly Value[],
  inputNames: readonly string[],
  attributes: GraphNode['attributes'],
  outputs: readonly Value[],
): GraphNode {
  return { kernel, inputs, inputNames, attributes, outputs, site: null };
}
