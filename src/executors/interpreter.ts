import { evaluateNode, tensorFrom, valuesOf } from '../compiler/evaluate.ts';
import type { NumericArray, StepGraph } from '../compiler/graph.ts';
import { tf, withBackend } from '../compiler/tfjs.ts';
import { cpuBackend } from './eager/cpu.ts';
import { eagerOn } from './eager/executor.ts';
import { graphStep } from './eager/graph-step.ts';
import type { EagerExecutor, Feeds, OperationCost } from './executor.ts';
import { checkedValues, type StateSpec } from './state.ts';

const BYTES_PER_NUMBER = 4;

/** TensorFlow.js in plain JavaScript: the reference that all others are compared with. */
export const interpreter: EagerExecutor = {
  ...eagerOn(cpuBackend),
  profile: (graph, state, feeds, runs) => Promise.resolve(profile(graph, { ...state, ...feeds }, runs)),
};

/** What each kernel costs, from running the graph `runs` times. */
function profile(graph: StepGraph, given: Feeds, runs: number): readonly OperationCost[] {
  const costs = new Map<string, { calls: number; milliseconds: number; bytes: number }>();
  const watched: typeof evaluateNode = (node, inputs, library) => {
    const before = performance.now();
    const outputs = evaluateNode(node, inputs, library);
    const cost = costs.get(node.kernel) ?? { calls: 0, milliseconds: 0, bytes: 0 };
    costs.set(node.kernel, cost);
    cost.calls += 1 / runs;
    cost.milliseconds += (performance.now() - before) / runs;
    for (const output of outputs) cost.bytes += (output.size * BYTES_PER_NUMBER) / runs;
    return outputs;
  };
  for (let run = 0; run < runs; run++) {
    interpret(graph, (input, spec) => checkedValues(`input "${input}"`, spec, given[input]), watched);
  }
  return [...costs]
    .map(([operation, { calls, milliseconds, bytes }]) => ({
      ...{ operation, milliseconds, calls: Math.round(calls), bytes: Math.round(bytes) },
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Values of every output of `graph`, with inputs from `values`. */
export function interpret(
  graph: StepGraph,
  values: (input: string, spec: StateSpec) => NumericArray,
  evaluate: typeof evaluateNode = evaluateNode,
): Record<string, NumericArray> {
  const { step, specs } = graphStep(graph, evaluate);
  return withBackend(cpuBackend.name, () =>
    tf.tidy(() => {
      const inputs = Object.entries(specs).map(
        ([name, spec]) => [name, tensorFrom(spec, values(name, spec))] as const,
      );
      const outputs = Object.entries(step(tf, Object.fromEntries(inputs)));
      return Object.fromEntries(outputs.map(([name, tensor]) => [name, valuesOf(tensor)]));
    }),
  );
}
