import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './debian.mjs';
import { ROOT } from './paths.mjs';
import { capture, isInstalled } from './run.mjs';

/** @typedef {'cpu' | 'gpu' | 'current'} Kind */

/**
 * Of the packages and of the native library under them; the folders are named after both. `current`: the GPU package with the library
 * that knows newer graphics cards.
 */
const VERSIONS = {
  cpu: 'tfjs-node-4.22.0-tensorflow-2.12.1',
  gpu: 'tfjs-node-4.22.0-tensorflow-2.12.1',
  current: 'tfjs-node-4.22.0-tensorflow-2.21.0',
};

/**
 * Where an official package is kept; it is there only when it is whole.
 *
 * @param {Kind} kind
 */
export function tensorFlowFolder(kind) {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(cache, 'kd-workbench', `${VERSIONS[kind]}-${kind}-napi-${process.versions.napi}`);
}

/**
 * Installs both official packages with the product's own installer into the user's cache folder: a minute from nothing on a
 * fast connection, 0.8 GB to download. Their library comes from Python wheels, the addon is built here.
 *
 * @param {boolean} soak also with the current library, 0.6 GB more
 * @returns {Promise<string | undefined>} why they cannot be had here; undefined when they are ready
 */
export async function prepareTensorFlow(soak = false) {
  const wanted = /** @type {Kind[]} */ (['cpu', 'gpu', ...(soak ? ['current'] : [])]);
  const kinds = wanted.filter((kind) => !existsSync(tensorFlowFolder(kind)));
  if (kinds.length === 0) return undefined;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `TensorFlow's packages are prepared on Linux x64 only, this is ${process.platform} ${process.arch}`;
  const missing = ensurePackages(['g++', 'make', 'python3']) ?? withoutPip();
  if (missing !== undefined) return missing;
  try {
    const { installPackage, WHEELS } = await installer();
    for (const kind of kinds) {
      const folder = tensorFlowFolder(kind);
      console.log(`preparing TensorFlow (${kind}) in ${folder}`);
      const packageName = kind === 'cpu' ? '@tensorflow/tfjs-node' : '@tensorflow/tfjs-node-gpu';
      await installPackage({ packageName, wheel: WHEELS[kind] }, folder, {
        say: (line) => console.log(`  ${line}`),
      });
    }
    return undefined;
  } catch (error) {
    return `TensorFlow's packages could not be prepared: ${error.message}`;
  }
}

/** The product's installer, which is TypeScript, as a module for this process. */
async function installer() {
  const outfile = join(ROOT, 'build', 'installer.mjs');
  mkdirSync(dirname(outfile), { recursive: true });
  // A fresh clone reads this file before anything is installed.
  const { build } = await import('esbuild');
  await build({
    stdin: {
      contents: "export * from './tensorflow-package.ts'; export * from './wheels.ts';",
      resolveDir: join(ROOT, 'src', 'cli', 'install'),
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

function withoutPip() {
  const wanted = 'pip for python3 (on Debian: python3-pip) to download the library of TensorFlow';
  if (!isInstalled('python3')) return `missing: ${wanted}`;
  try {
    capture('python3', ['-m', 'pip', '--version']);
    return undefined;
  } catch {
    return `missing: ${wanted}`;
  }
}
