import type { NumericArray } from '../compiler/graph.ts';
import { trace } from '../compiler/trace.ts';
import { isEager, type Executor, type Program } from '../executors/executor.ts';
import { UserError, type Problem } from '../protocol/errors.ts';
import { requireGraphSizes, requireInputSizes } from './sizes.ts';
import type { Step } from './steps.ts';

/**
 * Tells aloud that the steps of a phase cannot be compiled for an executor, and says where they run instead: on another, or
 * eagerly.
 */
export type FallBack = (fallen: {
  readonly phase: string;
  readonly from: Executor;
  readonly why: Problem;
}) => Promise<Executor>;

/** Traces the steps of a phase and hands them to an executor; one that runs functions as they are gets them untraced. */
export async function loadProgram(
  phase: string,
  steps: Readonly<Record<string, Step>>,
  executor: Executor,
  fallBack?: FallBack,
): Promise<Program> {
  requireInputSizes(phase, steps);
  const state = zeroState(steps);
  for (let current = executor; ;) {
    if (isEager(current)) return current.loadSteps(steps, state);
    try {
      return await current.load(traced(phase, steps), state);
    } catch (error) {
      if (fallBack === undefined || !isUncompilable(error)) throw error;
      current = await fallBack({ phase, from: current, why: error.problem });
    }
  }
}

/**
 * A kernel that cannot be recorded (KD6003), or that has no form in what the executor runs (KD6020, KD6050), or that the
 * executor computes wrongly (KD6032).
 */
function isUncompilable(error: unknown): error is UserError {
  return error instanceof UserError && /^KD(6003|6020|6032|6050)$/.test(error.problem.code);
}

function traced(phase: string, steps: Readonly<Record<string, Step>>) {
  const graphs = Object.entries(steps).map(([name, { step, specs }]) => {
    const graph = trace(`${phase}/${name}`, step, specs);
    requireGraphSizes(graph);
    return [name, graph] as const;
  });
  return Object.fromEntries(graphs);
}

function zeroState(steps: Readonly<Record<string, Step>>): Record<string, NumericArray> {
  const state: Record<string, NumericArray> = {};
  for (const { specs } of Object.values(steps)) {
    for (const [name, { role, shape }] of Object.entries(specs)) {
      if (role === 'state') state[name] ??= new Float32Array(shape.reduce((a, b) => a * b, 1));
    }
  }
  return state;
}
