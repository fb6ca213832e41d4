import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const TORCH_STEP = 'test/bench/peers/torch_step.py';

/** Pythons that may have a PyTorch: the one that is named, the first on PATH, Debian's. */
const PYTHONS = [process.env.KD_BENCH_PYTHON, 'python3', '/usr/bin/python3'].filter(
  (path) => path !== undefined,
);

/** An allocator that keeps large buffers; it brings PyTorch from 35 to 22 ms a step. */
const TCMALLOC = [
  '/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4',
  '/usr/lib/aarch64-linux-gnu/libtcmalloc_minimal.so.4',
].find((path) => existsSync(path));

/**
 * @typedef {{ name: string, command: string[], environment: Record<string, string> }} Peer
 * @param {string} state what `step.ts --dump` wrote
 * @returns {{ peers: Peer[], why: string }} `why` there are none
 */
export function findPeers(state) {
  for (const python of PYTHONS) {
    const found = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
    if (found.status === 0)
      return { peers: variants(python, found.stdout.trim().split('+')[0], state), why: '' };
  }
  return {
    peers: [],
    why: 'no Python with PyTorch (Debian: apt-get install python3-torch; another: KD_BENCH_PYTHON=/path/to/python)',
  };
}

/** PyTorch as most people run it, and tuned as far as the version goes. */
function variants(python, version, state) {
  const [major] = version.split('.').map(Number);
  const options =
    major >= 2
      ? ['eager', 'channels_last+fused', 'channels_last+compiled+fused']
      : ['eager', 'channels_last'];
  const plain = options.map((option) => peer(option, {}));
  return TCMALLOC === undefined
    ? plain
    : [...plain, peer(options[options.length - 1], { LD_PRELOAD: TCMALLOC }, ' tcmalloc')];

  function peer(option, environment, suffix = '') {
    return {
      name: `PyTorch ${version} ${option}${suffix}`,
      command: [python, TORCH_STEP, option, state],
      environment,
    };
  }
}
