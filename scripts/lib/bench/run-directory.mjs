import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { capture } from '../run.mjs';
import { QUIET_WAIT_MS } from './contest.mjs';
import { waitForQuiet } from './machine.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';

const RECORDS = 1_000_000;
const RUNS = 1000;
const TARGETS = { attachMs: 1000, attachMb: 200, listMs: 1000 };

const ATTACH = ['attach/1,000,000-records/time', 'attach/1,000,000-records/memory'];
const LIST = 'runs/1,000';

/** What a window and the command line do with run directories that hold much. */
export const TASKS = [
  { names: ATTACH, measure: attach },
  { names: [LIST], measure: list },
];

/**
 * Opening the panel on a run with a million metrics records: from nothing to the snapshot that the panel is sent, in a fresh
 * process each round, and the largest memory of that process.
 *
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function attach({ rounds, progress }) {
  const folder = freshFolder('attach');
  const many = await bundleBench('many-records');
  const { directory } = await measureProcess([process.execPath, many, folder, '--records', String(RECORDS)]);
  const program = await bundleBench('attach');
  const found = [];
  for (let round = 0; round < rounds; round++) {
    await waitForQuiet(QUIET_WAIT_MS);
    found.push(await measureProcess([process.execPath, program, directory]));
    progress(`attach round ${round + 1}`);
  }
  rmSync(folder, { recursive: true, force: true });
  const [time, memory] = ATTACH;
  return {
    rows: [
      row(
        { name: time, unit: 'ms', target: TARGETS.attachMs },
        found.map(({ milliseconds }) => milliseconds),
      ),
      row(
        { name: memory, unit: 'MB', target: TARGETS.attachMb },
        found.map(({ megabytes }) => megabytes),
      ),
    ],
    notRun: [],
  };
}

/**
 * `kd runs` over a thousand runs, from the start of its process to its end.
 *
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function list({ rounds, progress }) {
  const folder = freshFolder('runs');
  const many = await bundleBench('many-runs');
  await measureProcess([process.execPath, many, folder, '--runs', String(RUNS)]);
  const times = [];
  for (let round = 0; round < rounds; round++) {
    await waitForQuiet(QUIET_WAIT_MS);
    const began = performance.now();
    const listed = capture(process.execPath, [join(ROOT, 'dist', 'kd.cjs'), 'runs'], { cwd: folder });
    times.push(performance.now() - began);
    // One line a run below the head.
    if (listed.trim().split('\n').length < RUNS + 1) throw new Error('kd runs did not list them all');
    progress(`runs round ${round + 1}`);
  }
  rmSync(folder, { recursive: true, force: true });
  return { rows: [row({ name: LIST, unit: 'ms', target: TARGETS.listMs }, times)], notRun: [] };
}

function freshFolder(name) {
  const folder = join(ROOT, 'build', 'bench', name);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}
