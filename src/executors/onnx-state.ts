import type { Tensor, TensorConstructor } from 'onnxruntime-node';
import type { NumericArray } from '../compiler/graph.ts';
import type { StateSlot, StateVector } from '../compiler/passes/pack-state.ts';
import { sameShape, type Shape } from '../compiler/shape.ts';
import { tensorOf, zeros } from './onnx-tensors.ts';

/** Keeps the state vectors of a program between its steps. */
export interface StateStore {
  /** Called before each step: all state is where the step wants it. */
  settle(): Promise<void>;
  holds(vector: string): boolean;
  /** The vector's value now, as an input of a step; undefined where it is no state. */
  current(vector: string): Tensor | undefined;
  /** Where a step writes the vector's next value, in this shape; null where the runtime makes a tensor of its own. */
  target(vector: string, shape?: Shape): Tensor | null;
  /** A step has made these values of the vectors. */
  commit(values: ReadonlyMap<string, Tensor>): void;
  /** The numbers of a whole vector; not to be changed or kept. */
  read(vector: string): Promise<NumericArray>;
  write(slot: StateSlot, values: NumericArray): Promise<void>;
  dispose(): Promise<void>;
}

/** A state vector and the buffer that the next step writes, another or the same; they change places after each step. */
interface Buffers {
  current: Tensor;
  next: Tensor;
}

/**
 * State in the machine's memory. Steps write it into a second buffer, so that nothing is allocated, or over the last value where that
 * is safe, if the runtime writes into what it is given; else what it made itself is the state. A step that fails may leave
 * vectors behind that it has written over: the state counts no longer then.
 */
export class HostState implements StateStore {
  readonly #buffers = new Map<string, Buffers>();
  readonly #make: TensorConstructor;
  readonly #intoGiven: boolean;

  /** @param overwritten vectors whose next value is written over the last one (`overwrittenState`) */
  constructor(
    make: TensorConstructor,
    vectors: readonly StateVector[],
    intoGiven = true,
    overwritten: ReadonlySet<string> = new Set(),
  ) {
    this.#make = make;
    this.#intoGiven = intoGiven;
    for (const vector of vectors) {
      const current = tensorOf(make, vector, zeros(vector));
      const apart = vector.updated && intoGiven && !overwritten.has(vector.name);
      const next = apart ? tensorOf(make, vector, zeros(vector)) : current;
      this.#buffers.set(vector.name, { current, next });
    }
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  holds(vector: string): boolean {
    return this.#buffers.has(vector);
  }

  current(vector: string): Tensor | undefined {
    return this.#buffers.get(vector)?.current;
  }

  target(vector: string, shape?: Shape): Tensor | null {
    if (!this.#intoGiven) return null;
    const { next } = this.#of(vector);
    if (shape === undefined || sameShape(next.dims, shape)) return next;
    return tensorOf(
      this.#make,
      { shape, dtype: next.type as StateVector['dtype'] },
      next.data as NumericArray,
    );
  }

  commit(values: ReadonlyMap<string, Tensor>): void {
    for (const [vector, value] of values) {
      const buffers = this.#of(vector);
      if (this.#intoGiven) [buffers.current, buffers.next] = [buffers.next, buffers.current];
      else buffers.current = value;
    }
  }

  read(vector: string): Promise<NumericArray> {
    return Promise.resolve(this.#of(vector).current.data as NumericArray);
  }

  async write({ vector, offset }: StateSlot, values: NumericArray): Promise<void> {
    (await this.read(vector)).set(values, offset);
  }

  dispose(): Promise<void> {
    this.#buffers.clear();
    return Promise.resolve();
  }

  #of(vector: string): Buffers {
    const buffers = this.#buffers.get(vector);
    if (buffers === undefined) throw new Error(`there is no state vector ${vector}`);
    return buffers;
  }
}
