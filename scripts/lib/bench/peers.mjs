import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { tcmalloc } from '../debian.mjs';
import { isInstalled } from '../run.mjs';
import { benchCache, pythonOf } from './cache.mjs';

/** An allocator that keeps large buffers: it brings PyTorch from 35 to 22 ms a step. */
const TCMALLOC = tcmalloc();

/** Frameworks that may be there: module, program and how a reader could configure them. */
const FRAMEWORKS = {
  torch: { title: 'PyTorch', program: 'torch_peer.py', variants: torchVariants },
  tensorflow: { title: 'TensorFlow', program: 'tensorflow_peer.py', variants: () => ['raw', 'keras'] },
  jax: { title: 'JAX', program: 'jax_peer.py', variants: () => ['jit'] },
};

/**
 * @typedef {{ name: string, framework: string, eager: boolean, command: string[], environment: Record<string, string> }} Peer
 *   `command` lacks the folder of the work and the variant, which `commandOf` adds; `eager`: PyTorch as most people run it
 * @typedef {{ framework: string, python: string, version: string }} Installed
 */

/** @type {{ installed: Installed[], missing: string[] } | undefined} */
let found;

/** The frameworks of this machine, each from the first Python that can load it. */
export function installedPeers() {
  found ??= findInstalled();
  return found;
}

/** @returns {{ installed: Installed[], missing: string[] }} */
function findInstalled() {
  const installed = [];
  const missing = [];
  for (const name of Object.keys(FRAMEWORKS)) {
    const pythons = [process.env.KD_BENCH_PYTHON, pythonOf(name), 'python3', '/usr/bin/python3'].filter(
      (path) => path !== undefined,
    );
    const python = pythons.find((program) => versionOf(program, name) !== undefined);
    if (python === undefined) missing.push(name);
    else installed.push({ framework: name, python, version: versionOf(python, name) ?? '' });
  }
  return { installed, missing };
}

function versionOf(python, framework) {
  const { status, stdout } = spawnSync(
    python,
    ['-c', `import ${framework}; print(${framework}.__version__)`],
    {
      encoding: 'utf8',
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    },
  );
  return status === 0 ? stdout.trim().split('+')[0] : undefined;
}

/**
 * Every configuration of every framework that is there.
 *
 * @param {{ folder: string, kind: 'step' | 'epoch' | 'inference', convolutional: boolean }} work
 * @returns {Peer[]}
 */
export function peersFor({ folder, kind, convolutional }) {
  return installedPeers().installed.flatMap(({ framework, python, version }) => {
    const { title, program, variants } = FRAMEWORKS[framework];
    const script = join('test', 'bench', 'peers', program);
    return variants({ kind, convolutional, version }).flatMap((variant) =>
      [undefined, TCMALLOC]
        .filter((allocator, index) => index === 0 || allocator !== undefined)
        .map((allocator) => ({
          name: `${title} ${version} ${variant}${allocator === undefined ? '' : ' tcmalloc'}`,
          framework,
          eager: variant === 'eager' && allocator === undefined,
          command: [python, script, folder, variant],
          environment: {
            TORCHINDUCTOR_CACHE_DIR: join(benchCache(), 'inductor'),
            ...(allocator === undefined ? {} : { LD_PRELOAD: allocator }),
          },
        })),
    );
  });
}

/** PyTorch as most people run it, and tuned as far as version, work and machine go. */
function torchVariants({ kind, convolutional, version }) {
  const layout = convolutional ? ['channels_last'] : [];
  const variants = ['eager'];
  const modern = Number(version.split('.')[0]) >= 2;
  const compiles = modern && (isInstalled('g++') || isInstalled('clang++'));
  const options = kind === 'inference' || !modern ? layout : [...layout, 'fused'];
  if (options.length > 0) variants.push(options.join('+'));
  if (compiles) variants.push([...options, 'compiled'].join('+'));
  if (compiles && kind === 'inference') variants.push([...options, 'compiled', 'frozen'].join('+'));
  return variants;
}
