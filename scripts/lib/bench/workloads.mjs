import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { bundleBench, measureProcess } from './processes.mjs';

/** Networks that a supervised step is measured on. */
export const NETWORKS = ['mlp', 'convnet', 'resnet8', 'resnet20', 'wrn-16-2', 'vgg8'];
export const BATCHES = [64, 128];

/** The pair that distillation is measured on. */
export const TEACHER = { name: 'resnet20', settings: {} };
export const STUDENT = { name: 'resnet8', settings: {} };

/**
 * One piece of work as `test/bench/workload-file.ts` declares it.
 *
 * @typedef {{ name: string, settings: Record<string, unknown> }} Network
 * @typedef {{ kind: 'step' | 'epoch' | 'inference', batch: number, student: Network, teacher?: Network, augmented?: boolean }} Workload
 */

/**
 * Writes what every contestant starts from, in a folder of its own.
 *
 * @param {string} name of the folder
 * @param {Workload} workload
 * @returns {Promise<string>} the folder
 */
export async function prepareWorkload(name, workload) {
  const folder = join(ROOT, 'build', 'bench', name.replaceAll('/', '-'));
  const complete = JSON.stringify({ teacher: null, augmented: false, ...workload });
  const program = await bundleBench('workload');
  await measureProcess([process.execPath, program, '--folder', folder, '--workload', complete]);
  return folder;
}

/** Multiply-adds of one step on this workload, forward and backward. */
export function stepMultiplyAdds(folder) {
  return JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')).stepMultiplyAdds;
}
