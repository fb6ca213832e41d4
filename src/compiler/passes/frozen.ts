import type { NumericArray, StepGraph } from '../graph.ts';

/** A graph whose state has these values for good: they are constants, so that whatever depends on them alone is computed once. */
export function frozen(graph: StepGraph, state: Readonly<Record<string, NumericArray>>): StepGraph {
  const constants = graph.inputs.flatMap(({ name, role, value }) => {
    const data = role === 'state' ? state[name] : undefined;
    return data === undefined ? [] : [{ value, data }];
  });
  const known = new Set(constants.map(({ value }) => value.id));
  return {
    ...graph,
    inputs: graph.inputs.filter(({ value }) => !known.has(value.id)),
    constants: [...graph.constants, ...constants],
  };
}
