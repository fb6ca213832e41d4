import type { StepGraph } from '../graph.ts';

/**
 * A graph whose inputs and outputs are called by their places, `i0`, `i1`, ... and `o0`, `o1`, ...: the same computation has the same
 * form then, whichever models it is for.
 */
export function unnamed(graph: StepGraph): StepGraph {
  return {
    ...graph,
    name: 'step',
    inputs: graph.inputs.map((input, at) => ({ ...input, name: inputPlace(at) })),
    outputs: graph.outputs.map(({ value }, at) => ({ name: outputPlace(at), value })),
  };
}

export function inputPlace(at: number): string {
  return `i${at}`;
}

export function outputPlace(at: number): string {
  return `o${at}`;
}
