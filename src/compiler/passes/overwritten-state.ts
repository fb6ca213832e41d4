import type { GraphNode, StepGraph, Value } from '../graph.ts';
import { onlyOutput } from '../node-access.ts';
import { readersOf } from './rewrite.ts';
import { ELEMENTWISE } from './separate-state.ts';

/**
 * State whose next value may be written over the last one while a step runs: momentum, moments, running averages of weights. Nothing
 * but arithmetic reads it, number by number, and all of that is done before the next value is written. Weights are not among them,
 * since the order in which a runtime takes their readers is its own.
 *
 * @returns names of state that is so in every graph that changes it
 */
export function overwrittenState(graphs: Readonly<Record<string, StepGraph>>): ReadonlySet<string> {
  const [overwritten, kept] = [new Set<string>(), new Set<string>()];
  for (const graph of Object.values(graphs)) {
    const state = new Map(
      graph.inputs.flatMap(({ name, role, value }) => (role === 'state' ? [[name, value]] : [])),
    );
    for (const { name, value: next } of graph.outputs) {
      const last = state.get(name);
      if (last === undefined || last.id === next.id) continue;
      (isOverwritten(graph, last, next) ? overwritten : kept).add(name);
    }
  }
  for (const name of kept) overwritten.delete(name);
  return overwritten;
}

function isOverwritten(graph: StepGraph, last: Value, next: Value): boolean {
  const readers = readersOf(graph);
  const readersOfValue = ({ id }: Value): readonly (GraphNode | null)[] => readers.get(id) ?? [];
  const before = nodesBehind(graph, next);
  const [writer] = graph.nodes.filter(({ outputs }) => outputs.some(({ id }) => id === next.id));
  if (writer === undefined || !isArithmetic(writer)) return false;
  return readersOfValue(last).every((reader) => {
    if (reader === null || !isArithmetic(reader)) return false;
    // A runtime may merge a reader with the node after it, so that has to come before the writing too.
    const after = reader === writer ? [] : readersOfValue(onlyOutput(reader));
    return [reader, ...after].every((node) => node !== null && before.has(node));
  });
}

/** True where a node makes numbers of its own, one of each that it reads. */
function isArithmetic({ kernel }: GraphNode): boolean {
  return kernel !== 'Identity' && ELEMENTWISE.has(kernel);
}

/** What has to run for a value to be there. */
function nodesBehind(graph: StepGraph, value: Value): ReadonlySet<GraphNode> {
  const needed = new Set([value.id]);
  const nodes = graph.nodes.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some(({ id }) => needed.has(id))) return false;
    for (const { id } of inputs) needed.add(id);
    return true;
  });
  return new Set(nodes);
}
