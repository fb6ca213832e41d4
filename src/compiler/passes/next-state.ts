import type { StepGraph, Value } from '../graph.ts';

/** A state tensor of a graph, with the value that the graph gives it; null where it leaves it as it is. */
export interface StateOfGraph {
  readonly name: string;
  readonly last: Value;
  readonly next: Value | null;
}

/** Every state tensor that a graph reads. */
export function stateIn(graph: StepGraph): readonly StateOfGraph[] {
  const outputs = new Map(graph.outputs.map(({ name, value }) => [name, value]));
  return graph.inputs.flatMap(({ name, role, value: last }) => {
    if (role !== 'state') return [];
    const next = outputs.get(name);
    return [{ name, last, next: next === undefined || next.id === last.id ? null : next }];
  });
}
