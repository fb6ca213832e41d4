import { onnxCuda } from '../executors/onnx-cuda.ts';
import { nativeVersion, runtimeIn } from '../executors/onnx-cuda-files.ts';
import { loadCudaLibraries } from '../executors/onnx-cuda-libraries.ts';
import { nativeRuntimeAt } from '../executors/onnx-runtime.ts';
import { reasonOf } from '../executors/rungs/rung.ts';
import { selfTest } from '../executors/self-test.ts';
import { hasNvidiaDriver } from '../executors/tensorflow/places.ts';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import type { RuntimeTrial } from '../protocol/records.ts';

/**
 * Loads the CUDA provider in `folder` and lets it pass the self-test; prints what came of it as JSON. Without a driver its libraries
 * are loaded and nothing is computed.
 */
export async function tryCuda(folder: string): Promise<number> {
  process.stdout.write(`${JSON.stringify(await trial(runtimeIn(folder)))}\n`);
  return EXIT_CODES.done;
}

async function trial(runtime: string): Promise<RuntimeTrial> {
  const reason = loadCudaLibraries(runtime);
  if (reason !== null) return { reason, description: '', usesGpu: false };
  if (!hasNvidiaDriver()) {
    const description = `ONNX Runtime ${nativeVersion() ?? ''} with CUDA, whose libraries can be loaded; this machine has no driver for a graphics card of NVIDIA`;
    return { reason: null, description, usesGpu: false };
  }
  try {
    const native = nativeRuntimeAt(runtime);
    const executor = onnxCuda(() => Promise.resolve(native));
    const fault = await selfTest(executor);
    return { reason: fault, description: executor.description, usesGpu: true };
  } catch (error) {
    return { reason: reasonOf(error), description: '', usesGpu: false };
  }
}
