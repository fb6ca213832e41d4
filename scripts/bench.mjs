#!/usr/bin/env node
/**
 * npm run bench [-- --json] [--only PATTERN] [--rounds N]
 * Measures speed and memory in fresh processes, beside PyTorch where it is installed. With --json the table goes to
 * standard error and the record to standard output.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as activation from './lib/bench/activation.mjs';
import * as diagnostic from './lib/bench/diagnostic.mjs';
import * as engine from './lib/bench/engine.mjs';
import { describeMachine } from './lib/bench/machine.mjs';
import { formatTable, isMissed } from './lib/bench/rows.mjs';
import * as size from './lib/bench/size.mjs';
import * as step from './lib/bench/step.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

const MEASURES = [step, engine, diagnostic, activation, size];
const DEFAULT_ROUNDS = 5;

const { values: options } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' }, rounds: { type: 'string' } },
});
const rounds = Number(options.rounds ?? DEFAULT_ROUNDS);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`bench: --rounds wants a whole number from 1, got "${options.rounds}"`);
  process.exit(2);
}
const say = options.json ? console.error : console.log;
const isWanted = (name) => options.only === undefined || name.includes(options.only);

if (!existsSync(join(ROOT, 'dist', 'engine.cjs'))) {
  /** @type {import('node:child_process').SpawnOptions} */
  const quiet = options.json ? { stdio: ['ignore', 2, 2] } : {};
  const code = await run(process.execPath, ['scripts/package.mjs'], quiet);
  if (code !== 0) process.exit(code);
}

/** @type {{ machine: string } & import('./lib/bench/rows.mjs').Result} */
const result = { machine: describeMachine(), rows: [], notRun: [] };
for (const { NAMES, measure } of MEASURES) {
  if (!NAMES.some((name) => isWanted(name) || options.only?.startsWith(name))) continue;
  try {
    const { rows, notRun } = await measure({ rounds, progress: (line) => console.error(line) });
    result.rows.push(...rows.filter(({ name }) => isWanted(name)));
    result.notRun.push(...notRun);
  } catch (error) {
    result.notRun.push(...NAMES.map((name) => ({ name, why: error.message.split('\n', 1)[0] })));
    console.error(error.message);
  }
}

say(`${result.machine}\n${formatTable(result.rows, result.notRun)}`);
const missed = result.rows.filter(isMissed);
if (missed.length > 0) say(`missed: ${missed.map(({ name }) => name).join(', ')}`);
if (options.json) console.log(JSON.stringify(result));
