import type { NumericArray } from '../../compiler/graph.ts';
import { DONE, INITIALIZE, READ } from '../../compiler/tensorflow/lower.ts';
import type { Signature } from '../../compiler/tensorflow/model.ts';
import type { Feeds, Fetches, Program } from '../executor.ts';
import { checkedValues, unknownName, type StateSpec } from '../state.ts';
import { elementType, type HeldTensor, type TensorFlowBinding } from './binding.ts';
import { runtimeError } from './error.ts';

const ARRAY = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** A model that the library has loaded: one session, in whose variables the state lies. */
export interface LoadedModel {
  readonly id: number;
  /** By name; what is fed and fetched of one is known by its tensors in the graph. */
  readonly signatures: ReadonlyMap<string, Signature>;
}

/** Graphs that were loaded as signatures of one model; state stays in the model's variables. */
export class TensorFlowProgram implements Program {
  readonly #binding: TensorFlowBinding;
  /** What each graph is called in messages, by the name under which it runs. */
  readonly #titles: ReadonlyMap<string, string>;
  readonly #specs: ReadonlyMap<string, StateSpec>;
  #model: LoadedModel;

  constructor(
    binding: TensorFlowBinding,
    titles: ReadonlyMap<string, string>,
    specs: ReadonlyMap<string, StateSpec>,
    model: LoadedModel,
  ) {
    this.#binding = binding;
    this.#titles = titles;
    this.#specs = specs;
    this.#model = model;
  }

  run(name: string, feeds: Feeds): Promise<Fetches> {
    return attempt(() => {
      const title = this.#titles.get(name);
      if (title === undefined) throw unknownName('graph', name, this.#titles.keys());
      const signature = this.#signature(name);
      const values = signature.inputs.map((input) =>
        checkedValues(`input "${input.key}"`, input, feeds[input.key]),
      );
      return this.#execute(signature, title, values);
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
      if (this.#model.signatures.size === 0) return;
      this.#binding.deleteSavedModel(this.#model.id);
      this.#model = { ...this.#model, signatures: new Map() };
    });
  }

  /** Gives every variable its value. */
  initialize(values: Readonly<Record<string, NumericArray>>): void {
    const signature = this.#signature(INITIALIZE);
    const given = signature.inputs.map((input) =>
      checkedValues(`state "${input.key}"`, input, values[input.key]),
    );
    this.#execute(signature, 'the initial state', given);
  }

  #read(names: readonly string[]): Record<string, NumericArray> {
    for (const name of names) this.#spec(name);
    return names.length === 0 ? {} : this.#execute(this.#signature(READ), 'the state', [], names);
  }

  #spec(name: string): StateSpec {
    const spec = this.#specs.get(name);
    if (spec === undefined) throw unknownName('state', name, this.#specs.keys());
    return spec;
  }

  #signature(name: string): Signature {
    const signature = this.#model.signatures.get(name);
    if (signature === undefined) throw unknownName('graph', name, this.#model.signatures.keys());
    return signature;
  }

  /**
   * Runs one signature; no tensor outlives it.
   *
   * @param values of what is fed, in the signature's order
   * @param wanted keys of what is fetched; all that the signature yields where not given
   */
  #execute(
    { inputs, outputs }: Signature,
    what: string,
    values: readonly NumericArray[],
    wanted?: readonly string[],
  ): Record<string, NumericArray> {
    const tensorOf = new Map(outputs.map(({ key, tensor }) => [key, tensor]));
    const keys = wanted ?? [...tensorOf.keys()];
    const binding = this.#binding;
    const fed: number[] = [];
    let fetched: readonly HeldTensor[] = [];
    try {
      for (const [at, { dtype, shape }] of inputs.entries())
        fed.push(binding.createTensor(shape, elementType(binding, dtype), typed(dtype, values[at])));
      const [fedNames, fetchedNames] = [
        inputs.map(({ tensor }) => tensor).join(),
        keys.map((key) => tensorOf.get(key)).join(),
      ];
      fetched = binding.runSavedModel(this.#model.id, fed, fedNames, fetchedNames);
      const results = keys.map((key, at) => [key, fetched[at]?.id ?? -1] as const);
      const read = results.filter(([key]) => key !== DONE);
      return Object.fromEntries(read.map(([key, id]) => [key, binding.tensorDataSync(id)]));
    } catch (error) {
      throw runtimeError(`${what} failed on TensorFlow`, error);
    } finally {
      for (const tensor of [...fed, ...fetched.map((one) => one.id)]) binding.deleteTensor(tensor);
    }
  }
}

function typed(dtype: StateSpec['dtype'], values: NumericArray = new Float32Array()): NumericArray {
  return values instanceof ARRAY[dtype] ? values : ARRAY[dtype].from(values);
}

/** Everything here runs to its end on this thread; only its errors arrive as of a promise. */
function attempt<T>(action: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(action());
  });
}
