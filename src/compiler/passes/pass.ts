import type { StepGraph } from '../graph.ts';

/** A rewriting that keeps every output's values. */
export interface Pass {
  readonly name: string;
  readonly apply: (graph: StepGraph) => StepGraph;
}
