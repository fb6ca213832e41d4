import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { NumericArray, StepGraph } from '../compiler/graph.ts';
import type { BlockSize } from '../compiler/onnx/blocked/maps.ts';
import { lowerToOnnx, outputName } from '../compiler/onnx/lower.ts';
import { servesBlocks } from '../compiler/onnx/blocked/index.ts';
import { encodeModel } from '../compiler/onnx/wire.ts';
import { optimize } from '../compiler/optimize.ts';
import {
  packState,
  type PackedState,
  type StateSlot,
  type StateVector,
} from '../compiler/passes/pack-state.ts';
import { sizeOf } from '../compiler/shape.ts';
import { UserError } from '../protocol/errors.ts';
import { usableBlockSize } from './block-size.ts';
import { physicalCores } from './cores.ts';
import type { Executor, Feeds, Fetches, Program } from './executor.ts';
import { checkedValues, sharedState, unknownName, type StateSpec } from './state.ts';

export interface OnnxCpuOptions {
  /** Threads that compute; the machine's physical cores where not given. */
  readonly threads?: number;
  /** True: idle threads wait actively, 15-20 % faster on an idle machine and far slower on a busy one. */
  readonly spinning?: boolean;
  /** False: convolutions are never written on blocks of channels, not even where that is known to be right here. */
  readonly blocked?: boolean;
}

/** Runs steps as ONNX graphs on the CPU provider of `onnxruntime-node`: nothing to install. */
export function onnxCpu({
  threads = physicalCores(),
  spinning = true,
  blocked = true,
}: OnnxCpuOptions = {}): Executor {
  const session: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  };
  return {
    name: 'onnx-cpu',
    description: `ONNX Runtime ${env.versions.node ?? ''}, CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    async load(graphs, state) {
      const specs = sharedState(graphs);
      const optimized = Object.fromEntries(
        Object.entries(graphs).map(([name, graph]) => [name, optimize(graph)]),
      );
      const packed = packState(optimized);
      const sessions = new Map<string, LoadedGraph>();
      const worthwhile = blocked && Object.values(packed.graphs).some((graph) => servesBlocks(graph, 8));
      const blockSize = worthwhile ? await usableBlockSize() : null;
      for (const [name, graph] of Object.entries(packed.graphs)) {
        sessions.set(name, { graph, session: await createSession(graph, session, blockSize) });
      }
      const program = new OnnxProgram(sessions, specs, packed);
      for (const [name, spec] of specs)
        program.store(name, checkedValues(`state "${name}"`, spec, state[name]));
      return program;
    },
  };
}

async function createSession(
  graph: StepGraph,
  options: InferenceSession.SessionOptions,
  blockSize: BlockSize | null,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(encodeModel(lowerToOnnx(graph, blockSize)), options);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw runtimeError(`ONNX Runtime refused the graph of ${graph.name}`, error);
  }
}

interface LoadedGraph {
  readonly graph: StepGraph;
  readonly session: InferenceSession;
}

/** A state vector and the buffer that the next step writes; they change places after each step. */
interface Buffers {
  readonly vector: StateVector;
  current: Tensor;
  next: Tensor;
}

class OnnxProgram implements Program {
  readonly #graphs: Map<string, LoadedGraph>;
  readonly #specs: Map<string, StateSpec>;
  readonly #slots = new Map<string, StateSlot>();
  readonly #buffers = new Map<string, Buffers>();
  /** Sessions share the state, so steps run one after another. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(graphs: Map<string, LoadedGraph>, specs: Map<string, StateSpec>, packed: PackedState) {
    this.#graphs = graphs;
    this.#specs = specs;
    for (const vector of packed.vectors) {
      const current = zeros(vector);
      this.#buffers.set(vector.name, { vector, current, next: vector.updated ? zeros(vector) : current });
      for (const slot of vector.slots) this.#slots.set(slot.name, slot);
    }
  }

  run(name: string, feeds: Feeds): Promise<Fetches> {
    return this.#inTurn(() => this.#run(name, feeds));
  }

  readState(names?: readonly string[]): Promise<Record<string, NumericArray>> {
    return this.#inTurn(() =>
      Object.fromEntries((names ?? [...this.#specs.keys()]).map((name) => [name, this.#view(name).slice()])),
    );
  }

  writeState(values: Readonly<Record<string, NumericArray>>): Promise<void> {
    return this.#inTurn(() => {
      for (const [name, array] of Object.entries(values)) this.store(name, array);
    });
  }

  dispose(): Promise<void> {
    return this.#inTurn(async () => {
      for (const { session } of this.#graphs.values()) await session.release();
      this.#graphs.clear();
      this.#buffers.clear();
    });
  }

  store(name: string, values: NumericArray): void {
    const spec = this.#specs.get(name);
    if (spec === undefined) throw unknownName('state', name, this.#specs.keys());
    this.#view(name).set(checkedValues(`state "${name}"`, spec, values));
  }

  async #run(name: string, feeds: Feeds): Promise<Fetches> {
    const loaded = this.#graphs.get(name);
    if (loaded === undefined) throw unknownName('graph', name, this.#graphs.keys());
    const { graph, session } = loaded;
    const inputs: Record<string, Tensor> = {};
    for (const input of graph.inputs) {
      inputs[input.name] =
        this.#buffers.get(input.name)?.current ??
        tensorOf(input.value, checkedValues(`input "${input.name}"`, input.value, feeds[input.name]));
    }
    const updated = graph.outputs
      .map((output) => this.#buffers.get(output.name))
      .filter((buffers) => buffers !== undefined);
    const fetches: Record<string, Tensor | null> = {};
    for (const { vector, next } of updated) fetches[outputName(graph, vector.name)] = next;
    for (const output of graph.outputs) if (!this.#buffers.has(output.name)) fetches[output.name] = null;
    const results = await this.#execute(graph, session, inputs, fetches);
    for (const buffers of updated) [buffers.current, buffers.next] = [buffers.next, buffers.current];
    const named: Record<string, NumericArray> = {};
    for (const output of graph.outputs) {
      const tensor = results[outputName(graph, output.name)];
      if (tensor !== undefined && !this.#buffers.has(output.name))
        named[output.name] = tensor.data as NumericArray;
    }
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

  /** The numbers of one state tensor, in place. */
  #view(name: string): NumericArray {
    const slot = this.#slots.get(name);
    const buffers = slot === undefined ? undefined : this.#buffers.get(slot.vector);
    if (slot === undefined || buffers === undefined) throw unknownName('state', name, this.#specs.keys());
    return (buffers.current.data as NumericArray).subarray(slot.offset, slot.offset + slot.size);
  }

  #inTurn<T>(action: () => T | Promise<T>): Promise<T> {
    const result = this.#queue.then(action);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

function zeros({ shape, dtype }: StateVector): Tensor {
  const size = sizeOf(shape);
  return tensorOf(
    { shape, dtype },
    dtype === 'float32'
      ? new Float32Array(size)
      : dtype === 'int32'
        ? new Int32Array(size)
        : new Uint8Array(size),
  );
}

function tensorOf({ shape, dtype }: StateSpec, data: NumericArray): Tensor {
  if (dtype === 'float32')
    return new Tensor('float32', data instanceof Float32Array ? data : Float32Array.from(data), shape);
  if (dtype === 'int32')
    return new Tensor('int32', data instanceof Int32Array ? data : Int32Array.from(data), shape);
  return new Tensor('bool', data instanceof Uint8Array ? data : Uint8Array.from(data), shape);
}

function runtimeError(what: string, error: unknown): UserError {
  const message = error instanceof Error ? error.message : String(error);
  const memory = /alloc|memory/i.test(message);
  const problem = {
    code: memory ? 'KD6031' : 'KD6030',
    message: `${what}: ${message}`,
    help: memory
      ? 'Choose a smaller train.batchSize or a smaller model, or free memory; the last checkpoint is kept.'
      : 'Resume with `engine: { device: eager }` to go on without it; the last checkpoint is kept. `kd doctor` shows what runs here.',
  };
  return new UserError(problem, { cause: error });
}
