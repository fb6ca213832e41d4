import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cudaRuntime, hasCudaProvider, librariesOf } from '../../src/executors/onnx-cuda-files.ts';
import { loadCudaLibraries } from '../../src/executors/onnx-cuda-libraries.ts';
import { nativeRuntime } from '../../src/executors/onnx-runtime.ts';
import { onnxCudaRung } from '../../src/executors/rungs/onnx-cuda.ts';
import { hasNvidiaDriver } from '../../src/executors/tensorflow/places.ts';

let tools = '';
beforeEach(() => {
  tools = mkdtempSync(join(tmpdir(), 'kd-tools-'));
  vi.stubEnv('KD_TOOLS', tools);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(tools, { recursive: true, force: true });
});

/** A copy of the npm package in the tools' folder that knows nothing but its version. */
function install(files: readonly string[]): string {
  const folder = join(tools, 'onnxruntime-cuda-1.30.0', 'node_modules', 'onnxruntime-node');
  const libraries = join(folder, 'bin', 'napi-v6', process.platform, process.arch);
  mkdirSync(libraries, { recursive: true });
  for (const file of files) writeFileSync(join(libraries, file), '');
  writeFileSync(join(folder, 'index.js'), "exports.env = { versions: { common: '', node: 'the copy' } };");
  return folder;
}
const PROVIDER = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];

describe('the CUDA provider of ONNX Runtime', () => {
  test('is found in the tools folder when both its files are there, and loaded with its copy of the runtime', async () => {
    expect(cudaRuntime('1.30.0')).toBeNull();
    install(PROVIDER.slice(0, 1));
    expect([cudaRuntime('1.30.0'), hasCudaProvider()]).toEqual([null, false]);
    const folder = install(PROVIDER);
    expect([cudaRuntime('1.30.0'), hasCudaProvider()]).toEqual([folder, true]);
    expect((await nativeRuntime()).version).toBe('the copy');
  });

  test('of another version is left alone', () => {
    install(PROVIDER);
    expect(cudaRuntime('1.31.1')).toBeNull();
  });

  test('is refused without a driver, before anything is loaded', async (context) => {
    if (hasNvidiaDriver()) context.skip('not run: this machine has an NVIDIA driver');
    install(PROVIDER);
    const reason = process.platform === 'linux' ? /driver|x64/ : /Linux only/;
    expect(await onnxCudaRung.open({ byName: true })).toMatchObject({
      reason: expect.stringMatching(reason) as string,
    });
  });
});

describe.skipIf(process.platform !== 'linux')('the libraries of CUDA', () => {
  const NAMES = [
    ...['libcudart.so.13', 'libcublasLt.so.13', 'libcublas.so.13', 'libcurand.so.10'],
    ...['libnvrtc-builtins.so.13.0', 'libnvrtc.so.13', 'libcudnn.so.9'],
  ];
  /** A library that is no addon of Node, as those of CUDA are. */
  const own = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const library = join(librariesOf(own), 'libonnxruntime.so.1');

  test('are loaded into the process from beside the binding, and stay there', () => {
    const runtime = install(PROVIDER);
    const copy = join(tools, 'copy.so');
    writeFileSync(copy, readFileSync(library));
    for (const name of NAMES) symlinkSync(copy, join(librariesOf(runtime), name));
    expect(loadCudaLibraries(runtime)).toBeNull();
    expect(readFileSync('/proc/self/maps', 'utf8')).toContain(copy);
  });

  test('are missed by name, and one that cannot be loaded is named with what the system says', () => {
    const runtime = install(PROVIDER);
    expect(loadCudaLibraries(runtime)).toBe('libcudart.so.13 is missing beside the CUDA provider');
    for (const name of NAMES) symlinkSync(library, join(librariesOf(runtime), name));
    rmSync(join(librariesOf(runtime), 'libcublas.so.13'));
    writeFileSync(join(librariesOf(runtime), 'libcublas.so.13'), 'not a library');
    expect(loadCudaLibraries(runtime)).toMatch(/^libcublas\.so\.13 cannot be loaded: .*libcublas\.so\.13/);
  });
});
