import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { NumericArray } from '../compiler/graph.ts';
import { OnnxBuilder } from '../compiler/onnx/builder.ts';
import { encodeModel } from '../compiler/onnx/wire.ts';
import type { StateSlot, StateVector } from '../compiler/passes/pack-state.ts';
import type { OnnxRuntime } from './onnx-runtime.ts';
import type { StateStore } from './onnx-state.ts';
import { tensorOf, zeros } from './onnx-tensors.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * State in the device's memory: what a step yields there goes into the next step without leaving it. The binding has no
 * call that moves a tensor (its own download ends the process), so a graph that changes nothing does: fed from one side,
 * fetched on the other. All state moves together, which happens at the start and for checkpoints only.
 */
export class DeviceState implements StateStore {
  readonly #runtime: OnnxRuntime;
  readonly #vectors: readonly StateVector[];
  readonly #upload: InferenceSession;
  readonly #download: InferenceSession;
  /** The numbers in the machine's memory; null where a step has made newer ones. */
  #here: Map<string, NumericArray> | null;
  /** The same on the device; null where newer ones were written here. */
  #there: Map<string, Tensor> | null = null;

  private constructor(
    runtime: OnnxRuntime,
    vectors: readonly StateVector[],
    upload: InferenceSession,
    download: InferenceSession,
  ) {
    this.#runtime = runtime;
    this.#vectors = vectors;
    this.#upload = upload;
    this.#download = download;
    this.#here = new Map(vectors.map((vector) => [vector.name, zeros(vector)]));
  }

  /** @param vectors at least one
   * @param options of the sessions that will use the state */
  static async create(
    runtime: OnnxRuntime,
    vectors: readonly StateVector[],
    options: InferenceSession.SessionOptions,
  ): Promise<DeviceState> {
    const model = encodeModel(unchanged(vectors));
    const create = (location: 'cpu' | 'gpu-buffer'): Promise<InferenceSession> =>
      runtime.InferenceSession.create(model, { ...options, preferredOutputLocation: location });
    const upload = await create('gpu-buffer');
    return new DeviceState(runtime, vectors, upload, await create('cpu'));
  }

  async settle(): Promise<void> {
    const here = this.#here;
    if (this.#there !== null || here === null) return;
    const tensors = this.#vectors.map((vector, at) => {
      const numbers = here.get(vector.name) ?? zeros(vector);
      return [`here${at}`, tensorOf(this.#runtime.Tensor, vector, numbers)] as const;
    });
    this.#there = await this.#moved(this.#upload, Object.fromEntries(tensors));
  }

  holds(vector: string): boolean {
    return this.#vectors.some(({ name }) => name === vector);
  }

  current(vector: string): Tensor | undefined {
    return this.#there?.get(vector);
  }

  target(): null {
    return null;
  }

  commit(values: ReadonlyMap<string, Tensor>): void {
    for (const [vector, value] of values) {
      this.#there?.get(vector)?.dispose();
      this.#there?.set(vector, value);
    }
    if (values.size > 0) this.#here = null;
  }

  async read(vector: string): Promise<NumericArray> {
    const numbers = (await this.#numbers()).get(vector);
    if (numbers === undefined) throw new Error(`there is no state vector ${vector}`);
    return numbers;
  }

  async write({ vector, offset }: StateSlot, values: NumericArray): Promise<void> {
    (await this.read(vector)).set(values, offset);
    this.#drop();
  }

  async dispose(): Promise<void> {
    this.#drop();
    await this.#upload.release();
    await this.#download.release();
  }

  async #numbers(): Promise<Map<string, NumericArray>> {
    if (this.#here !== null) return this.#here;
    const tensors = this.#vectors.map(({ name }, at) => [`here${at}`, this.#there?.get(name)] as const);
    const moved = await this.#moved(this.#download, Object.fromEntries(tensors) as Tensors);
    this.#here = new Map([...moved].map(([name, tensor]) => [name, tensor.data as NumericArray]));
    return this.#here;
  }

  async #moved(session: InferenceSession, tensors: Tensors): Promise<Map<string, Tensor>> {
    const results = await session.run(tensors);
    return new Map(
      this.#vectors.map(({ name }, at) => {
        const tensor = results[`there${at}`];
        if (tensor === undefined) throw new Error(`state vector ${name} was lost on its way`);
        return [name, tensor];
      }),
    );
  }

  #drop(): void {
    for (const tensor of this.#there?.values() ?? []) tensor.dispose();
    this.#there = null;
  }
}

function unchanged(vectors: readonly StateVector[]): ReturnType<OnnxBuilder['model']> {
  const onnx = new OnnxBuilder();
  for (const [at, { shape, dtype }] of vectors.entries())
    onnx.output(`there${at}`, dtype, shape, onnx.input(`here${at}`, dtype, shape));
  return onnx.model('move state');
}
