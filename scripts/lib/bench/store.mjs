import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../paths.mjs';
import { storedPage } from './page.mjs';

const DATA = join(ROOT, 'docs', 'bench.json');
const PAGE = join(ROOT, 'docs', 'bench.md');

/**
 * A row and how it came to be.
 *
 * @typedef {import('./rows.mjs').Row & { measured: Measured }} StoredRow
 * @typedef {{ date: string, machine: string, command: string, versions: string[] }} Measured
 * @typedef {{ rows: StoredRow[], notRun: import('./rows.mjs').NotRun[] }} Stored
 */

/** @returns {Stored} what was measured before */
export function readStored() {
  return existsSync(DATA) ? JSON.parse(readFileSync(DATA, 'utf8')) : { rows: [], notRun: [] };
}

/**
 * Whether a row is meant by `--only`: the pattern stands in its name from the start of a part on. `step` means
 * `step/mlp/64/onnx` and not `first-step/mlp/64/onnx`.
 *
 * @param {string} name
 * @param {string} [patterns] one, or several with commas between; none: every row
 */
export function matches(name, patterns = '') {
  return patternsOf(patterns).some((pattern) => `/${name}`.includes(`/${pattern}`));
}

/**
 * Those of several patterns that mean none of the names.
 *
 * @param {string | undefined} patterns
 * @param {readonly string[]} names
 * @param {(name: string, pattern: string) => boolean} [isMeant]
 */
export function meaningless(patterns, names, isMeant = matches) {
  return patternsOf(patterns).filter((pattern) => !names.some((name) => isMeant(name, pattern)));
}

/** @param {string} [patterns] what `--only` was given */
export function patternsOf(patterns = '') {
  const given = patterns.split(',').filter((pattern) => pattern !== '');
  return given.length === 0 ? [''] : given;
}

/**
 * The table with what is new in place of what was there: a whole run takes hours and may be done in pieces. A row that ran
 * is no longer among those that did not, and a row that failed now is no longer there. An executor that has rows is not among them either.
 *
 * @param {Stored} before
 * @param {import('./rows.mjs').Result} result
 * @param {Measured} measured
 * @param {string[]} [renewed] beginnings of the names that were tried
 * @returns {Stored}
 */
export function merge(before, result, measured, renewed = []) {
  const fresh = result.rows.map(({ name }) => name);
  const failed = result.notRun.map(({ name }) => name);
  const kept = before.rows.filter(({ name }) => !fresh.includes(name) && !isUnder(failed, name));
  const stillNot = before.notRun.filter(({ name }) => !isUnder([...renewed, ...fresh, ...failed], name));
  const rows = [...kept, ...result.rows.map((row) => ({ ...row, measured }))];
  return { rows, notRun: [...stillNot, ...result.notRun].filter(({ name }) => !hasRowsAfterAll(rows, name)) };
}

/** Whether an executor that is not there now was there before: its rows stand, each with its date. */
function hasRowsAfterAll(rows, name) {
  const [, executor] = /^all rows of (\S+)$/.exec(name) ?? [];
  return executor !== undefined && rows.some((row) => row.name.endsWith(`/${executor}`));
}

/** Whether a name is one of these, or a part of one: `step/mlp/64/onnx` and `step/mlp/64 JAX` are parts of `step/mlp/64`. */
function isUnder(names, name) {
  return names.some((one) => name === one || name.startsWith(`${one}/`) || name.startsWith(`${one} `));
}

/** @param {Stored} stored */
export async function writeStored(stored) {
  const options = { ...(await resolveConfig(PAGE)) };
  writeFileSync(DATA, await format(JSON.stringify(stored), { ...options, parser: 'json' }));
  writeFileSync(PAGE, await format(storedPage(stored), { ...options, parser: 'markdown' }));
}
