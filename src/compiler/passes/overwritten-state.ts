import type { GraphNode, StepGraph, Value } from '../graph.ts';
import { onlyOutput } from '../node-access.ts';
import { stateIn } from './next-state.ts';
import { readersOf } from './rewrite.ts';
import { ELEMENTWISE } from './separate-state.ts';

/**
 * State whose next value may be written over the last one while a step runs: momentum, moments, running averages. All that reads it
 * is one chain of arithmetic, number by number, at whose end stands the next value, so nobody can read it later, in
 * whatever order a runtime takes the nodes. Weights have other readers.
 *
 * @returns names of state that is so in every graph that changes it
 */
export function overwrittenState(graphs: Readonly<Record<string, StepGraph>>): ReadonlySet<string> {
  const [overwritten, kept] = [new Set<string>(), new Set<string>()];
  for (const graph of Object.values(graphs)) {
    const readers = readersOf(graph);
    for (const { name, last, next } of stateIn(graph))
      if (next !== null) (leadsTo(last, next, readers) ? overwritten : kept).add(name);
  }
  for (const name of kept) overwritten.delete(name);
  return overwritten;
}

/** True where arithmetic that is read by nothing else makes the one of the other. */
function leadsTo(last: Value, next: Value, readers: ReturnType<typeof readersOf>): boolean {
  const [reader, ...others] = readers.get(last.id) ?? [];
  if (reader === undefined || reader === null || others.length > 0 || !isArithmetic(reader)) return false;
  const made = onlyOutput(reader);
  return made.id === next.id || leadsTo(made, next, readers);
}

/** True where a node makes numbers of its own, one of each that it reads. */
function isArithmetic({ kernel }: GraphNode): boolean {
  return kernel !== 'Identity' && ELEMENTWISE.has(kernel);
}
