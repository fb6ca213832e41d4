import type { Executor } from './executor.ts';
import { onnxExecutor } from './onnx-provider.ts';
import { nativeRuntime } from './onnx-runtime.ts';

/**
 * Runs steps on an NVIDIA GPU by the CUDA provider of ONNX Runtime, whose libraries lie beside the binding. The binding
 * keeps tensors on the device for WebGPU alone, so state crosses the bus with every step: 0.6 MB for ResNet-8, 7 MB for
 * ResNet-56, about a millisecond at 16 GB/s both ways.
 */
export function onnxCuda(runtime = nativeRuntime): Executor {
  // Products with a mantissa of ten bits, which newer cards use by default, fail the comparison with the processor.
  process.env.NVIDIA_TF32_OVERRIDE ??= '0';
  return onnxExecutor({
    name: 'onnx-cuda',
    place: 'CUDA',
    session: {
      executionProviders: ['cuda'],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    },
    runtime,
  });
}
