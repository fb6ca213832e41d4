import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../paths.mjs';
import { capture } from '../run.mjs';
import { row } from './rows.mjs';
import { growth } from './statistics.mjs';

export const NAMES = ['memory/sample', 'memory/growth'];

const TARGET_MB = 1000;
/** Over how many training steps memory is watched. */
const STEPS = 2000;
const TARGET_GROWTH_MB = 10;
const SAMPLE_MS = 250;

/**
 * The engine on the sample (fewer epochs), started by the command line as a user does it: its largest resident memory, and how
 * much it grows over 2,000 steps.
 *
 * @returns {Promise<import('./rows.mjs').Result>}
 */
export async function measure({ progress }) {
  if (process.platform !== 'linux') {
    return { rows: [], notRun: NAMES.map((name) => ({ name, why: 'resident memory is read from /proc' })) };
  }
  const folder = join(ROOT, 'build', 'bench', 'sample');
  rmSync(folder, { recursive: true, force: true });
  const kd = join(ROOT, 'dist', 'kd.cjs');
  capture(process.execPath, [kd, 'new', folder]);
  const config = readdirSync(folder).find((name) => name.endsWith('.kd.yaml')) ?? '';
  const { resident, steps } = await watch([
    kd,
    'run',
    join(folder, config),
    '--json',
    '--set',
    'train.epochs=4',
  ]);
  progress(`engine: ${steps} steps, ${resident.length} samples of its memory`);

  const peak = Math.max(...resident.map(({ megabytes }) => megabytes));
  const rows = [row({ name: 'memory/sample', unit: 'MB', target: TARGET_MB }, [peak])];
  if (steps < STEPS) {
    return {
      rows,
      notRun: [{ name: 'memory/growth', why: `the sample has ${steps} steps, fewer than ${STEPS}` }],
    };
  }
  const grown = growth(resident.filter(({ step }) => step <= STEPS).map(({ megabytes }) => megabytes));
  rows.push(row({ name: `memory/growth/${STEPS}-steps`, unit: 'MB', target: TARGET_GROWTH_MB }, [grown]));
  return { rows, notRun: [] };
}

/**
 * Runs `kd run --json` to its end and samples the engine's resident memory meanwhile.
 *
 * @param {string[]} command
 * @returns {Promise<{ resident: { step: number, megabytes: number }[], steps: number }>}
 */
async function watch(command) {
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const resident = [];
  /** Steps of finished phases, and the newest step of the current one. */
  let finished = 0;
  let current = { phase: '', step: 0 };
  let timer;
  for await (const line of createInterface({ input: child.stdout })) {
    const record = JSON.parse(line);
    if (record.type === 'started') {
      const { pid } = JSON.parse(readFileSync(join(record.directory, 'run.json'), 'utf8')).process;
      timer = setInterval(() => {
        const megabytes = residentMegabytes(pid);
        if (megabytes !== undefined) resident.push({ step: finished + current.step, megabytes });
      }, SAMPLE_MS);
    } else if (record.type === 'metrics') {
      const phase = `${record.phase} ${record.seed}`;
      if (phase !== current.phase) finished += current.step;
      current = { phase, step: record.step };
    }
  }
  clearInterval(timer);
  const code = await ended;
  if (code !== 0) throw new Error(`kd run ended with ${code}`);
  return { resident, steps: finished + current.step };
}

function residentMegabytes(pid) {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
