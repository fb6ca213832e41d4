import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../protocol/errors.ts';
import { CUDA_WHEELS } from './cuda-wheels.ts';
import { installAside, requireLinux, type InstallOptions } from './install-aside.ts';
import { obtainWheel, unpackWheel } from './wheels.ts';

const WHAT = 'the CUDA provider of ONNX Runtime';

/**
 * Lays a copy of the product's own runtime into a folder, with the CUDA provider and the libraries of CUDA beside its binding:
 * the runtime looks for the provider there, and they find one another there.
 */
export function installCudaProvider(folder: string, options: InstallOptions): Promise<void> {
  return installAside(WHAT, folder, options, async (aside) => {
    requireLinux(WHAT);
    const modules = join(aside, 'node_modules');
    await copyRuntime(modules);
    const libraries = join(modules, 'onnxruntime-node', 'bin', 'napi-v6', process.platform, process.arch);
    await mkdir(libraries, { recursive: true });
    const downloads = join(aside, 'wheel');
    for (const { libraries: names, ...wheel } of CUDA_WHEELS) {
      const path = await obtainWheel(wheel, downloads, options);
      const wanted = new Set<string>(names);
      await unpackWheel(path, (name) => (wanted.has(name) ? join(libraries, basename(name)) : null), names);
      // One at a time, so that the disk need not hold all of them packed and unpacked.
      await rm(downloads, { recursive: true, force: true });
    }
  });
}

/** The packages of the native runtime, as they lie beside the command line. */
async function copyRuntime(modules: string): Promise<void> {
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  } catch (error) {
    throw new UserError(
      {
        code: 'KD6065',
        message: 'this package of the product has no native runtime beside which CUDA could stand',
        help: 'install the package for linux-x64 instead of the universal one',
      },
      { cause: error },
    );
  }
  const around = dirname(dirname(manifest));
  for (const name of ['onnxruntime-node', 'onnxruntime-common']) {
    const source = join(around, name);
    if (existsSync(source)) await cp(source, join(modules, name), { recursive: true });
  }
}
