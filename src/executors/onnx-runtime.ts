import { createRequire } from 'node:module';
import type * as Native from 'onnxruntime-node';
import type { InferenceSession, TensorConstructor } from 'onnxruntime-node';
import { cudaRuntime } from './onnx-cuda-files.ts';

/** What a build of ONNX Runtime offers, whichever it is: its sessions and the tensors that they take. */
export interface OnnxRuntime {
  readonly version: string;
  readonly InferenceSession: { create: (typeof InferenceSession)['create'] };
  readonly Tensor: TensorConstructor;
}

/** A session that only finds out what a runtime does. */
export const PROBE_SESSION = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
} satisfies InferenceSession.SessionOptions;

let native: Promise<OnnxRuntime> | null = null;

/**
 * The native build, loaded when first asked for: some platforms have none, and the engine must start there too. A copy with
 * the CUDA provider serves the processor as well; two copies in one process would share the libraries of the first.
 */
export function nativeRuntime(): Promise<OnnxRuntime> {
  native ??= nativeModule().then(runtimeOf);
  return native;
}

/** The native build in a package that lies elsewhere. One process loads one. */
export function nativeRuntimeAt(runtime: string): OnnxRuntime {
  return runtimeOf(createRequire(import.meta.url)(runtime) as typeof Native);
}

function runtimeOf({ env, InferenceSession, Tensor }: typeof Native): OnnxRuntime {
  return { version: env.versions.node ?? env.versions.common, InferenceSession, Tensor };
}

async function nativeModule(): Promise<typeof Native> {
  const installed = cudaRuntime();
  if (installed === null) return import('onnxruntime-node');
  return createRequire(import.meta.url)(installed) as typeof Native;
}

let wasm: Promise<OnnxRuntime> | null = null;

/**
 * The build for WebAssembly: no native code at all. Its module and its threads are made once a process, so the first
 * caller's number of threads holds for all.
 */
export function wasmRuntime(threads: number): Promise<OnnxRuntime> {
  wasm ??= import('onnxruntime-web').then(({ env, InferenceSession, Tensor }) => {
    env.wasm.numThreads = threads;
    env.wasm.proxy = false;
    return { version: env.versions.web ?? env.versions.common, InferenceSession, Tensor };
  });
  return wasm;
}
