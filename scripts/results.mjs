#!/usr/bin/env node
/**
 * npm run results [-- --only PATTERN] [--list] [--fresh] [--confirm] [--diagnose] [--no-cost] [--json]
 * Trains every row of scripts/lib/results/systems.mjs by `kd run`, three seeds each, and writes docs/results.json and the pages
 * made from it. A row whose code, settings and data are those of its last run is not trained again; an interrupted table goes
 * on where it was. --only: rows with the pattern in their name. --list: the state of each, nothing trained. --fresh: train
 * anew what is known. --confirm: where the code alone has changed, train the first seed; the row stays if it ends with the same
 * numbers. --diagnose: ask the rules of the diagnosis again about the runs that are there, nothing trained. --no-cost: leave the cost of a step to a later call, on a quiet machine. --json: the rows to standard output, all else to standard error.
 */
import { join } from 'node:path';
import { describeMachine } from './lib/bench/machine.mjs';
import { matches, meaningless } from './lib/bench/store.mjs';
import { optionsOf } from './lib/options.mjs';
import { resultsFolder } from './lib/results/cache.mjs';
import { describedBases, teacherOf, writeConfigs } from './lib/results/configs.mjs';
import { isTeacher, keysOf, referencesOf, systemNamed } from './lib/results/keys.mjs';
import { loadProduct } from './lib/results/product.mjs';
import { merge, readStored, rowOf, writeStored } from './lib/results/store.mjs';
import { SYSTEMS } from './lib/results/systems.mjs';
import {
  confirm,
  forget,
  isTrained,
  recordOf,
  secondsOfTraining,
  stateOf,
  Stopped,
  train,
} from './lib/results/trained.mjs';
import { capture, run } from './lib/run.mjs';

const options = optionsOf('results', {
  only: { type: 'string' },
  list: { type: 'boolean' },
  fresh: { type: 'boolean' },
  confirm: { type: 'boolean' },
  diagnose: { type: 'boolean' },
  'no-cost': { type: 'boolean' },
  json: { type: 'boolean' },
});
const say = options.json ? console.error : console.log;
const wanted = SYSTEMS.filter(({ name }) => matches(name, options.only));
const unknown = meaningless(
  options.only,
  SYSTEMS.map(({ name }) => name),
);
if (unknown.length > 0) {
  console.error(`results: no row is called "${unknown.join('" or "')}"`);
  process.exit(2);
}
/** Before each row what it builds on: teacher and student alone come from those runs. */
const queue = [...new Set(wanted.flatMap((system) => [...referencesOf(system).map(systemNamed), system]))];

/** @type {import('node:child_process').SpawnOptions} */
const quiet = { stdio: ['ignore', 2, 2] };
if (!options.list) await orExit(run(process.execPath, ['scripts/build.mjs'], quiet));
const folder = resultsFolder();
writeConfigs(folder, SYSTEMS);
const { checkFile, compareAll, comparedBy, valuesText, diagnosed } = await loadProduct();
const keys = await keysOf(folder, checkFile);
const withCost = options['no-cost'] !== true;
const known = { keys, bases: describedBases(), compareAll, comparedBy };

process.exitCode = options.list ? list() : await (options.diagnose ? diagnoseAgain() : trainAll());

function list() {
  for (const { name } of wanted) {
    const system = systemNamed(name);
    const state = stateOf(folder, system);
    const words = isTrained(folder, system, keysFor(system), true)
      ? 'done'
      : state === null
        ? 'never run'
        : state.key !== keysFor(system).key
          ? 'stale'
          : isTrained(folder, system, keysFor(system), false)
            ? 'no cost yet'
            : 'interrupted';
    say(`${name.padEnd(28)} ${words.padEnd(12)} ${state?.run ?? ''}`);
  }
  return 0;
}

/** What the rules say of each stored row whose run is there. */
async function diagnoseAgain() {
  const stored = readStored();
  const rows = stored.rows.map((row) => {
    const system = wanted.find(({ name }) => name === row.name);
    const state = system === undefined ? null : stateOf(folder, system);
    const record = state === null ? null : recordOf(folder, state.run);
    if (record === null || record.finishedAt !== row.measured.date) return row;
    return { ...row, ...diagnosed(directoryOf(record.id)) };
  });
  await writeStored({ ...stored, rows });
  await orExit(run(process.execPath, ['scripts/make-docs.mjs'], quiet));
  return 0;
}

function directoryOf(run) {
  return join(folder, '.kd', 'runs', run);
}

async function trainAll() {
  if (options.fresh) for (const system of wanted) forget(folder, system);
  const unable = [];
  const begun = performance.now();
  const where = { commit: commit(), machine: describeMachine() };
  for (const [at, system] of queue.entries()) {
    const how = {
      keys: keysFor(system),
      teacherRun: runOfTeacher(system),
      ...where,
      progress: console.error,
    };
    try {
      const cached = await isKnown(system, how);
      const { state, record } = await train(folder, system, { ...how, withCost });
      const row = rowOf(
        system,
        state,
        record,
        secondsOfTraining(folder, state, record),
        diagnosed(directoryOf(record.id)),
      );
      // After every row, so that nothing is lost with the last of them.
      await writeStored(merge(readStored(), [row], known));
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      const end = cached ? 'as before' : record.status;
      say(`${at + 1}/${queue.length} ${system.name}: ${end}, after ${seconds} s in all`);
    } catch (error) {
      if (error instanceof Stopped) {
        console.error(`${system.name} was stopped; the same command goes on with it`);
        return 3;
      }
      console.error(`${system.name} could not be run: ${error.message}`);
      unable.push(system.name);
    }
  }
  await orExit(run(process.execPath, ['scripts/make-docs.mjs'], quiet));
  const { rows } = readStored();
  const shown = rows.filter(({ name }) => wanted.some((system) => system.name === name));
  for (const { name, status, againstAlone, test } of shown) {
    const values = test.map((one) => valuesText([one])).join('; ');
    say(`${name.padEnd(28)} ${values || status}  ${againstAlone?.verdict ?? ''}`);
  }
  say(`docs/results.md; experiment files and runs: ${folder}`);
  if (unable.length > 0) console.error(`could not be run: ${unable.join(', ')}`);
  if (options.json) console.log(JSON.stringify(shown));
  return unable.length > 0 ? 1 : 0;
}

/** Whether nothing is left to train; a row of other code is looked at again where that was asked for. */
async function isKnown(system, how) {
  if (isTrained(folder, system, how.keys, withCost)) return true;
  if (!options.confirm || stateOf(folder, system)?.key === how.keys.key) return false;
  const same = await confirm(folder, system, how);
  if (same === false) say(`${system.name}: other numbers than at ${stateOf(folder, system)?.commit}`);
  return same === true && isTrained(folder, system, how.keys, withCost);
}

function keysFor(system) {
  return keys.get(system.name) ?? { key: '', asked: '' };
}

/** The run that trained the row's teacher; null where it has none. */
function runOfTeacher(system) {
  const teacher = teacherOf(system);
  if (teacher === null || isTeacher(system)) return null;
  return stateOf(folder, systemNamed(teacher.trainedBy))?.run ?? null;
}

/** The commit that the code comes from, and whether it was changed since. */
function commit() {
  const [head, changes] = [
    ['rev-parse', '--short=10', 'HEAD'],
    ['status', '--porcelain', '--', 'src', 'scripts'],
  ].map((args) => capture('git', args).trim());
  return changes === '' ? head : `${head} and changes`;
}

async function orExit(running) {
  const code = await running;
  if (code !== 0) process.exit(code);
}
