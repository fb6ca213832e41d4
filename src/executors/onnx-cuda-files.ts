import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cudaFolder } from '../protocol/runtimes.ts';
import { toolsFolder } from '../protocol/tools-folder.ts';

/** The part of ONNX Runtime that is not in its npm package. */
const CUDA_PROVIDER_FILES = [
  'libonnxruntime_providers_cuda.so',
  'libonnxruntime_providers_shared.so',
] as const;

const LIBRARIES = join('bin', 'napi-v6', process.platform, process.arch);

/** The version that the engine stands on; null where no native runtime lies beside it. */
export function nativeVersion(): string | null {
  const manifest = resolved('onnxruntime-node/package.json');
  return manifest === null ? null : (createRequire(import.meta.url)(manifest) as { version: string }).version;
}

/**
 * A runtime of this version with the CUDA provider, where one was installed: a copy of the npm package in our tools' folder, since
 * the runtime looks for the provider beside itself and the package of the product is not to be changed.
 */
export function cudaRuntime(version = nativeVersion()): string | null {
  if (version === null) return null;
  const folder = runtimeIn(join(toolsFolder(), cudaFolder(version)));
  return hasProvider(folder) ? folder : null;
}

/** The runtime's package in a folder of the installer. */
export function runtimeIn(folder: string): string {
  return join(folder, 'node_modules', 'onnxruntime-node');
}

/** Where a runtime's package keeps its native libraries. */
export function librariesOf(runtime: string): string {
  return join(runtime, LIBRARIES);
}

/** True where the runtime that the engine loads has the provider: that copy, or the package itself. */
export function hasCudaProvider(): boolean {
  const own = resolved('onnxruntime-node/package.json');
  return cudaRuntime() !== null || (own !== null && hasProvider(dirname(own)));
}

function hasProvider(runtime: string): boolean {
  return CUDA_PROVIDER_FILES.every((file) => existsSync(join(librariesOf(runtime), file)));
}

function resolved(name: string): string | null {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return null; // a platform without a native runtime
  }
}
