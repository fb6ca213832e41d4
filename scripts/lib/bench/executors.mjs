import { bundleBench, measureProcess } from './processes.mjs';

/**
 * The ways of running a step that serve on this machine, by the names that `test/bench/executors.ts` knows and the rows carry.
 *
 * @typedef {{ executors: string[], descriptions: string[], missing: import('./rows.mjs').NotRun[], packages: string | null }} Present
 *   `packages`: the `node_modules` that TensorFlow's package for Node lies in
 */

/** @type {Promise<Present> | undefined} */
let found;

/** @returns {Promise<Present>} */
export function presentExecutors() {
  found ??= findExecutors();
  return found;
}

async function findExecutors() {
  const program = await bundleBench('present');
  const { present, missing, packages } = await measureProcess([process.execPath, program]);
  return {
    executors: present.map(({ name }) => name),
    descriptions: present.map(({ description }) => description),
    missing: missing.map(({ name, why }) => ({ name: `all rows of ${name}`, why })),
    packages,
  };
}
