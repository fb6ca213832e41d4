#!/usr/bin/env node
/**
 * npm run bench [-- --json] [--only PATTERN[,PATTERN]] [--rounds N] [--store]
 * Measures speed and memory in fresh processes, beside PyTorch, TensorFlow and JAX where they are installed
 * (npm run bench:peers). With --json the table goes to standard error and the record to standard output. With --store
 * the rows take their place in docs/bench.md; with --only a part of it is renewed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as activation from './lib/bench/activation.mjs';
import * as book from './lib/bench/book.mjs';
import * as busy from './lib/bench/busy.mjs';
import * as compile from './lib/bench/compile.mjs';
import * as diagnostic from './lib/bench/diagnostic.mjs';
import * as engine from './lib/bench/engine.mjs';
import * as epoch from './lib/bench/epoch.mjs';
import * as estimate from './lib/bench/estimate.mjs';
import { presentExecutors } from './lib/bench/executors.mjs';
import * as gpu from './lib/bench/gpu.mjs';
import * as inference from './lib/bench/inference.mjs';
import { describeMachine } from './lib/bench/machine.mjs';
import * as measures from './lib/bench/measures.mjs';
import * as overhead from './lib/bench/overhead.mjs';
import * as panel from './lib/bench/panel.mjs';
import * as peak from './lib/bench/peak.mjs';
import { installedPeers } from './lib/bench/peers.mjs';
import { formatTable, isMissed } from './lib/bench/rows.mjs';
import * as runDirectory from './lib/bench/run-directory.mjs';
import * as scaling from './lib/bench/scaling.mjs';
import * as size from './lib/bench/size.mjs';
import * as step from './lib/bench/step.mjs';
import { matches, meaningless, merge, patternsOf, readStored, writeStored } from './lib/bench/store.mjs';
import { meansOf, NAMES as SUMMARIES, sizesOnDisk } from './lib/bench/summary.mjs';
import { optionsOf } from './lib/options.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';

/** @type {{ TASKS: Task[] }[]} */
const MEASURES = [
  peak,
  step,
  epoch,
  book,
  inference,
  busy,
  compile,
  scaling,
  engine,
  estimate,
  overhead,
  measures,
  runDirectory,
  diagnostic,
  panel,
  activation,
  size,
  gpu,
];
const DEFAULT_ROUNDS = 5;

/**
 * Rows that are measured together, by the beginnings of their names.
 *
 * @typedef {{ executors: string[], rounds: number, progress: (line: string) => void }} Context
 * @typedef {{ names: string[], measure: (context: Context) => Promise<import('./lib/bench/rows.mjs').Result> }} Task
 */

const options = optionsOf('bench', {
  json: { type: 'boolean' },
  only: { type: 'string' },
  rounds: { type: 'string' },
  store: { type: 'boolean' },
});
const rounds = Number(options.rounds ?? DEFAULT_ROUNDS);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`bench: --rounds wants a whole number from 1, got "${options.rounds}"`);
  process.exit(2);
}
const say = options.json ? console.error : console.log;
const progress = (line) => console.error(line);
const isWanted = (name) => matches(name, options.only);
/** A pattern may name a row (`step/resnet8/64/onnx`) of a task, or a part of its name. */
const isTouched = (name, pattern) => matches(name, pattern) || pattern.startsWith(name);
const touches = (name) => patternsOf(options.only).some((pattern) => isTouched(name, pattern));

if (!existsSync(join(ROOT, 'dist', 'engine.cjs'))) {
  /** @type {import('node:child_process').SpawnOptions} */
  const quiet = options.json ? { stdio: ['ignore', 2, 2] } : {};
  const code = await run(process.execPath, ['scripts/package.mjs'], quiet);
  if (code !== 0) process.exit(code);
}

const all = MEASURES.flatMap(({ TASKS }) => TASKS);
const unknown = meaningless(options.only, [...all.flatMap(({ names }) => names), ...SUMMARIES], isTouched);
if (unknown.length > 0) {
  console.error(`bench: nothing is called "${unknown.join('" or "')}"`);
  process.exit(2);
}
const tasks = all.filter(({ names }) => names.some(touches));
const { executors, descriptions, missing } = await presentExecutors();
const machine = describeMachine();
const measured = {
  date: new Date().toISOString().slice(0, 16),
  machine,
  command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
  versions: [
    ...descriptions,
    ...installedPeers().installed.map(({ framework, version }) => `${framework} ${version}`),
  ],
};

/** @type {import('./lib/bench/rows.mjs').Result} */
const result = { rows: [], notRun: [] };
await take([], { rows: [], notRun: missing });
for (const { names, measure } of tasks) {
  const found = await tried(names, () => measure({ executors, rounds, progress }));
  // After every task, so that hours of work are not lost with the last of them.
  await take(names, { ...found, rows: found.rows.filter(({ name }) => isWanted(name)) });
}
// What follows from the rows of all times, or of this time alone where nothing is stored.
const known = options.store ? readStored().rows : result.rows;
const summaries = SUMMARIES.some(touches);
if (summaries || options.store) await take([], meansOf(known, executors));
if (summaries) {
  const names = executors.map((executor) => `size/training/${executor}`);
  await take(names, await tried(names, () => sizesOnDisk(known, executors)));
}

say(`${machine}\n${formatTable(result.rows, result.notRun)}`);
const missed = result.rows.filter(isMissed);
if (missed.length > 0) say(`missed: ${missed.map(({ name }) => name).join(', ')}`);
if (options.json) console.log(JSON.stringify({ machine, ...result }));

/** What a measurement found; where it fails, its rows did not run, and why. */
async function tried(names, measure) {
  try {
    return await measure();
  } catch (error) {
    console.error(error.message);
    return { rows: [], notRun: names.map((name) => ({ name, why: error.message.split('\n', 1)[0] })) };
  }
}

async function take(names, found) {
  result.rows.push(...found.rows);
  result.notRun.push(...found.notRun);
  if (options.store) await writeStored(merge(readStored(), found, measured, names));
}
