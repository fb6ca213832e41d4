import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { capture } from '../run.mjs';
import { row } from './rows.mjs';

const NAMES = ['estimate/sample', 'overhead/sample'];
/** How far the time that a dry run tells may lie from that of the run, in per cent of the run. */
const TARGET_PERCENT = 20;
/** How much of a run's time checkpoints and records may take together. */
const TARGET_OVERHEAD_PERCENT = 2;

export const TASKS = [{ names: NAMES, measure }];

/**
 * The time of the whole sample as `kd dry-run` tells it before, against the seconds that the run then takes, from its start to
 * its end as its own record has them; and the share of that time that went into checkpoints and records.
 *
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure({ progress }) {
  const folder = join(ROOT, 'build', 'bench', 'estimate');
  rmSync(folder, { recursive: true, force: true });
  const kd = join(ROOT, 'dist', 'kd.cjs');
  const ask = (...args) => capture(process.execPath, [kd, ...args]);
  ask('new', folder);
  const config = join(folder, readdirSync(folder).find((name) => name.endsWith('.kd.yaml')) ?? '');
  const told = JSON.parse(ask('dry-run', config, '--json')).seconds;
  const lines = ask('run', config, '--json').trim().split('\n');
  const finished = JSON.parse(lines.at(-1) ?? '{}');
  const record = JSON.parse(ask('show', finished.directory, '--json'));
  const took = (Date.parse(record.finishedAt) - Date.parse(record.startedAt)) / 1000;
  progress(`estimate: ${told.toFixed(0)} s told, ${took.toFixed(0)} s taken`);
  const off = (100 * Math.abs(told - took)) / took;
  const { seconds, checkpoints, checkpointSeconds, recordSeconds } = record.progress.spent;
  const overhead = (100 * (checkpointSeconds + recordSeconds)) / seconds;
  progress(`overhead: ${checkpoints} checkpoints`);
  return {
    rows: [
      row({ name: NAMES[0], unit: '%', target: TARGET_PERCENT }, [off]),
      row({ name: NAMES[1], unit: '%', target: TARGET_OVERHEAD_PERCENT }, [overhead]),
    ],
    notRun: [],
  };
}
