import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { QUIET_WAIT_MS } from './contest.mjs';
import { waitForQuiet } from './machine.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';

const NAMES = ['overhead/wall', 'overhead/recorded'];
/** How much of a run's time checkpoints and records may take together, in per cent. */
const TARGET_PERCENT = 2;

export const TASKS = [{ names: NAMES, measure }];

/**
 * The sample under one seed in a fresh process: `wall` is how much longer epochs take with everything that is written than the same
 * epochs without, in turns; `recorded` what a run itself says of it, the first of its process.
 *
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure({ executors, rounds, progress }) {
  const program = await bundleBench('overhead');
  const folder = join(ROOT, 'build', 'bench', 'overhead');
  const rows = [];
  for (const executor of executors) {
    /** @type {number[]} */
    const wall = [];
    /** @type {number[]} */
    const recorded = [];
    for (let round = 0; round < rounds; round++) {
      await waitForQuiet(QUIET_WAIT_MS);
      rmSync(folder, { recursive: true, force: true });
      const found = await measureProcess([process.execPath, program, folder, '--executor', executor]);
      const { seconds, recordedShare } = found;
      recorded.push(100 * recordedShare);
      wall.push((100 * (seconds.with - seconds.without)) / seconds.without);
      progress(
        `overhead round ${round + 1}: ${executor}, ${seconds.with.toFixed(1)} s with, ${seconds.without.toFixed(1)} s without`,
      );
    }
    const [ofWall, ofRecord] = NAMES.map((name) => ({
      ...{ name: `${name}/${executor}`, unit: '%', target: TARGET_PERCENT },
    }));
    rows.push(row(ofWall, wall), row(ofRecord, recorded));
  }
  rmSync(folder, { recursive: true, force: true });
  return { rows, notRun: [] };
}
