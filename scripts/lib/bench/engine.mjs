import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../paths.mjs';
import { capture } from '../run.mjs';
import { row } from './rows.mjs';
import { growth } from './statistics.mjs';

const NAMES = ['memory/sample', 'memory/growth'];

const TARGET_MB = 1000;
/** Over how many training steps of one phase memory is watched, once its start is over. */
const STEPS = 2000;
const START_STEPS = 500;
/** Over how many steps at both ends a median is taken, so that one collection of garbage yet to come does not count. */
const WINDOW_STEPS = 200;
const TARGET_GROWTH_MB = 10;
const SAMPLE_MS = 250;

export const TASKS = [{ names: NAMES, measure }];

/**
 * The engine on the sample (one seed), started by the command line as a user does it: its largest resident memory, and how
 * much it grows over 2,000 steps of one phase. Phases are no place to measure across: each loads a program of its own.
 *
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure({ progress }) {
  if (process.platform !== 'linux') {
    return { rows: [], notRun: NAMES.map((name) => ({ name, why: 'resident memory is read from /proc' })) };
  }
  const folder = join(ROOT, 'build', 'bench', 'sample');
  rmSync(folder, { recursive: true, force: true });
  const kd = join(ROOT, 'dist', 'kd.cjs');
  capture(process.execPath, [kd, 'new', folder]);
  const config = readdirSync(folder).find((name) => name.endsWith('.kd.yaml')) ?? '';
  const resident = await watch([
    kd,
    'run',
    join(folder, config),
    '--beside',
    '--json',
    '--set',
    'compare.seeds=[1]',
  ]);
  progress(`engine: ${resident.length} samples of its memory`);

  const peak = Math.max(...resident.map(({ megabytes }) => megabytes));
  const rows = [row({ name: 'memory/sample', unit: 'MB', target: TARGET_MB }, [peak])];
  const grown = growth(
    resident.flatMap(({ phase, step, megabytes }) =>
      phase === 'student' ? [{ step, value: megabytes }] : [],
    ),
    { from: START_STEPS, to: START_STEPS + STEPS, window: WINDOW_STEPS },
  );
  if (grown === undefined) {
    const why = `the student of the sample trains for fewer than ${START_STEPS + STEPS} steps`;
    return { rows, notRun: [{ name: 'memory/growth', why }] };
  }
  rows.push(row({ name: `memory/growth/${STEPS}-steps`, unit: 'MB', target: TARGET_GROWTH_MB }, [grown]));
  return { rows, notRun: [] };
}

/**
 * Runs `kd run --json` to its end and samples the engine's resident memory meanwhile.
 *
 * @param {string[]} command
 * @returns {Promise<{ phase: string, step: number, megabytes: number }[]>}
 */
async function watch(command) {
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const resident = [];
  let current = { phase: '', step: 0 };
  let timer;
  for await (const line of createInterface({ input: child.stdout })) {
    const record = JSON.parse(line);
    if (record.type === 'started') {
      const { pid } = JSON.parse(readFileSync(join(record.directory, 'run.json'), 'utf8')).process;
      timer = setInterval(() => {
        const megabytes = residentMegabytes(pid);
        if (megabytes !== undefined) resident.push({ ...current, megabytes });
      }, SAMPLE_MS);
    } else if (record.type === 'metrics') {
      current = { phase: record.phase, step: record.step };
    }
  }
  clearInterval(timer);
  const code = await ended;
  if (code !== 0) throw new Error(`kd run ended with ${code}`);
  return resident;
}

function residentMegabytes(pid) {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
