import { WEBGPU_LIMITS } from '../compiler/onnx/limits.ts';
import type { Executor } from './executor.ts';
import { onnxExecutor } from './onnx-provider.ts';
import { nativeRuntime } from './onnx-runtime.ts';

/**
 * Runs steps on any GPU by the WebGPU provider that comes with `onnxruntime-node` (Vulkan, Direct3D 12 or Metal beneath):
 * nothing to install. State stays in the device's memory between steps.
 */
export function onnxWebGpu(): Executor {
  return onnxExecutor({
    name: 'onnx-webgpu',
    place: 'WebGPU',
    session: {
      executionProviders: ['webgpu'],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    },
    runtime: nativeRuntime,
    limits: WEBGPU_LIMITS,
    stateOnDevice: true,
  });
}
