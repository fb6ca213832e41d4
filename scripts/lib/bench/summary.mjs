import { ourMegabytes, peerMegabytes } from './installed.mjs';
import { row } from './rows.mjs';
import { geometricMean } from './statistics.mjs';
import { TARGETS } from './targets.mjs';
import { BATCHES, NETWORKS } from './workloads.mjs';

/** Means over all networks and batches: what is measured, and the largest good ratio. */
const MEANS = { step: 'stepGeometricMean', memory: 'memory', 'first-step': 'firstStep' };

const FRAMEWORKS = { PyTorch: 'torch', TensorFlow: 'tensorflow', JAX: 'jax' };

export const NAMES = [...Object.keys(MEANS).map((prefix) => `${prefix}/geometric-mean`), 'size/training'];

/** Missing rows that are named. */
const SHOWN = 3;

/** Every combination of network and batch that a step is measured on. */
const WORKS = NETWORKS.flatMap((network) => BATCHES.map((batch) => `${network}/${batch}`));

/**
 * What follows from rows, whenever they were measured: the means of their ratios over all networks and batches.
 *
 * @param {import('./rows.mjs').Row[]} rows
 * @param {string[]} executors
 * @returns {import('./rows.mjs').Result}
 */
export function meansOf(rows, executors) {
  const known = new Map(rows.map((one) => [one.name, one]));
  /** @type {import('./rows.mjs').Result} */
  const result = { rows: [], notRun: [] };
  for (const executor of executors) {
    for (const [prefix, target] of Object.entries(MEANS)) {
      const name = `${prefix}/geometric-mean/${executor}`;
      const parts = WORKS.map((work) => known.get(`${prefix}/${work}/${executor}`));
      const missing = WORKS.filter((_, index) => (parts[index]?.ratio ?? null) === null);
      if (missing.length > 0) {
        result.notRun.push({ name, why: `needs rows beside a peer for ${shortened(missing)}` });
      } else {
        result.rows.push(meanRow(name, parts, TARGETS[target][executor] ?? null));
      }
    }
  }
  return result;
}

function shortened(names) {
  const [shown, rest] = [names.slice(0, SHOWN), names.length - SHOWN];
  return rest > 0 ? `${shown.join(', ')} and ${rest} others` : shown.join(', ');
}

function meanRow(name, parts, target) {
  const eager = parts.map((part) => part.eager?.ratio ?? null);
  const whole = eager.every((ratio) => ratio !== null);
  const ratios = parts.map(({ ratio }) => ratio);
  return {
    ...row({ name, unit: 'times the fastest peer', target }, [geometricMean(ratios)]),
    low: Math.min(...ratios),
    high: Math.max(...ratios),
    rounds: Math.min(...parts.map(({ rounds }) => rounds)),
    eager: whole ? { name: parts[0].eager.name, value: 1, ratio: geometricMean(eager) } : null,
  };
}

/**
 * The size on disk beside the framework that is most often the fastest in the rows of the training step.
 *
 * @param {import('./rows.mjs').Row[]} rows
 * @param {string[]} executors
 * @returns {Promise<import('./rows.mjs').Result>}
 */
export async function sizesOnDisk(rows, executors) {
  /** @type {import('./rows.mjs').Result} */
  const result = { rows: [], notRun: [] };
  for (const executor of executors) {
    const name = `size/training/${executor}`;
    const ours = await ourMegabytes(executor);
    const winner = mostOftenFastest(
      rows.filter((one) => WORKS.some((work) => one.name === `step/${work}/${executor}`)),
    );
    if (ours === undefined) result.notRun.push({ name, why: 'not all of it is here: npm run package' });
    else if (winner === undefined) result.notRun.push({ name, why: 'no step was measured beside a peer' });
    else result.rows.push(sizeRow(name, ours, winner, TARGETS.size[executor] ?? null));
  }
  return result;
}

function sizeRow(name, ours, winner, target) {
  const { megabytes, cuda } = peerMegabytes(FRAMEWORKS[winner]);
  const build = cuda
    ? `${winner}, the build of its registry, with libraries for GPUs`
    : `${winner}, CPU only`;
  return row({ name, unit: 'MB', target }, [ours], { name: build, values: [megabytes] });
}

function mostOftenFastest(steps) {
  const count = new Map();
  for (const { peerName } of steps) {
    const framework = peerName?.split(' ')[0];
    if (framework in FRAMEWORKS) count.set(framework, (count.get(framework) ?? 0) + 1);
  }
  return [...count].sort((a, b) => b[1] - a[1])[0]?.[0];
}
