import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** What WebAssembly needs: the loader for Node, the module and the script of its threads. */
const WASM_FILES = ['ort.node.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

/**
 * Lays ONNX Runtime next to the engine bundle, where Node looks for it: `dist/node_modules`, this platform's library
 * alone where there is one, and the build for WebAssembly. What is there already in the same version stays.
 */
export function stageNativeRuntime() {
  const target = join(ROOT, 'dist', 'node_modules');
  const stamp = join(target, '.staged');
  const wanted = `${version('onnxruntime-node')} ${process.platform}-${process.arch}, wasm ${version('onnxruntime-web')} as a module`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  rmSync(target, { recursive: true, force: true });
  // The native library asks for the one, the build for WebAssembly, which is imported as a module, for the other.
  for (const form of ['cjs', 'esm']) copyScripts('onnxruntime-common', join('dist', form));
  copy('onnxruntime-web', 'package.json');
  for (const file of WASM_FILES) copy('onnxruntime-web', join('dist', file));
  if (hasNativeRuntime()) {
    copyScripts('onnxruntime-node', 'dist');
    for (const file of readdirSync(nativeLibrary())) copy('onnxruntime-node', join(PLATFORM, file));
  } else {
    console.log(
      `no native runtime for ${process.platform}-${process.arch}: the engine trains on WebAssembly`,
    );
  }
  writeFileSync(stamp, wanted);

  function copyScripts(name, folder) {
    copy(name, 'package.json');
    for (const file of readdirSync(join(ROOT, 'node_modules', name, folder))) {
      if (file.endsWith('.js') || file === 'package.json') copy(name, join(folder, file));
    }
  }

  function copy(name, file) {
    const to = join(target, name, file);
    mkdirSync(join(to, '..'), { recursive: true });
    cpSync(join(ROOT, 'node_modules', name, file), to);
  }
}

const PLATFORM = join('bin', 'napi-v6', process.platform, process.arch);

function nativeLibrary() {
  return join(ROOT, 'node_modules', 'onnxruntime-node', PLATFORM);
}

/** Whether `onnxruntime-node` has a library for this platform. */
export function hasNativeRuntime() {
  return existsSync(nativeLibrary());
}

function version(name) {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
}
