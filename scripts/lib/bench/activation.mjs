import { existsSync } from 'node:fs';
import { prepareRealVSCode } from '../real-vscode.mjs';
import { vsixFile } from '../vsix.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';

const TARGET_MS = 100;

export const TASKS = [{ names: ['activation'], measure }];

/**
 * Loading and activating the packaged extension in a real VS Code, a new one each round.
 *
 * @param {{ rounds: number }} options
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure({ rounds }) {
  const missing = existsSync(vsixFile()) ? prepareRealVSCode() : 'no package yet: npm run package';
  if (missing !== undefined) return { rows: [], notRun: [{ name: 'activation', why: missing }] };
  const program = await bundleBench('activation');
  const times = [];
  for (let round = 0; round < rounds; round++) {
    times.push((await measureProcess([process.execPath, program])).milliseconds);
  }
  return { rows: [row({ name: 'activation', unit: 'ms', target: TARGET_MS }, times)], notRun: [] };
}
