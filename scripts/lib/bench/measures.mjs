import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { QUIET_WAIT_MS } from './contest.mjs';
import { waitForQuiet } from './machine.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';
import { MEASURES_PERCENT } from './targets.mjs';

const NAMES = ['measures/gap', 'measures/similarity', 'measures/together'];

export const TASKS = [{ names: NAMES, measure }];

/**
 * How much of a student's phase goes into measuring its gap to the teacher and the similarity of their layers, at the defaults;
 * see `test/bench/measures.ts`.
 *
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure({ executors, rounds, progress }) {
  const program = await bundleBench('measures');
  const folder = join(ROOT, 'build', 'bench', 'measures');
  const rows = [];
  for (const executor of executors) {
    /** @type {number[][]} */
    const shares = NAMES.map(() => []);
    for (let round = 0; round < rounds; round++) {
      await waitForQuiet(QUIET_WAIT_MS);
      rmSync(folder, { recursive: true, force: true });
      const found = await measureProcess([process.execPath, program, folder, '--executor', executor]);
      const { phase, gap, similarity } = found;
      [gap, similarity, gap + similarity].forEach((spent, at) => shares[at].push((100 * spent) / phase));
      const texts = NAMES.map((name, at) => `${name} ${shares[at][round].toFixed(2)} %`);
      progress(`measures round ${round + 1}: ${executor}, ${phase.toFixed(1)} s, ${texts.join(', ')}`);
    }
    rows.push(
      ...NAMES.map((name, at) =>
        row({ name: `${name}/${executor}`, unit: '%', target: MEASURES_PERCENT }, shares[at]),
      ),
    );
  }
  rmSync(folder, { recursive: true, force: true });
  return { rows, notRun: [] };
}
