import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Executor, OperationCost, Profiler } from './executor.ts';

/** Runs whose cost does not count: the first ones reserve memory. */
const WARM_UP = 3;
const MICROSECONDS = 1000;

/** One line of the trace that ONNX Runtime writes: a kernel that ran, in microseconds. */
interface TraceEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly output_size?: string };
}

/**
 * What each operation of a graph costs by the runtime's own measurement, in a session of its own that writes a trace.
 *
 * @param traced the same executor, its sessions writing traces to files that begin with the prefix
 */
export function onnxProfiler(traced: (prefix: string) => Executor): Profiler {
  return async (graph, state, feeds, runs) => {
    const folder = mkdtempSync(join(tmpdir(), 'kd-profile-'));
    try {
      const program = await traced(join(folder, 'trace')).load({ profiled: graph }, state);
      try {
        for (let run = 0; run < WARM_UP + runs; run++) await program.run('profiled', feeds);
      } finally {
        // Releasing the session writes the trace.
        await program.dispose();
      }
      const [file] = readdirSync(folder);
      return file === undefined ? [] : costsOf(readFileSync(join(folder, file), 'utf8'), WARM_UP + runs);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** Sums of a trace by operation, for one run; the warm-up is left out. Exported for tests. */
export function costsOf(trace: string, runs: number): readonly OperationCost[] {
  const kernels = (JSON.parse(trace) as readonly TraceEvent[]).filter(
    ({ cat, name }) => cat === 'Node' && name?.endsWith('_kernel_time') === true,
  );
  // Every run has the same kernels, so the trace falls into equal parts.
  const perRun = kernels.length / runs;
  const measured = kernels.slice(Math.round(perRun * WARM_UP));
  const counted = runs - WARM_UP;
  const costs = new Map<string, { calls: number; milliseconds: number; bytes: number }>();
  for (const { dur = 0, args } of measured) {
    const operation = args?.op_name ?? 'unnamed';
    const cost = costs.get(operation) ?? { calls: 0, milliseconds: 0, bytes: 0 };
    costs.set(operation, cost);
    cost.calls++;
    cost.milliseconds += dur / MICROSECONDS;
    cost.bytes += Number(args?.output_size ?? 0);
  }
  return [...costs]
    .map(([operation, { calls, milliseconds, bytes }]) => ({
      operation,
      calls: Math.round(calls / counted),
      milliseconds: milliseconds / counted,
      bytes: Math.round(bytes / counted),
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
