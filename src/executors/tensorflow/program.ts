import { DONE, INITIALIZE, READ } from '../../compiler/tensorflow/lower.ts';
import type { NumericArray, StepGraph, Value } from '../../compiler/graph.ts';
import type { Feeds, Fetches, Program } from '../executor.ts';
import { checkedValues, unknownName, type StateSpec } from '../state.ts';
import { runtimeError } from './error.ts';
import type { LoadedSignature, NodeTensor, TensorFlowPackage } from './package.ts';

const ARRAY = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Graphs that were loaded as signatures of one model; state stays in the model's variables. */
export class TensorFlowProgram implements Program {
  readonly #package: TensorFlowPackage;
  readonly #graphs: Readonly<Record<string, StepGraph>>;
  readonly #specs: ReadonlyMap<string, StateSpec>;
  readonly #signatures: Map<string, LoadedSignature>;

  constructor(
    library: TensorFlowPackage,
    graphs: Readonly<Record<string, StepGraph>>,
    specs: ReadonlyMap<string, StateSpec>,
    signatures: Map<string, LoadedSignature>,
  ) {
    this.#package = library;
    this.#graphs = graphs;
    this.#specs = specs;
    this.#signatures = signatures;
  }

  run(name: string, feeds: Feeds): Promise<Fetches> {
    return attempt(() => {
      const graph = this.#graphs[name];
      if (graph === undefined) throw unknownName('graph', name, Object.keys(this.#graphs));
      const inputs = graph.inputs
        .filter(({ role }) => role !== 'state')
        .map((input) => ({
          ...input,
          values: checkedValues(`input "${input.name}"`, input.value, feeds[input.name]),
        }));
      return this.#execute(name, graph.name, inputs);
    });
  }

  readState(names?: readonly string[]): Promise<Record<string, NumericArray>> {
    return attempt(() => this.#read(names ?? [...this.#specs.keys()]));
  }

  /** Variables are written all at once: what was not given is what it was. */
  writeState(values: Readonly<Record<string, NumericArray>>): Promise<void> {
    return attempt(() => {
      for (const name of Object.keys(values)) this.#spec(name);
      const missing = [...this.#specs.keys()].filter((name) => values[name] === undefined);
      this.initialize(missing.length === 0 ? values : { ...this.#read(missing), ...values });
    });
  }

  dispose(): Promise<void> {
    return attempt(() => {
      this.#package.isolation.run(() => {
        for (const signature of this.#signatures.values()) signature.dispose();
      });
      this.#signatures.clear();
    });
  }

  /** Gives every variable its value. */
  initialize(values: Readonly<Record<string, NumericArray>>): void {
    const inputs = [...this.#specs].map(([name, value]) => ({
      name,
      value,
      values: checkedValues(`state "${name}"`, value, values[name]),
    }));
    this.#execute(INITIALIZE, 'the initial state', inputs);
  }

  #read(names: readonly string[]): Record<string, NumericArray> {
    for (const name of names) this.#spec(name);
    return names.length === 0 ? {} : this.#execute(READ, 'the state', [], names);
  }

  #spec(name: string): StateSpec {
    const spec = this.#specs.get(name);
    if (spec === undefined) throw unknownName('state', name, this.#specs.keys());
    return spec;
  }

  /** Runs one signature; no tensor outlives it. */
  #execute(
    signature: string,
    what: string,
    inputs: readonly { name: string; value: Pick<Value, 'shape' | 'dtype'>; values: NumericArray }[],
    wanted?: readonly string[],
  ): Record<string, NumericArray> {
    const model = this.#signatures.get(signature);
    if (model === undefined) throw unknownName('graph', signature, this.#signatures.keys());
    const { library, isolation } = this.#package;
    return isolation.run(() => {
      const fed: Record<string, NodeTensor> = {};
      let fetched: Record<string, NodeTensor> = {};
      try {
        for (const { name, value, values } of inputs)
          fed[name] = library.tensor(typed(values, value.dtype), [...value.shape], value.dtype);
        fetched = model.predict(fed);
        const names = wanted ?? Object.keys(fetched).filter((name) => name !== DONE);
        return Object.fromEntries(
          names.map((name) => [name, fetched[name]?.dataSync() ?? new Float32Array()]),
        );
      } catch (error) {
        throw runtimeError(`${what} failed on TensorFlow`, error);
      } finally {
        for (const tensor of [...Object.values(fed), ...Object.values(fetched)]) tensor.dispose();
      }
    });
  }
}

function typed(values: NumericArray, dtype: StateSpec['dtype']): NumericArray {
  return values instanceof ARRAY[dtype] ? values : ARRAY[dtype].from(values);
}

/** Everything here runs to its end on this thread; only its errors arrive as of a promise. */
function attempt<T>(action: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(action());
  });
}
