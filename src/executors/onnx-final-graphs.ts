import type { NumericArray, StepGraph } from '../compiler/graph.ts';
import { optimize } from '../compiler/optimize.ts';
import { frozen } from '../compiler/passes/frozen.ts';
import { stateIn } from '../compiler/passes/next-state.ts';
import { sizeOf } from '../compiler/shape.ts';
import type { LoadedGraph } from './onnx-program.ts';

/** Numbers that a session may hold as constants: a model in protobuf ends at two gigabytes. */
const MOST_CONSTANTS = 1 << 28;

/** Names of the graphs whose state no graph of the program changes. */
export function finalGraphs(graphs: Readonly<Record<string, StepGraph>>): Set<string> {
  const state = Object.values(graphs).flatMap(stateIn);
  const changed = new Set(state.flatMap(({ name, next }) => (next === null ? [] : [name])));
  const isFinal = (graph: StepGraph): boolean => {
    const own = stateOf(graph);
    const numbers = own.reduce((sum, { value }) => sum + sizeOf(value.shape), 0);
    return own.length > 0 && numbers <= MOST_CONSTANTS && own.every(({ name }) => !changed.has(name));
  };
  return new Set(Object.keys(graphs).filter((name) => graphs[name] !== undefined && isFinal(graphs[name])));
}

function stateOf({ inputs }: StepGraph): StepGraph['inputs'] {
  return inputs.filter(({ role }) => role === 'state');
}

/**
 * Graphs with their weights as constants, such as a teacher's: what depends on weights alone is computed once. The weights are
 * known when such a graph is first run, so its session is made then, and again after they were written anew.
 */
export class FinalGraphs {
  readonly #graphs: ReadonlyMap<string, StepGraph>;
  readonly #create: (graph: StepGraph) => Promise<LoadedGraph>;
  readonly #loaded = new Map<string, LoadedGraph>();

  constructor(graphs: ReadonlyMap<string, StepGraph>, create: (graph: StepGraph) => Promise<LoadedGraph>) {
    this.#graphs = graphs;
    this.#create = create;
  }

  names(): readonly string[] {
    return [...this.#graphs.keys()];
  }

  /** @param read gives the state by name */
  async load(
    name: string,
    read: (names: readonly string[]) => Promise<Readonly<Record<string, NumericArray>>>,
  ): Promise<LoadedGraph | undefined> {
    const graph = this.#graphs.get(name);
    const known = this.#loaded.get(name);
    if (graph === undefined || known !== undefined) return known;
    const final = optimize(frozen(graph, await read(stateOf(graph).map((input) => input.name))));
    const loaded = await this.#create(final);
    this.#loaded.set(name, loaded);
    return loaded;
  }

  /** State of these names was written: what was made of it is no longer right. */
  async forget(written: readonly string[]): Promise<void> {
    for (const [name, { loaded }] of [...this.#loaded]) {
      const graph = this.#graphs.get(name);
      if (graph === undefined || !stateOf(graph).some((input) => written.includes(input.name))) continue;
      this.#loaded.delete(name);
      await loaded.release();
    }
  }

  async dispose(): Promise<void> {
    for (const { loaded } of this.#loaded.values()) await loaded.release();
    this.#loaded.clear();
  }
}
