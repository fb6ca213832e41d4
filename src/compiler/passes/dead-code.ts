import type { Pass } from './pass.ts';

/** Drops what no output needs: nodes and constants. Inputs stay, they are the step's interface. */
export const deadCode: Pass = {
  name: 'deadCode',
  apply(graph) {
    const needed = new Set(graph.outputs.map(({ value }) => value.id));
    const kept = graph.nodes.toReversed().filter((node) => {
      if (!node.outputs.some(({ id }) => needed.has(id))) return false;
      for (const { id } of node.inputs) needed.add(id);
      return true;
    });
    return {
      ...graph,
      nodes: kept.reverse(),
      constants: graph.constants.filter(({ value }) => needed.has(value.id)),
    };
  },
};
