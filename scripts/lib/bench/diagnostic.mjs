import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';

const TARGET_MS = 100;

export const TASKS = [{ names: ['diagnostic/300-lines'], measure }];

/**
 * From a keystroke in a 300-line file to its diagnostics, through the packaged language server.
 *
 * @param {{ rounds: number }} options
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure({ rounds }) {
  const program = await bundleBench('server');
  const slow = [];
  for (let round = 0; round < rounds; round++) {
    const { milliseconds } = await measureProcess([process.execPath, program]);
    slow.push(percentile(milliseconds, 0.95));
  }
  return {
    rows: [row({ name: 'diagnostic/300-lines/p95', unit: 'ms', target: TARGET_MS }, slow)],
    notRun: [],
  };
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
