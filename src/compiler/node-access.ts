import type { GraphNode, Value } from './graph.ts';

/** What the writers of lowerings read off a node; anything missing is a defect of the tracer. */
export function inputAt(node: GraphNode, name: string): Value {
  const value = node.inputs[node.inputNames.indexOf(name)];
  if (value === undefined) throw new Error(`${node.kernel} has no input "${name}"`);
  return value;
}

export function optionalInput(node: GraphNode, name: string): Value | null {
  return node.inputs[node.inputNames.indexOf(name)] ?? null;
}

export function onlyInput(node: GraphNode): Value {
  const [value] = node.inputs;
  if (value === undefined) throw new Error(`${node.kernel} has no input`);
  return value;
}

export function onlyOutput(node: GraphNode): Value {
  const [value] = node.outputs;
  if (value === undefined) throw new Error(`${node.kernel} has no output`);
  return value;
}
