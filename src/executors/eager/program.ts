import type { Tensor } from '@tensorflow/tfjs-core';
import { valuesOf } from '../../compiler/evaluate.ts';
import type { NumericArray, TensorSpec } from '../../compiler/graph.ts';
import { releaseTape, withBackend } from '../../compiler/tfjs.ts';
import { UserError } from '../../protocol/errors.ts';
import type { EagerStep, Feeds, Fetches, Program } from '../executor.ts';
import { checkedValues, stateOf, unknownName, type StateSpec } from '../state.ts';
import type { EagerBackend } from './backend.ts';

/** Step functions run as they are, operation by operation; the state stays in tensors of the backend. */
export class EagerProgram implements Program {
  readonly #backend: EagerBackend;
  readonly #steps: Readonly<Record<string, EagerStep>>;
  readonly #specs: Map<string, StateSpec>;
  readonly #state = new Map<string, Tensor>();

  constructor(
    backend: EagerBackend,
    steps: Readonly<Record<string, EagerStep>>,
    state: Readonly<Record<string, NumericArray>>,
  ) {
    this.#backend = backend;
    this.#steps = steps;
    this.#specs = stateOf(Object.entries(steps).map(([name, { specs }]) => ({ name, specs })));
    for (const [name, spec] of this.#specs) this.#store(name, spec, state[name]);
  }

  run(name: string, feeds: Feeds): Promise<Fetches> {
    const step = this.#steps[name];
    if (step === undefined) return Promise.reject(unknownName('graph', name, Object.keys(this.#steps)));
    try {
      return Promise.resolve(this.#run(step, feeds));
    } catch (error) {
      releaseTape(this.#backend.ops);
      return Promise.reject(error instanceof UserError ? error : this.#failed(name, error));
    }
  }

  readState(names?: readonly string[]): Promise<Record<string, NumericArray>> {
    const wanted = names ?? [...this.#state.keys()];
    return Promise.resolve(
      Object.fromEntries(wanted.map((name) => [name, valuesOf(this.#known(name)).slice()])),
    );
  }

  writeState(values: Readonly<Record<string, NumericArray>>): Promise<void> {
    for (const [name, array] of Object.entries(values)) {
      const old = this.#known(name);
      this.#store(name, { shape: old.shape, dtype: this.#specs.get(name)?.dtype ?? 'float32' }, array);
    }
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    for (const tensor of this.#state.values()) tensor.dispose();
    this.#state.clear();
    return Promise.resolve();
  }

  #run({ step, specs }: EagerStep, feeds: Feeds): Fetches {
    const { ops } = this.#backend;
    const fetches: Record<string, NumericArray> = {};
    const renewed = new Map<string, Tensor>();
    this.#onBackend(() =>
      ops.tidy(() => {
        const inputs = Object.fromEntries(
          Object.entries(specs).map(([name, spec]) => [name, this.#input(name, spec, feeds)]),
        );
        for (const [name, tensor] of Object.entries(step(ops, inputs))) {
          // A state may be returned as it came, or twice: what is kept has a handle of its own.
          if (this.#specs.has(name)) renewed.set(name, ops.keep(ops.clone(tensor)));
          else fetches[name] = valuesOf(tensor);
        }
      }),
    );
    for (const [name, tensor] of renewed) {
      this.#state.get(name)?.dispose();
      this.#state.set(name, tensor);
    }
    return fetches;
  }

  #input(name: string, spec: TensorSpec, feeds: Feeds): Tensor {
    if (spec.role === 'state') return this.#known(name);
    return this.#tensor(spec, checkedValues(`input "${name}"`, spec, feeds[name]));
  }

  #store(name: string, spec: StateSpec, values: NumericArray | undefined): void {
    const checked = checkedValues(`state "${name}"`, spec, values).slice();
    const tensor = this.#onBackend(() => this.#backend.ops.keep(this.#tensor(spec, checked)));
    this.#state.get(name)?.dispose();
    this.#state.set(name, tensor);
  }

  #known(name: string): Tensor {
    const tensor = this.#state.get(name);
    if (tensor === undefined) throw unknownName('state', name, this.#state.keys());
    return tensor;
  }

  #tensor({ shape, dtype }: StateSpec, values: NumericArray): Tensor {
    return this.#backend.ops.tensor(values, [...shape], dtype);
  }

  #onBackend<T>(action: () => T): T {
    return withBackend(this.#backend.name, action, this.#backend.ops);
  }

  #failed(name: string, error: unknown): UserError {
    const message = error instanceof Error ? error.message : String(error);
    const problem = {
      code: 'KD6011',
      message: `${name} failed on TensorFlow.js ${this.#backend.name}: ${message}`,
      help: 'Try a smaller batch; if it fails again, report the message with the configuration.',
    };
    return new UserError(problem, { cause: error });
  }
}
