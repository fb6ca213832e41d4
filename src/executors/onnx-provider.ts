import type { InferenceSession, TensorConstructor } from 'onnxruntime-node';
import type { StepGraph } from '../compiler/graph.ts';
import { liveMemory } from '../compiler/live-memory.ts';
import type { Blocks } from '../compiler/onnx/blocked/forms.ts';
import { lowerToOnnx } from '../compiler/onnx/lower.ts';
import type { KernelLimits } from '../compiler/onnx/limits.ts';
import { encodeModel } from '../compiler/onnx/wire.ts';
import { optimize } from '../compiler/optimize.ts';
import { overwrittenState } from '../compiler/passes/overwritten-state.ts';
import { packState, type StateVector } from '../compiler/passes/pack-state.ts';
import { separateState } from '../compiler/passes/separate-state.ts';
import { outputPlace, unnamed } from '../compiler/passes/unnamed.ts';
import { sizeOf, type Shape } from '../compiler/shape.ts';
import { UserError } from '../protocol/errors.ts';
import type { Executor } from './executor.ts';
import { DeviceState } from './onnx-device-state.ts';
import { runtimeError } from './onnx-error.ts';
import { onnxProfiler } from './onnx-profile.ts';
import { OnnxProgram, stateSlots, type LoadedGraph } from './onnx-program.ts';
import type { OnnxRuntime } from './onnx-runtime.ts';
import { FinalGraphs, finalGraphs } from './onnx-final-graphs.ts';
import { HostState } from './onnx-state.ts';
import { SessionCache, sessionKey } from './session-cache.ts';
import { withRefusedOutput, type InPlaceRuns } from './in-place-runs.ts';
import { checkedValues, sharedState } from './state.ts';

/** One way in which ONNX Runtime computes: a provider with its sessions' options. All else is the same for all of them. */
export interface OnnxProvider {
  /** Name of the executor: `onnx-cpu`, `onnx-webgpu`, ... */
  readonly name: string;
  /** Where it computes, in words: `CPU, 2 threads`. */
  readonly place: string;
  readonly session: InferenceSession.SessionOptions;
  /** What its kernels cannot do. */
  readonly limits?: KernelLimits;
  /** Loads the runtime; throws where this machine has none of it. */
  runtime(): Promise<OnnxRuntime>;
  /** How graphs that gain by it are written on blocks of channels; null for the plain form. */
  blocks?(graphs: readonly StepGraph[]): Promise<Blocks | null>;
  /** State stays in the device's memory between steps, each tensor by itself: there, names cost less than copies. */
  readonly stateOnDevice?: boolean;
  /** True: outputs cannot be given a place, the runtime makes one for each. */
  readonly makesOutputs?: boolean;
  /** How sessions run without copies of what they wrote; null where all is copied. */
  inPlaceRuns?(runtime: OnnxRuntime): Promise<InPlaceRuns | null>;
}

/**
 * Values of a graph, in bytes, up to which the runtime plans a place for each in one piece of memory. It keeps that piece beside
 * what the first run took without a plan: saves a small step a little time, and costs a large one a third more memory.
 */
const PLANNED_BYTES = 16 * 2 ** 20;

/** What each runtime has compiled, whichever executor asked for it. */
const caches = new WeakMap<OnnxRuntime, SessionCache>();

/** Exported for tests. */
export function sessionsOf(runtime: OnnxRuntime): SessionCache {
  const cache = caches.get(runtime) ?? new SessionCache();
  caches.set(runtime, cache);
  return cache;
}

/** An executor that runs steps as ONNX graphs on one provider. */
export function onnxExecutor(provider: OnnxProvider): Executor {
  let version = '';
  const traced = (profileFilePrefix: string) =>
    onnxExecutor({ ...provider, session: { ...provider.session, enableProfiling: true, profileFilePrefix } });
  return {
    name: provider.name,
    get description() {
      return `ONNX Runtime${version === '' ? '' : ` ${version}`}, ${provider.place}`;
    },
    async load(graphs, state) {
      const specs = sharedState(graphs);
      const optimized = mapValues(graphs, (graph) => optimize(graph));
      const { graphs: separated, pieces } =
        provider.stateOnDevice === true ? { graphs: optimized, pieces: [] } : separateState(optimized);
      const packed = provider.stateOnDevice === true ? packState(optimized, 0) : packState(separated);
      const runtime = await provider.runtime();
      version = runtime.version;
      const blocks = (await provider.blocks?.(Object.values(packed.graphs))) ?? null;
      const isFinal = provider.stateOnDevice === true ? new Set<string>() : finalGraphs(optimized);
      const inPlaceRuns = (await provider.inPlaceRuns?.(runtime)) ?? null;
      const create = sessionMaker(runtime, provider, packed.vectors, { blocks, inPlaceRuns });
      const alone = sessionMaker(runtime, provider, packed.vectors, { blocks, inPlaceRuns }, null);
      const final = new Map(Object.entries(optimized).filter(([name]) => isFinal.has(name)));
      // What has no ONNX form is said now, not when the graph first runs.
      for (const graph of final.values()) lowerToOnnx(graph, blocks, provider.limits);
      const stepping = Object.entries(packed.graphs).filter(([name]) => !isFinal.has(name));
      const sessions = await createSessions(create, stepping);
      await sessionsOf(runtime).releaseIdle();
      const tensor: TensorConstructor = runtime.Tensor;
      const overwritten = inPlaceRuns === null ? new Set<string>() : overwrittenState(packed.graphs);
      const onDevice = provider.stateOnDevice === true && packed.vectors.length > 0;
      const store = onDevice
        ? await DeviceState.create(runtime, packed.vectors, provider.session)
        : new HostState(tensor, packed.vectors, provider.makesOutputs !== true, overwritten);
      const slots = stateSlots(packed.vectors, pieces);
      const program = new OnnxProgram(sessions, new FinalGraphs(final, alone), specs, slots, store, tensor);
      await program.writeState(
        Object.fromEntries(
          [...specs].map(([name, spec]) => [name, checkedValues(`state "${name}"`, spec, state[name])]),
        ),
      );
      return program;
    },
    profile: onnxProfiler(traced),
  };
}

type SessionMaker = (graph: StepGraph) => Promise<LoadedGraph>;

/** @param cache null where nobody else will need the same session: constants are in it that are the program's own */
function sessionMaker(
  runtime: OnnxRuntime,
  { name, session: options, stateOnDevice = false, makesOutputs = false, limits }: OnnxProvider,
  vectors: readonly StateVector[],
  { blocks, inPlaceRuns }: { readonly blocks: Blocks | null; readonly inPlaceRuns: InPlaceRuns | null },
  // A session that is measured belongs to whoever measures it.
  cache: SessionCache | null = options.enableProfiling === true ? null : sessionsOf(runtime),
): SessionMaker {
  // What is written where it is told takes any shape.
  const given = new Set(stateOnDevice || makesOutputs ? [] : vectors.map((vector) => vector.name));
  return async (graph) => {
    try {
      const asMade = graph.outputs.flatMap((output, at) => (given.has(output.name) ? [outputPlace(at)] : []));
      const lowered = lowerToOnnx(unnamed(graph), blocks, limits, new Set(asMade));
      const outputShapes = lowered.outputs.map(({ shape }) => shape);
      const inPlace = gainsInPlace(asMade, outputShapes, options) ? inPlaceRuns : null;
      const model = encodeModel(inPlace === null ? lowered : withRefusedOutput(lowered));
      const placed = {
        enableMemPattern: liveMemory(graph).peak <= PLANNED_BYTES,
        ...options,
        ...(stateOnDevice ? locations(graph, vectors) : {}),
      };
      const create = (): Promise<InferenceSession> => runtime.InferenceSession.create(model, placed);
      if (cache !== null) {
        const loaded = await cache.take(sessionKey([name, placed], model), create);
        return { graph, outputShapes, inPlace, loaded };
      }
      const session = await create();
      const loaded = { session, reused: false, release: () => session.release() };
      return { graph, outputShapes, inPlace, loaded };
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw runtimeError(`ONNX Runtime refused the graph of ${graph.name}`, error);
    }
  };
}

/**
 * Where state is written copies cost more than the error that spares them. An empty array is no place to write to, and what is
 * profiled is the step alone.
 */
function gainsInPlace(
  state: readonly string[],
  shapes: readonly Shape[],
  { enableProfiling }: InferenceSession.SessionOptions,
): boolean {
  return state.length > 0 && shapes.every((shape) => sizeOf(shape) > 0) && enableProfiling !== true;
}

async function createSessions(
  create: SessionMaker,
  graphs: readonly (readonly [name: string, graph: StepGraph])[],
): Promise<Map<string, LoadedGraph>> {
  const sessions = new Map<string, LoadedGraph>();
  try {
    for (const [name, graph] of graphs) sessions.set(name, await create(graph));
    return sessions;
  } catch (error) {
    for (const { loaded } of sessions.values()) await loaded.release();
    throw error;
  }
}

/** Outputs that are state stay on the device; all others come to the machine's memory. */
function locations(graph: StepGraph, vectors: readonly StateVector[]): InferenceSession.SessionOptions {
  const state = new Set(vectors.map(({ name }) => name));
  const placed = graph.outputs.map(
    ({ name }, at) => [outputPlace(at), state.has(name) ? 'gpu-buffer' : 'cpu'] as const,
  );
  return { preferredOutputLocation: Object.fromEntries(placed) };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
