import { servesBlocks } from '../compiler/onnx/blocked/index.ts';
import { usableBlockSize } from './block-size.ts';
import { physicalCores } from './cores.ts';
import type { Executor } from './executor.ts';
import { onnxExecutor } from './onnx-provider.ts';
import { nativeRuntime } from './onnx-runtime.ts';

export interface OnnxCpuOptions {
  /** Threads that compute; the machine's physical cores where not given. */
  readonly threads?: number;
  /** True: idle threads wait actively, 15-20 % faster on an idle machine and far slower on a busy one. */
  readonly spinning?: boolean;
  /** False: convolutions are never written on blocks of channels, not even where that is known to be right here. */
  readonly blocked?: boolean;
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
      extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
    },
    runtime: nativeRuntime,
    blockSize: async (graphs) =>
      blocked && graphs.some((graph) => servesBlocks(graph, SMALLEST_BLOCK)) ? usableBlockSize() : null,
  });
}
