import type { Executor } from './executor.ts';
import { onnxExecutor } from './onnx-provider.ts';
import { nativeRuntime } from './onnx-runtime.ts';

/**
 * Runs steps on any GPU of a Windows machine by the DirectML provider that comes with `onnxruntime-node`. The binding
 * keeps tensors on the device for WebGPU alone, so state crosses the bus with every step.
 */
export function onnxDirectMl(): Executor {
  return onnxExecutor({
    name: 'onnx-directml',
    place: 'DirectML',
    session: {
      executionProviders: ['dml'],
      // DirectML plans its memory itself and refuses sessions that do.
      enableMemPattern: false,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    },
    runtime: nativeRuntime,
  });
}
