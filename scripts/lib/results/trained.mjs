import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../paths.mjs';
import { baseOf, fileOf } from './configs.mjs';
import { isTeacher } from './keys.mjs';

/**
 * What is known of a row, kept in the cache: under which keys its run was made, which later commit ended with the same numbers, and
 * what profiling it gave. `seconds`: of a training that confirmed the row in less time than its own run took.
 *
 * @typedef {import('./keys.mjs').Keys & { run: string, command: string, commit: string, confirmed?: string, seconds?: number, machine: string, cost?: Cost | null }} State
 * @typedef {{ milliseconds: number, alone: number }} Cost a step's time, and that over the student's alone
 * @typedef {import('../../../src/protocol/records.ts').RunRecord} RunRecord
 */

const KD = join(ROOT, 'dist', 'kd.cjs');
const STOPPED = 3;
/** How often a run that another process trains is looked at. */
const LOOK_MS = 2000;

/** The run was stopped by the person; the same command goes on. */
export class Stopped extends Error {}

/** @returns {State | null} */
export function stateOf(folder, system) {
  const path = statePath(folder, system);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

/** The row is trained anew when it is next asked for; its run stays. */
export function forget(folder, system) {
  rmSync(statePath(folder, system), { force: true });
}

/** @param {State} state */
function keep(folder, system, state) {
  mkdirSync(join(folder, 'rows'), { recursive: true });
  writeFileSync(statePath(folder, system), `${JSON.stringify(state)}\n`);
}

function statePath(folder, system) {
  return join(folder, 'rows', `${fileOf(system)}.json`);
}

/** @returns {RunRecord | null} as it stands in the run's directory */
export function recordOf(folder, run) {
  const path = join(folder, '.kd', 'runs', run, 'run.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

/**
 * Seconds that the steps of the row's longest training took, of the student or what it is taught by. Of trainings that do the
 * same work, seed by seed or to confirm a row, the fastest counts: what else runs on a machine only adds to it.
 *
 * @param {string} folder
 * @param {State} state
 * @param {RunRecord} record
 * @returns {number | null} null where none was finished
 */
export function secondsOfTraining(folder, { seconds = Infinity }, record) {
  const own = secondsOf(folder, record);
  return own === null ? null : Math.min(own, seconds);
}

/**
 * @param {string} folder
 * @param {RunRecord} record
 * @returns {number | null}
 */
function secondsOf(folder, { id, results }) {
  if (results === undefined) return null;
  const steps = new Map();
  const metrics = readFileSync(join(folder, '.kd', 'runs', id, 'metrics.jsonl'), 'utf8');
  for (const line of metrics.split('\n').filter((text) => text !== '')) {
    const { phase, step } = JSON.parse(line);
    steps.set(phase, Math.max(step, steps.get(phase) ?? 0));
  }
  const fastest = new Map();
  for (const { phase, millisecondsPerStep } of results.phases) {
    const seconds = (millisecondsPerStep * (steps.get(phase) ?? 0)) / 1000;
    fastest.set(phase, Math.min(seconds, fastest.get(phase) ?? Infinity));
  }
  return Math.max(...fastest.values());
}

/**
 * Whether the row was trained under this key, to the end or to a failure.
 *
 * @param {boolean} withCost and profiled
 */
export function isTrained(folder, system, { key }, withCost) {
  const state = stateOf(folder, system);
  if (state === null || state.key !== key || (withCost && state.cost === undefined)) return false;
  const status = recordOf(folder, state.run)?.status;
  return status === 'completed' || status === 'failed';
}

/**
 * Trains a row by `kd run`, or goes on with its run, and measures what a step of it costs by `kd profile`, if that is wanted.
 *
 * @param {string} folder
 * @param {import('./systems.mjs').System} system
 * @param {{ keys: import('./keys.mjs').Keys, teacherRun: string | null, commit: string, machine: string, withCost: boolean, progress: (line: string) => void }} how
 * @returns {Promise<{ state: State, record: RunRecord }>} a completed or failed run
 * @throws Stopped where it was interrupted; Error where nothing can be trained here
 */
export async function train(folder, system, { keys, teacherRun, commit, machine, withCost, progress }) {
  const before = stateOf(folder, system);
  /** @type {State | null} */
  let state = before?.key === keys.key && recordOf(folder, before.run) !== null ? before : null;
  if (state === null) {
    const args = ['run', fileOf(system), ...overridesFor(system, teacherRun)];
    const command = ['kd', ...args.map((arg) => (/\s/.test(arg) ? `'${arg}'` : arg))].join(' ');
    await kd(folder, [...args, '--beside'], {
      onRecord: (record) => {
        if (record.type !== 'started') return;
        state = { ...keys, run: record.run, command, commit, machine };
        keep(folder, system, state);
      },
    });
  }
  if (state === null) throw new Error(`${system.name}: the run did not start`);
  const record = await ended(folder, state.run, progress);
  if (withCost && state.cost === undefined) {
    const hasCost = record.status === 'completed' && !isTeacher(system);
    state = { ...state, cost: hasCost ? await costOf(folder, system, progress) : null };
    keep(folder, system, state);
  }
  return { state, record };
}

/**
 * Trains the first seed of a row again after its code was changed. Where that ends with the same numbers to the last bit, the row
 * counts as made with the code of now.
 *
 * @param {string} folder
 * @param {import('./systems.mjs').System} system
 * @param {{ keys: import('./keys.mjs').Keys, teacherRun: string | null, commit: string, progress: (line: string) => void }} how
 * @returns {Promise<boolean | null>} null where it cannot be told: never finished, or its experiment or data are others now
 */
export async function confirm(folder, system, { keys, teacherRun, commit, progress }) {
  const state = stateOf(folder, system);
  const before = state === null ? null : recordOf(folder, state.run);
  if (state === null || state.asked !== keys.asked || before?.status !== 'completed') return null;
  const first = before.results?.phases.find(({ phase }) => phase === 'student')?.seed;
  const seeds = first === undefined ? [] : ['--set', `compare.seeds=[${first}]`];
  let run = '';
  await kd(folder, ['run', fileOf(system), ...overridesFor(system, teacherRun), ...seeds, '--beside'], {
    onRecord: (record) => {
      if (record.type === 'started') run = record.run;
    },
  });
  const again = await ended(folder, run, progress);
  const numbers = numbersOf(again);
  const known = new Map(numbersOf(before));
  const same = numbers.length > 0 && numbers.every(([name, text]) => known.get(name) === text);
  if (same) {
    const seconds = Math.min(secondsOf(folder, again) ?? Infinity, state.seconds ?? Infinity);
    keep(folder, system, { ...state, ...keys, confirmed: commit, seconds });
  }
  await kd(folder, ['rm', run]);
  return same;
}

/**
 * What every phase came to, as text, by phase and seed.
 *
 * @param {RunRecord} record
 * @returns {[string, string][]}
 */
function numbersOf({ results }) {
  return (results?.phases ?? []).map(({ phase, seed, validation, test, lastTest }) => [
    `${phase} ${seed}`,
    JSON.stringify([validation, test, lastTest]),
  ]);
}

/** What a row does not train itself. A reader who runs its file without these gets all of it in one run. */
function overridesFor(system, teacherRun) {
  const base = baseOf(system);
  const trainsAlone = system.ownBaseline === true || base.reference === system.name;
  const changes = [
    ...(trainsAlone ? [] : ['compare.baseline=false']),
    ...(teacherRun === null ? [] : [`models.teacher={run: ${teacherRun}, model: teacher}`]),
  ];
  return changes.flatMap((change) => ['--set', change]);
}

/** Follows a run to its end, going on with it where it was interrupted. */
async function ended(folder, run, progress) {
  for (;;) {
    const record = recordOf(folder, run);
    if (record === null) throw new Error(`run ${run} is gone from ${folder}`);
    if (record.status === 'completed' || record.status === 'failed') return record;
    const { status } = JSON.parse(await kd(folder, ['show', run, '--json']));
    if (status === 'interrupted' || status === 'stopped') {
      progress(`  goes on with run ${run}`);
      await kd(folder, ['resume', run, '--beside'], {});
    } else {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

/**
 * Whole steps of student and student alone, in turns in one process, so that a busy machine slows both. Where a student learns in
 * several phases, the last of them counts. A row whose step cannot be measured has no cost, and says why.
 */
async function costOf(folder, system, progress) {
  try {
    const { steps } = JSON.parse(await kd(folder, ['profile', fileOf(system), '--whole', '--json']));
    const [model] = steps.find(({ phase }) => phase === 'baseline')?.learners ?? [];
    const student = steps.findLast(
      ({ learners, overAlone }) => overAlone !== null && learners.includes(model),
    );
    if (student === undefined) throw new Error('it trains no student beside a student alone');
    return { milliseconds: student.milliseconds, alone: student.overAlone.ratio };
  } catch (error) {
    if (error instanceof Stopped) throw error;
    progress(`  no cost: ${error.message.trim()}`);
    return null;
  }
}

/**
 * The product's own command in the folder of the experiments. An interrupt is passed on once, so that the run ends with
 * a checkpoint. A run that fails is a result; its record says why.
 *
 * @param {string} folder
 * @param {string[]} args
 * @param {{ onRecord?: (record: any) => void }} [stream] given: the command prints a record a line
 * @returns {Promise<string>} what it printed, unless it is a stream
 */
async function kd(folder, args, stream) {
  const streamed = stream === undefined ? args : [...args, '--json'];
  const child = spawn(process.execPath, [KD, ...streamed], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    child.kill('SIGINT');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  let output = '';
  let complaints = '';
  let started = false;
  child.stderr.setEncoding('utf8').on('data', (text) => (complaints += text));
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    if (stream === undefined) output += `${line}\n`;
    else {
      started = true;
      stream.onRecord?.(JSON.parse(line));
    }
  });
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => resolve(exit ?? 1));
    });
    if (code === STOPPED || (interrupted && code !== 0)) throw new Stopped(`${args.join(' ')} was stopped`);
    if (code !== 0 && !(started && code === 1)) {
      throw new Error(`kd ${args.join(' ')} ended with ${code}: ${complaints.trim()}`);
    }
    return output;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
