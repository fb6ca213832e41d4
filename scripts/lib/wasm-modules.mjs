import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** Without threads, which the backend does not use in Node; the plain one for processors without vector instructions. */
const MODULES = ['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm'];

/** Lays the WebAssembly modules of the eager executor next to the engine bundle: `wasm`. */
export function stageWasmModules(dist = join(ROOT, 'dist')) {
  const from = join(ROOT, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'wasm-out');
  mkdirSync(join(dist, 'wasm'), { recursive: true });
  for (const name of MODULES) cpSync(join(from, name), join(dist, 'wasm', name));
}
