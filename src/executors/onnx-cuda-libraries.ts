import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { librariesOf } from './onnx-cuda-files.ts';

/** In the order in which they stand on one another. What cuDNN loads later it finds beside itself. */
const LIBRARIES = [
  'libcudart.so.13',
  'libcublasLt.so.13',
  'libcublas.so.13',
  'libcurand.so.10',
  'libnvrtc-builtins.so.13.0',
  'libnvrtc.so.13',
  'libcudnn.so.9',
] as const;

/** Of dlfcn.h: a library stays in the process when its handle is closed. */
const RTLD_NODELETE = 0x1000;

/**
 * Loads the libraries of CUDA that lie beside the binding of a runtime. The provider asks for them by name alone, and the system's
 * linker gives it those that are in the process already; so nobody has to set LD_LIBRARY_PATH.
 *
 * @returns why one of them cannot be loaded; null where all are
 */
export function loadCudaLibraries(runtime: string): string | null {
  for (const name of LIBRARIES) {
    const path = join(librariesOf(runtime), name);
    if (!existsSync(path)) return `${name} is missing beside the CUDA provider`;
    const fault = load(path);
    if (fault !== null) return `${name} cannot be loaded: ${fault}`;
  }
  return null;
}

function load(path: string): string | null {
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // It is loaded, and is no addon of Node: that is all that is wrong with it.
    return message.includes('did not self-register') ? null : message;
  }
}
