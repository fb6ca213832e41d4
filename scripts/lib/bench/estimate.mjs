import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { capture } from '../run.mjs';
import { QUIET_WAIT_MS } from './contest.mjs';
import { waitForQuiet } from './machine.mjs';
import { row } from './rows.mjs';

const SAMPLE = join(ROOT, 'media', 'sample');
/** Where runs and books lie; the folder that has it is the root of its experiments. */
const STORE = '.kd';
const ENDING = '.kd.yaml';
/** How far the time that a dry run tells may lie from that of the run, in per cent of the run. */
const TARGET_PERCENT = 20;
/** A run takes minutes, and a dry run that is off is off each time. */
const MOST_ROUNDS = 3;

/** Each experiment of the sample set, under one seed. */
export const TASKS = readdirSync(SAMPLE)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => {
    const name = `estimate/${file.slice(0, -ENDING.length)}`;
    return { names: [name, signedName(name)], measure: (context) => measure(file, name, context) };
  });

function signedName(name) {
  return `${name}/signed`;
}

/**
 * The time as `kd dry-run` tells it, against the seconds that the run then takes, from its start to its end as its own record has
 * them; one after the other in each round. A second row has the difference with its sign: below 0 less was told than taken.
 *
 * @returns {Promise<import('./rows.mjs').Result>}
 */
async function measure(file, name, { rounds, progress }) {
  const folder = join(ROOT, 'build', 'bench', 'estimate');
  const config = join(folder, file);
  const kd = join(ROOT, 'dist', 'kd.cjs');
  const ask = (...args) => capture(process.execPath, [kd, ...args], { cwd: folder });
  const signed = [];
  for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
    // In a fresh folder: a book of the round before would spare what is to be told.
    rmSync(folder, { recursive: true, force: true });
    cpSync(SAMPLE, folder, { recursive: true, filter: (path) => basename(path) !== STORE });
    mkdirSync(join(folder, STORE));
    writeFileSync(config, readFileSync(config, 'utf8').replace(/seeds: \[[^\]]*\]/, 'seeds: [1]'));
    await waitForQuiet(QUIET_WAIT_MS);
    const told = JSON.parse(ask('dry-run', config, '--json')).seconds;
    await waitForQuiet(QUIET_WAIT_MS);
    const lines = ask('run', config, '--beside', '--json').trim().split('\n');
    const finished = JSON.parse(lines.at(-1) ?? '{}');
    const record = JSON.parse(ask('show', finished.directory, '--json'));
    const took = (Date.parse(record.finishedAt) - Date.parse(record.startedAt)) / 1000;
    signed.push((100 * (told - took)) / took);
    const off = signed[round].toFixed(1);
    progress(`${name} round ${round + 1}: ${told.toFixed(1)} s told, ${took.toFixed(1)} s taken, ${off} %`);
  }
  rmSync(folder, { recursive: true, force: true });
  const rows = [
    row({ name, unit: '%', target: TARGET_PERCENT }, signed.map(Math.abs)),
    row({ name: signedName(name), unit: '%', target: null }, signed),
  ];
  return { rows, notRun: [] };
}
