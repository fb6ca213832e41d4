import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { capture } from '../run.mjs';
import { presentExecutors } from './executors.mjs';
import { installedPeers } from './peers.mjs';

/** Of the product: what training from the command line loads, and the runtime that lies beside it. */
const PRODUCT = ['engine.cjs', 'engine-worker.cjs', 'kd.cjs', 'golden'].map((name) =>
  join(ROOT, 'dist', name),
);
const ONNX_RUNTIME = join(ROOT, 'dist', 'node_modules');

const DISTRIBUTIONS = {
  torch: ['torch'],
  tensorflow: ['tensorflow-cpu', 'tensorflow'],
  jax: ['jax'],
};

const MEGABYTE = 1e6;

/** Megabytes on disk that our training needs beside Node; undefined where a part of it is not here. */
export async function ourMegabytes(executor) {
  const runtime = executor === 'onnx' ? ONNX_RUNTIME : (await presentExecutors()).packages;
  if (runtime === null) return undefined;
  const parts = [...PRODUCT, runtime];
  return parts.every((path) => existsSync(path))
    ? parts.reduce((sum, path) => sum + bytesOf(path), 0) / MEGABYTE
    : undefined;
}

/**
 * Megabytes on disk that a framework needs beside Python, and whether its build brings libraries for GPUs.
 *
 * @param {string} framework
 */
export function peerMegabytes(framework) {
  const python = installedPeers().installed.find((one) => one.framework === framework)?.python ?? 'python3';
  const script = join('test', 'bench', 'peers', 'installed_size.py');
  const { bytes, cuda } = JSON.parse(capture(python, [script, ...DISTRIBUTIONS[framework]]));
  return { megabytes: bytes / MEGABYTE, cuda };
}

function bytesOf(path) {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}
