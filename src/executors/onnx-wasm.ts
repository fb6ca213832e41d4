import { physicalCores } from './cores.ts';
import type { Executor } from './executor.ts';
import { onnxExecutor } from './onnx-provider.ts';
import { wasmRuntime } from './onnx-runtime.ts';

export interface OnnxWasmOptions {
  /** Threads that compute; the machine's physical cores where not given. The first executor of a process decides. */
  readonly threads?: number;
}

/** Runs steps on ONNX Runtime compiled to WebAssembly, for platforms without a native build. */
export function onnxWasm({ threads = physicalCores() }: OnnxWasmOptions = {}): Executor {
  return onnxExecutor({
    name: 'onnx-wasm',
    place: `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    session: {
      executionProviders: ['wasm'],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    },
    makesOutputs: true,
    runtime: () => wasmRuntime(threads),
  });
}
