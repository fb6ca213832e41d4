import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { toolsFolder } from '../protocol/tools-folder.ts';

/** The part of ONNX Runtime that is not in its npm package. */
export const CUDA_PROVIDER_FILES = [
  'libonnxruntime_providers_cuda.so',
  'libonnxruntime_providers_shared.so',
] as const;

const LIBRARIES = join('bin', 'napi-v6', process.platform, process.arch);

/** The version that the engine stands on; null where no native runtime lies beside it. */
export function nativeVersion(): string | null {
  const manifest = resolved('onnxruntime-node/package.json');
  return manifest === null ? null : (createRequire(import.meta.url)(manifest) as { version: string }).version;
}

/** Where a runtime of this version with the CUDA provider is installed: a copy of the npm package, since it looks for the provider beside itself. */
export function cudaFolder(version: string): string {
  return join(toolsFolder(), `onnxruntime-cuda-${version}`);
}

/** The folder of libraries that has the provider: our tools' copy, or the package itself where somebody laid it there. */
export function cudaLibraries(): string | null {
  const version = nativeVersion();
  if (version === null) return null;
  const packages = [join(cudaFolder(version), 'node_modules', 'onnxruntime-node')];
  const own = resolved('onnxruntime-node/package.json');
  if (own !== null) packages.push(dirname(own));
  const folders = packages.map((folder) => join(folder, LIBRARIES));
  return (
    folders.find((folder) => CUDA_PROVIDER_FILES.every((file) => existsSync(join(folder, file)))) ?? null
  );
}

function resolved(name: string): string | null {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return null; // a platform without a native runtime
  }
}
