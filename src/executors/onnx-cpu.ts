import { blocksOf, type BlockedForm } from '../compiler/onnx/blocked/forms.ts';
import { servesBlocks } from '../compiler/onnx/blocked/index.ts';
import { physicalCores } from './cores.ts';
import type { Executor } from './executor.ts';
import { onnxExecutor } from './onnx-provider.ts';
import { nativeRuntime } from './onnx-runtime.ts';
import { inPlaceRunsOf } from './in-place-runs.ts';
import { usableBlocks } from './usable-blocks.ts';

export interface OnnxCpuOptions {
  /** Threads that compute; the machine's physical cores where not given. */
  readonly threads?: number;
  /** True: threads wait actively for work during a run, 15-20 % faster on an idle machine and far slower on a busy one. */
  readonly spinning?: boolean;
  /** Whether convolutions may be written on blocks of channels, where that is known to be right here; or in which forms of those. */
  readonly blocked?: boolean | readonly BlockedForm[];
}

/** The smallest block: a step that does not gain by it gains by none. */
const SMALLEST_BLOCK = 8;

/** Runs steps as ONNX graphs on the CPU provider of `onnxruntime-node`: nothing to install. */
export function onnxCpu({
  threads = physicalCores(),
  spinning = true,
  blocked = true,
}: OnnxCpuOptions = {}): Executor {
  return onnxExecutor({
    name: 'onnx-cpu',
    place: `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    session: {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Threads wait actively within a run alone: after it they would hold a core against the session that runs next.
      extra: {
        session: { intra_op: { allow_spinning: spinning ? '1' : '0' }, force_spinning_stop: '1' },
      },
    },
    runtime: nativeRuntime,
    inPlaceRuns: inPlaceRunsOf,
    blocks: async (graphs) => {
      if (blocked === false || !graphs.some((graph) => servesBlocks(graph, SMALLEST_BLOCK))) return null;
      const usable = await usableBlocks();
      if (usable === null || blocked === true) return usable;
      return blocksOf(
        usable.size,
        blocked.filter((form) => usable.forms.has(form)),
      );
    },
  });
}
