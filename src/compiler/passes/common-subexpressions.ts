import type { Attribute, StepGraph, Value } from '../graph.ts';
import type { Pass } from './pass.ts';
import { rewrite } from './rewrite.ts';

const COMMUTATIVE = new Set([
  'Add',
  'Multiply',
  'Maximum',
  'Minimum',
  'Equal',
  'NotEqual',
  'LogicalAnd',
  'LogicalOr',
  'SquaredDifference',
]);
/** Longer constants are compared by identity alone. */
const SHORT = 64;

/** Computes once what is asked for twice, and stores equal short constants once. */
export const commonSubexpressions: Pass = {
  name: 'commonSubexpressions',
  apply(graph) {
    const known = new Map<string, readonly Value[]>();
    return rewrite(withSharedConstants(graph), (node) => {
      const ids = node.inputs.map(({ id }) => id);
      if (COMMUTATIVE.has(node.kernel)) ids.sort((a, b) => a - b);
      const key = `${node.kernel}(${ids.join()})${node.inputNames.join()}${describe(node.attributes)}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      known.set(key, node.outputs);
      return null;
    });
  },
};

function describe(attributes: Readonly<Record<string, Attribute>>): string {
  return JSON.stringify(
    Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)),
    (_, value: unknown) =>
      typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
        ? `number:${Object.is(value, -0) ? '-0' : value}`
        : value,
  );
}

function withSharedConstants(graph: StepGraph): StepGraph {
  const first = new Map<string, Value>();
  const shared = new Map<number, Value>();
  const constants = graph.constants.filter(({ value, data }) => {
    if (data.length > SHORT) return true;
    const key = `${value.dtype}[${value.shape.join()}]${Array.from(data, (item) => (Object.is(item, -0) ? '-0' : String(item))).join()}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, value);
    else shared.set(value.id, before);
    return before === undefined;
  });
  if (shared.size === 0) return graph;
  const current = (value: Value): Value => shared.get(value.id) ?? value;
  return {
    ...graph,
    constants,
    nodes: graph.nodes.map((node) =>
      node.inputs.some(({ id }) => shared.has(id)) ? { ...node, inputs: node.inputs.map(current) } : node,
    ),
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: current(value) })),
  };
}
