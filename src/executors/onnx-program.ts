import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-node';
import type { NumericArray, StepGraph } from '../compiler/graph.ts';
import type { StateSlot, StateVector } from '../compiler/passes/pack-state.ts';
import type { StatePiece } from '../compiler/passes/separate-state.ts';
import { inputPlace, outputPlace } from '../compiler/passes/unnamed.ts';
import type { Shape } from '../compiler/shape.ts';
import type { Compilation, Feeds, Fetches, Program } from './executor.ts';
import { runtimeError } from './onnx-error.ts';
import type { FinalGraphs } from './onnx-final-graphs.ts';
import type { StateStore } from './onnx-state.ts';
import { tensorOf, zeros } from './onnx-tensors.ts';
import type { SharedSession } from './session-cache.ts';
import type { InPlaceRuns } from './in-place-runs.ts';
import { checkedValues, unknownName, type StateSpec } from './state.ts';

export interface LoadedGraph {
  readonly graph: StepGraph;
  /** Knows the graph's inputs and outputs by their places (`unnamed`). */
  readonly loaded: SharedSession;
  /** The shapes in which the session makes the outputs. */
  readonly outputShapes: readonly Shape[];
  /** How it runs without a copy of what it wrote; null where it runs with copies. */
  readonly inPlace: InPlaceRuns | null;
}

/** A part of a state tensor: where it lies, and where in the tensor it begins. */
interface PieceSlot {
  readonly slot: StateSlot;
  readonly from: number;
}

/** Where each state tensor lies, in one piece or in several. */
export function stateSlots(
  vectors: readonly StateVector[],
  pieces: readonly StatePiece[],
): ReadonlyMap<string, readonly PieceSlot[]> {
  const pieceOf = new Map(pieces.map((piece) => [piece.name, piece]));
  const slots = new Map<string, PieceSlot[]>();
  for (const slot of vectors.flatMap((vector) => vector.slots)) {
    const { of: name, from } = pieceOf.get(slot.name) ?? { of: slot.name, from: 0 };
    slots.set(name, [...(slots.get(name) ?? []), { slot, from }]);
  }
  return slots;
}

/** Sessions of ONNX Runtime that share packed state, on whichever provider they were made for. */
export class OnnxProgram implements Program {
  readonly #graphs: Map<string, LoadedGraph>;
  readonly #final: FinalGraphs;
  readonly #specs: Map<string, StateSpec>;
  readonly #slots: ReadonlyMap<string, readonly PieceSlot[]>;
  readonly #state: StateStore;
  readonly #tensor: TensorConstructor;
  /** Sessions share the state, so steps run one after another. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @param specs of the state tensors, by name; `slots` say where each of them lies */
  constructor(
    graphs: Map<string, LoadedGraph>,
    final: FinalGraphs,
    specs: Map<string, StateSpec>,
    slots: ReadonlyMap<string, readonly PieceSlot[]>,
    state: StateStore,
    tensor: TensorConstructor,
  ) {
    this.#graphs = graphs;
    this.#final = final;
    this.#specs = specs;
    this.#state = state;
    this.#tensor = tensor;
    this.#slots = slots;
  }

  get compilation(): Compilation {
    const all = [...this.#graphs.values()];
    return {
      graphs: all.length + this.#final.names().length,
      reused: all.filter(({ loaded }) => loaded.reused).length,
    };
  }

  run(name: string, feeds: Feeds): Promise<Fetches> {
    return this.#inTurn(() => this.#run(name, feeds));
  }

  readState(names?: readonly string[]): Promise<Record<string, NumericArray>> {
    return this.#inTurn(() => this.#read(names ?? [...this.#specs.keys()]));
  }

  writeState(values: Readonly<Record<string, NumericArray>>): Promise<void> {
    return this.#inTurn(async () => {
      for (const [name, array] of Object.entries(values)) {
        const spec = this.#specs.get(name);
        if (spec === undefined) throw unknownName('state', name, this.#specs.keys());
        const numbers = checkedValues(`state "${name}"`, spec, array);
        for (const { slot, from } of this.#slotsOf(name))
          await this.#state.write(slot, numbers.subarray(from, from + slot.size));
      }
      await this.#final.forget(Object.keys(values));
    });
  }

  dispose(): Promise<void> {
    return this.#inTurn(async () => {
      for (const { loaded } of this.#graphs.values()) await loaded.release();
      this.#graphs.clear();
      await this.#final.dispose();
      await this.#state.dispose();
    });
  }

  async #run(name: string, feeds: Feeds): Promise<Fetches> {
    const found = this.#graphs.get(name) ?? (await this.#final.load(name, (names) => this.#read(names)));
    if (found === undefined)
      throw unknownName('graph', name, [...this.#graphs.keys(), ...this.#final.names()]);
    const { graph } = found;
    await this.#state.settle();
    const inputs: Record<string, Tensor> = {};
    for (const [at, { name: input, value }] of graph.inputs.entries()) {
      inputs[inputPlace(at)] =
        this.#state.current(input) ??
        tensorOf(this.#tensor, value, checkedValues(`input "${input}"`, value, feeds[input]));
    }
    const results = await this.#execute(found, inputs);
    const updated = new Map<string, Tensor>();
    const named: Record<string, NumericArray> = {};
    for (const [at, { name: output }] of graph.outputs.entries()) {
      const tensor = results[outputPlace(at)];
      if (tensor === undefined) continue;
      if (this.#state.holds(output)) updated.set(output, tensor);
      else named[output] = tensor.data as NumericArray;
    }
    this.#state.commit(updated);
    return named;
  }

  async #execute(
    found: LoadedGraph,
    inputs: Record<string, Tensor>,
  ): Promise<InferenceSession.OnnxValueMapType> {
    const { graph, loaded, inPlace } = found;
    try {
      return inPlace === null
        ? await loaded.session.run(inputs, this.#fetches(found))
        : await inPlace.run(loaded.session, inputs, this.#places(found));
    } catch (error) {
      throw runtimeError(`${graph.name} failed on ONNX Runtime`, error);
    }
  }

  /** Where the state is written; the runtime makes all else. */
  #fetches(found: LoadedGraph): Record<string, Tensor | null> {
    const places = found.graph.outputs.map((_, at) => [outputPlace(at), this.#target(found, at)] as const);
    return Object.fromEntries(places);
  }

  /** Where every output is written. What is no state belongs to the caller, and is new each time. */
  #places(found: LoadedGraph): Record<string, Tensor> {
    const places = found.graph.outputs.map(({ value: { shape, dtype } }, at) => {
      const spec = { shape: found.outputShapes[at] ?? shape, dtype };
      const place = this.#target(found, at) ?? tensorOf(this.#tensor, spec, zeros(spec));
      return [outputPlace(at), place] as const;
    });
    return Object.fromEntries(places);
  }

  /** Where an output that is state is written; null for all else. */
  #target({ graph, outputShapes }: LoadedGraph, at: number): Tensor | null {
    const name = graph.outputs[at]?.name;
    return name !== undefined && this.#state.holds(name) ? this.#state.target(name, outputShapes[at]) : null;
  }

  async #read(names: readonly string[]): Promise<Record<string, NumericArray>> {
    const state: Record<string, NumericArray> = {};
    const whole = new Map<string, NumericArray>();
    for (const name of names) {
      const parts: { readonly from: number; readonly numbers: NumericArray }[] = [];
      for (const { slot, from } of this.#slotsOf(name)) {
        const numbers = whole.get(slot.vector) ?? (await this.#state.read(slot.vector));
        whole.set(slot.vector, numbers);
        parts.push({ from, numbers: numbers.slice(slot.offset, slot.offset + slot.size) });
      }
      state[name] = joined(parts);
    }
    return state;
  }

  #slotsOf(name: string): readonly PieceSlot[] {
    const slots = this.#slots.get(name);
    if (slots === undefined) throw unknownName('state', name, this.#specs.keys());
    return slots;
  }

  #inTurn<T>(action: () => T | Promise<T>): Promise<T> {
    const result = this.#queue.then(action);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** One array of parts that follow one another in some order. */
function joined(parts: readonly { readonly from: number; readonly numbers: NumericArray }[]): NumericArray {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first?.numbers ?? new Float32Array();
  // Only vectors of real numbers are kept in pieces.
  const all = new Float32Array(parts.reduce((sum, { numbers }) => sum + numbers.length, 0));
  for (const { from, numbers } of parts) all.set(numbers, from);
  return all;
}
