import type { NumericArray, StepGraph, TensorSpec } from '../compiler/graph.ts';
import type { StepFunction } from '../compiler/trace.ts';

export type Feeds = Readonly<Record<string, NumericArray>>;
export type Fetches = Readonly<Record<string, NumericArray>>;

/** What came of the graphs of a program when it was loaded. */
export interface Compilation {
  readonly graphs: number;
  /** How many of them needed no compiling: a program before had the same. */
  readonly reused: number;
}

/**
 * All graphs that share state (train, its partial last batch, evaluate, probe), loaded together. State stays in the
 * runtime between steps and is fetched for checkpoints only.
 */
export interface Program {
  /**
   * Runs one graph once: state updated, all other outputs returned. Throws `UserError` where the runtime fails; parts of the state may
   * be those after the step then.
   */
  run(graph: string, feeds: Feeds): Promise<Fetches>;
  /** Copies of state tensors by name, in TensorFlow.js layout. */
  readState(names?: readonly string[]): Promise<Record<string, NumericArray>>;
  writeState(values: Readonly<Record<string, NumericArray>>): Promise<void>;
  dispose(): Promise<void>;
  /** Only where the executor keeps what it compiled. */
  readonly compilation?: Compilation | undefined;
}

/** What one operation of a graph costs in one run, all of its calls together. */
export interface OperationCost {
  /** As the runtime names it: `Conv`, `FusedMatMul`. */
  readonly operation: string;
  readonly calls: number;
  readonly milliseconds: number;
  /** Written by it. */
  readonly bytes: number;
}

/** Runs a graph several times, loaded for this purpose, and tells what its operations cost, the dearest first. */
export type Profiler = (
  graph: StepGraph,
  state: Readonly<Record<string, NumericArray>>,
  feeds: Feeds,
  runs: number,
) => Promise<readonly OperationCost[]>;

export interface Executor {
  /** `onnx-cpu`, `eager-cpu`, ... */
  readonly name: string;
  /** One line for people: runtime, version, threads. */
  readonly description: string;
  /**
   * @param graphs by name; state inputs of the same name are the same state
   * @param state initial values of every state input
   */
  load(
    graphs: Readonly<Record<string, StepGraph>>,
    state: Readonly<Record<string, NumericArray>>,
  ): Promise<Program>;
  /** Only where the runtime can tell one operation from another. */
  readonly profile?: Profiler;
}

/** A step function with the inputs it takes, not traced. */
export interface EagerStep {
  readonly step: StepFunction;
  readonly specs: Readonly<Record<string, TensorSpec>>;
}

/** One that can also run step functions as they are: for what cannot be compiled. */
export interface EagerExecutor extends Executor {
  /** As `load`, without a graph. */
  loadSteps(
    steps: Readonly<Record<string, EagerStep>>,
    state: Readonly<Record<string, NumericArray>>,
  ): Promise<Program>;
}

export function isEager(executor: Executor): executor is EagerExecutor {
  return 'loadSteps' in executor;
}
