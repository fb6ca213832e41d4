import type { Tensor } from '@tensorflow/tfjs-core';
import { evaluateNode, tensorFrom, valuesOf } from '../compiler/evaluate.ts';
import type { NumericArray, StepGraph } from '../compiler/graph.ts';
import { tf, withBackend } from '../compiler/tfjs.ts';
import { UserError } from '../protocol/errors.ts';
import type { Executor, Feeds, Fetches, OperationCost, Program } from './executor.ts';
import { checkedValues, sharedState, unknownName, type StateSpec } from './state.ts';

const BACKEND = 'cpu';
const BYTES_PER_NUMBER = 4;

/** Runs a graph kernel by kernel on TensorFlow.js: the last rung, and the reference that others are compared with. */
export const interpreter: Executor = {
  name: 'eager-cpu',
  description: `TensorFlow.js ${tf.version_core}, backend ${BACKEND}, kernel by kernel (slow)`,
  load: (graphs, state) => Promise.resolve(new InterpretedProgram(graphs, state)),
  profile: (graph, state, feeds, runs) => Promise.resolve(profile(graph, { ...state, ...feeds }, runs)),
};

class InterpretedProgram implements Program {
  readonly #graphs: Readonly<Record<string, StepGraph>>;
  readonly #specs: Map<string, StateSpec>;
  readonly #state = new Map<string, NumericArray>();

  constructor(graphs: Readonly<Record<string, StepGraph>>, state: Readonly<Record<string, NumericArray>>) {
    this.#graphs = graphs;
    this.#specs = sharedState(graphs);
    for (const [name, spec] of this.#specs)
      this.#state.set(name, checkedValues(`state "${name}"`, spec, state[name]).slice());
  }

  run(name: string, feeds: Feeds): Promise<Fetches> {
    const graph = this.#graphs[name];
    if (graph === undefined) return Promise.reject(unknownName('graph', name, Object.keys(this.#graphs)));
    try {
      const results = interpret(graph, (input, spec) =>
        checkedValues(
          `input "${input}"`,
          spec,
          this.#specs.has(input) ? this.#state.get(input) : feeds[input],
        ),
      );
      const fetches: Record<string, NumericArray> = {};
      for (const [output, values] of Object.entries(results)) {
        if (this.#specs.has(output)) this.#state.set(output, values);
        else fetches[output] = values;
      }
      return Promise.resolve(fetches);
    } catch (error) {
      return Promise.reject(error instanceof UserError ? error : failed(graph, error));
    }
  }

  readState(names?: readonly string[]): Promise<Record<string, NumericArray>> {
    const wanted = names ?? [...this.#state.keys()];
    return Promise.resolve(Object.fromEntries(wanted.map((name) => [name, this.#known(name).slice()])));
  }

  writeState(values: Readonly<Record<string, NumericArray>>): Promise<void> {
    for (const [name, array] of Object.entries(values)) {
      this.#known(name);
      const spec = this.#specs.get(name);
      if (spec !== undefined) this.#state.set(name, checkedValues(`state "${name}"`, spec, array).slice());
    }
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    this.#state.clear();
    return Promise.resolve();
  }

  #known(name: string): NumericArray {
    const values = this.#state.get(name);
    if (values === undefined) throw unknownName('state', name, this.#state.keys());
    return values;
  }
}

/** What each kernel costs, from running the graph `runs` times. */
function profile(graph: StepGraph, given: Feeds, runs: number): readonly OperationCost[] {
  const costs = new Map<string, { calls: number; milliseconds: number; bytes: number }>();
  const watched: typeof evaluateNode = (node, inputs) => {
    const before = performance.now();
    const outputs = evaluateNode(node, inputs);
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
  const remaining = useCounts(graph);
  return withBackend(BACKEND, () =>
    tf.tidy(() => {
      const tensors = new Map<number, Tensor>();
      for (const { name, value } of graph.inputs)
        tensors.set(value.id, tensorFrom(value, values(name, value)));
      for (const { value, data } of graph.constants) tensors.set(value.id, tensorFrom(value, data));
      const tensorOf = (id: number): Tensor => {
        const tensor = tensors.get(id);
        if (tensor === undefined) throw new Error(`value ${id} is used before it is computed`);
        return tensor;
      };
      for (const node of graph.nodes) {
        const outputs = evaluate(
          node,
          node.inputs.map(({ id }) => tensorOf(id)),
        );
        for (const [at, output] of outputs.entries()) {
          const id = node.outputs[at]?.id;
          if (id !== undefined) tensors.set(id, output);
        }
        release(
          node.inputs.map(({ id }) => id),
          remaining,
          tensors,
        );
      }
      return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, valuesOf(tensorOf(value.id))]));
    }),
  );
}

function useCounts(graph: StepGraph): Map<number, number> {
  const counts = new Map<number, number>();
  const uses = [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ value }) => value)];
  for (const { id } of uses) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** Frees tensors after their last use, so that memory follows the live values and not the whole step. */
function release(
  used: readonly number[],
  remaining: Map<number, number>,
  tensors: Map<number, Tensor>,
): void {
  for (const id of used) {
    const left = (remaining.get(id) ?? 1) - 1;
    remaining.set(id, left);
    if (left > 0) continue;
    tensors.get(id)?.dispose();
    tensors.delete(id);
  }
}

function failed(graph: StepGraph, error: unknown): UserError {
  const message = error instanceof Error ? error.message : String(error);
  const problem = {
    code: 'KD6011',
    message: `${graph.name} failed on TensorFlow.js ${BACKEND}: ${message}`,
    help: 'Try a smaller batch; if it fails again, report the message with the configuration.',
  };
  return new UserError(problem, { cause: error });
}
