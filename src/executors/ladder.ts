import type { Executor } from './executor.ts';
import { interpreter } from './interpreter.ts';
import { onnxCpu } from './onnx-cpu.ts';
import { selfTest } from './self-test.ts';

/** A rung that was tried and may not train, with the reason in words. */
export interface RefusedExecutor {
  readonly name: string;
  readonly reason: string;
}

export interface ExecutorChoice {
  readonly executor: Executor;
  readonly refused: readonly RefusedExecutor[];
}

export interface ExecutorRequest {
  /** `auto` climbs the ladder from its fastest rung; the others name one. */
  readonly device: 'auto' | 'cpu' | 'eager';
  readonly threads?: number;
  /** See `OnnxCpuOptions.spinning`. */
  readonly spinning?: boolean;
}

/**
 * The first executor of the ladder that passes its self-test. The interpreter is the last rung and needs none: it is
 * the reference.
 *
 * @param rungs for tests: what to try, in order
 */
export async function chooseExecutor(
  request: ExecutorRequest,
  rungs: readonly Executor[] = rungsFor(request),
): Promise<ExecutorChoice> {
  const refused: RefusedExecutor[] = [];
  for (const executor of rungs) {
    const reason = await selfTest(executor);
    if (reason === null) return { executor, refused };
    refused.push({ name: executor.name, reason });
  }
  return { executor: interpreter, refused };
}

function rungsFor({ device, threads, spinning }: ExecutorRequest): readonly Executor[] {
  if (device === 'eager') return [];
  return [
    onnxCpu({
      ...(threads === undefined ? {} : { threads }),
      ...(spinning === undefined ? {} : { spinning }),
    }),
  ];
}
