import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tf } from '../../compiler/tfjs.ts';
import type { EagerBackend } from './backend.ts';
import { mendWasmKernels } from './wasm-kernels.ts';

const NAME = 'wasm';
let opened: Promise<EagerBackend> | null = null;

/** WebAssembly with SIMD, one thread. Throws where the module cannot be loaded. */
export function openWasmBackend(): Promise<EagerBackend> {
  opened ??= open();
  return opened;
}

async function open(): Promise<EagerBackend> {
  const { setWasmPaths, version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${wasmFolder()}/`);
  const before = tf.engine().backendName as string | undefined;
  try {
    if (!(await tf.setBackend(NAME))) throw new Error('its module did not start');
  } catch (error) {
    tf.removeBackend(NAME);
    throw error;
  } finally {
    await tf.setBackend(before ?? 'cpu');
  }
  mendWasmKernels(NAME);
  return {
    name: NAME,
    description: `TensorFlow.js ${version_wasm} as WebAssembly, operation by operation (slow)`,
    ops: tf,
  };
}

/** The modules lie beside the engine's bundle; in the source tree, in their package. */
function wasmFolder(): string {
  const beside = join(dirname(fileURLToPath(import.meta.url)), 'wasm');
  if (existsSync(beside)) return beside;
  const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  return join(dirname(manifest), 'wasm-out');
}
