import type { Executor } from './executor.ts';
import { onnxExecutor } from './onnx-provider.ts';
import { nativeRuntime } from './onnx-runtime.ts';

/** `COREML_FLAG_USE_CPU_AND_GPU`: leaves out the neural engine, which computes in half precision only. */
const CPU_AND_GPU = 0x020;
/** `COREML_FLAG_CREATE_MLPROGRAM`: the form of CoreML models that has typed, single-precision operations. */
const ML_PROGRAM = 0x010;

/**
 * Runs steps on Apple's GPU by the CoreML provider that comes with `onnxruntime-node`. What CoreML has no operation for
 * runs on the processor; state crosses over with every step.
 */
export function onnxCoreMl(): Executor {
  return onnxExecutor({
    name: 'onnx-coreml',
    place: 'CoreML',
    session: {
      executionProviders: [{ name: 'coreml', coreMlFlags: CPU_AND_GPU | ML_PROGRAM }],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    },
    runtime: nativeRuntime,
  });
}
