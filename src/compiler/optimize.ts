import type { StepGraph } from './graph.ts';
import { deadCode } from './passes/dead-code.ts';
import type { Pass } from './passes/pass.ts';

/** All passes, in the order in which they help each other. */
export const PASSES: readonly Pass[] = [deadCode];

export function optimize(graph: StepGraph, passes: readonly Pass[] = PASSES): StepGraph {
  return passes.reduce((current, pass) => pass.apply(current), graph);
}
