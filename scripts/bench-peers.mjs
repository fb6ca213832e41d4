#!/usr/bin/env node
/**
 * npm run bench:peers [-- FRAMEWORK...]
 * Installs the frameworks that `npm run bench` compares with (torch, tensorflow, jax; all of them where none is named), each
 * into a virtual environment of its own in the user's cache folder, and on Debian tcmalloc and g++, with which PyTorch is
 * at its best. Nothing is put into the checkout or into Python itself.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchCache, pythonOf } from './lib/bench/cache.mjs';
import { ensurePackages } from './lib/debian.mjs';
import { isInstalled, run } from './lib/run.mjs';

/**
 * What pip installs, and how much it takes on disk. PyTorch's build on PyPI brings its libraries for GPUs on Linux and does
 * not load without them; a smaller one is not in that registry.
 */
const FRAMEWORKS = {
  torch: { packages: ['torch', 'numpy'], size: process.platform === 'linux' ? '5.6 GB' : '0.8 GB' },
  tensorflow: {
    packages: [process.platform === 'darwin' ? 'tensorflow' : 'tensorflow-cpu'],
    size: '1.6 GB',
  },
  jax: { packages: ['jax'], size: '0.6 GB' },
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in FRAMEWORKS));
if (unknown.length > 0) {
  console.error(
    `bench:peers: no framework "${unknown[0]}" (there are: ${Object.keys(FRAMEWORKS).join(', ')})`,
  );
  process.exit(2);
}
const python = ['python3', 'python'].find(isInstalled);
if (python === undefined) {
  console.error('bench:peers: needs Python 3 with venv on the PATH');
  process.exit(4);
}
const missing = ensurePackages(['libtcmalloc-minimal4', 'g++']);
if (missing !== undefined) console.error(`bench:peers: PyTorch will be slower than it can be: ${missing}`);

const wanted = (named.length > 0 ? named : Object.keys(FRAMEWORKS)).filter((name) => !isReady(name));
const sizes = wanted.map((name) => `${name} ${FRAMEWORKS[name].size}`);
if (wanted.length === 0) console.log(`all is there, in ${benchCache()}`);
else console.log(`installing into ${benchCache()}: ${sizes.join(', ')}`);
let failures = 0;
for (const name of wanted) {
  const folder = join(benchCache(), name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(benchCache(), { recursive: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', ...FRAMEWORKS[name].packages];
  const done =
    (await run(python, ['-m', 'venv', folder])) === 0 &&
    (await run(pythonOf(name), pip)) === 0 &&
    isReady(name);
  console.log(done ? `${name}: ready` : `${name}: could not be installed`);
  if (done) continue;
  failures++;
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

/** Whether the framework's package lies in its environment; loading it takes seconds and is the benchmark's to do. */
function isReady(name) {
  if (!existsSync(pythonOf(name))) return false;
  const found = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${name}") is None)`;
  return spawnSync(pythonOf(name), ['-c', found]).status === 0;
}
