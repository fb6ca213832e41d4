#!/usr/bin/env node
/**
 * npm start [-- FILE [options of kd run]]
 * Installs what is missing, builds, and runs an experiment: the sample (real digits, three seeds), or any config.
 */
import { join, resolve } from 'node:path';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

const OLDEST_NODE = 20;
const SAMPLE = join(ROOT, 'media', 'sample', 'mnist.kd.yaml');

const [file, ...options] = process.argv.slice(2);
// npm changes to the project's folder; a path is meant as seen from where the person stands.
const from = process.env.INIT_CWD ?? process.cwd();
const config = file === undefined ? SAMPLE : resolve(from, file);

// The second Ctrl+C ends `kd run` at once; this script only waits for it.
process.on('SIGINT', () => undefined);
process.exitCode = await start();

async function start() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    console.error(`Node.js ${OLDEST_NODE} or newer is needed; this is ${process.versions.node}.`);
    return 4;
  }
  const installed = await ensureDependencies();
  if (installed !== 0) return installed;
  const built = await run(process.execPath, [join(ROOT, 'scripts', 'build.mjs')]);
  if (built !== 0) return built;
  return run(process.execPath, [join(ROOT, 'dist', 'kd.cjs'), 'run', config, ...options]);
}
