import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-node';
import type { NumericArray, StepGraph } from '../compiler/graph.ts';
import { outputName } from '../compiler/onnx/lower.ts';
import type { StateSlot, StateVector } from '../compiler/passes/pack-state.ts';
import type { Feeds, Fetches, Program } from './executor.ts';
import { runtimeError } from './onnx-error.ts';
import type { StateStore } from './onnx-state.ts';
import { tensorOf } from './onnx-tensors.ts';
import { checkedValues, unknownName, type StateSpec } from './state.ts';

export interface LoadedGraph {
  readonly graph: StepGraph;
  readonly session: InferenceSession;
}

/** Sessions of ONNX Runtime that share packed state, on whichever provider they were made for. */
export class OnnxProgram implements Program {
  readonly #graphs: Map<string, LoadedGraph>;
  readonly #specs: Map<string, StateSpec>;
  readonly #slots = new Map<string, StateSlot>();
  readonly #state: StateStore;
  readonly #tensor: TensorConstructor;
  /** Sessions share the state, so steps run one after another. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @param specs of the state tensors, by name; `vectors` say where each of them is packed */
  constructor(
    graphs: Map<string, LoadedGraph>,
    specs: Map<string, StateSpec>,
    vectors: readonly StateVector[],
    state: StateStore,
    tensor: TensorConstructor,
  ) {
    this.#graphs = graphs;
    this.#specs = specs;
    this.#state = state;
    this.#tensor = tensor;
    for (const { slots } of vectors) for (const slot of slots) this.#slots.set(slot.name, slot);
  }

  run(name: string, feeds: Feeds): Promise<Fetches> {
    return this.#inTurn(() => this.#run(name, feeds));
  }

  readState(names?: readonly string[]): Promise<Record<string, NumericArray>> {
    return this.#inTurn(async () => {
      const state: Record<string, NumericArray> = {};
      const whole = new Map<string, NumericArray>();
      for (const name of names ?? this.#specs.keys()) {
        const { vector, offset, size } = this.#slotOf(name);
        const numbers = whole.get(vector) ?? (await this.#state.read(vector));
        whole.set(vector, numbers);
        state[name] = numbers.slice(offset, offset + size);
      }
      return state;
    });
  }

  writeState(values: Readonly<Record<string, NumericArray>>): Promise<void> {
    return this.#inTurn(async () => {
      for (const [name, array] of Object.entries(values)) {
        const slot = this.#slotOf(name);
        const spec = this.#specs.get(name);
        if (spec === undefined) throw unknownName('state', name, this.#specs.keys());
        await this.#state.write(slot, checkedValues(`state "${name}"`, spec, array));
      }
    });
  }

  dispose(): Promise<void> {
    return this.#inTurn(async () => {
      for (const { session } of this.#graphs.values()) await session.release();
      this.#graphs.clear();
      await this.#state.dispose();
    });
  }

  async #run(name: string, feeds: Feeds): Promise<Fetches> {
    const loaded = this.#graphs.get(name);
    if (loaded === undefined) throw unknownName('graph', name, this.#graphs.keys());
    const { graph, session } = loaded;
    await this.#state.settle();
    const inputs: Record<string, Tensor> = {};
    for (const { name: input, value } of graph.inputs) {
      inputs[input] =
        this.#state.current(input) ??
        tensorOf(this.#tensor, value, checkedValues(`input "${input}"`, value, feeds[input]));
    }
    const fetches: Record<string, Tensor | null> = {};
    for (const { name: output } of graph.outputs) {
      fetches[outputName(graph, output)] = this.#state.holds(output) ? this.#state.target(output) : null;
    }
    const results = await this.#execute(graph, session, inputs, fetches);
    const updated = new Map<string, Tensor>();
    const named: Record<string, NumericArray> = {};
    for (const { name: output } of graph.outputs) {
      const tensor = results[outputName(graph, output)];
      if (tensor === undefined) continue;
      if (this.#state.holds(output)) updated.set(output, tensor);
      else named[output] = tensor.data as NumericArray;
    }
    this.#state.commit(updated);
    return named;
  }

  async #execute(
    graph: StepGraph,
    session: InferenceSession,
    inputs: Record<string, Tensor>,
    fetches: Record<string, Tensor | null>,
  ): Promise<InferenceSession.OnnxValueMapType> {
    try {
      return await session.run(inputs, fetches);
    } catch (error) {
      throw runtimeError(`${graph.name} failed on ONNX Runtime`, error);
    }
  }

  #slotOf(name: string): StateSlot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw unknownName('state', name, this.#specs.keys());
    return slot;
  }

  #inTurn<T>(action: () => T | Promise<T>): Promise<T> {
    const result = this.#queue.then(action);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
