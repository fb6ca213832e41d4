#!/usr/bin/env node
/**
 * npm test [-- --only PATTERN]
 * Sets up what it needs and runs every part. PATTERN is the name of a part (`npm test -- --only vscode`) or part of
 * the path of a test file. The last line is the sum: `N passed, N failed, N skipped`.
 *
 * npm run test:soak [-- --only PATTERN]
 * The same test files with full counts, which takes hours. The sum is kept in `docs/soak.md`, that of a pattern beside others.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages } from './lib/debian.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { optionsOf } from './lib/options.mjs';
import { ROOT } from './lib/paths.mjs';
import { prepareTensorFlow } from './lib/real-tensorflow.mjs';
import { prepareRealVSCode } from './lib/real-vscode.mjs';
import { run } from './lib/run.mjs';
import { storeSoak } from './lib/soak.mjs';

/**
 * `command`: one case that passes or fails. `config`: a vitest configuration with cases of its own; `setup` says what
 * is missing on this machine; an optional part then counts as one skipped case with that reason. The order is that of what
 * later parts stand on.
 */
const PARTS = [
  { name: 'typecheck', command: ['npm', 'run', '--silent', 'typecheck'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'build', command: ['npm', 'run', '--silent', 'package'], needed: true },
  { name: 'unit', config: 'vitest.config.ts' },
  {
    name: 'tensorflow',
    config: 'vitest.tensorflow.config.ts',
    setup: () => prepareTensorFlow(soak),
    optional: true,
  },
  { name: 'panel', config: 'vitest.panel.config.ts', setup: () => ensurePackages(['chromium']) },
  { name: 'package', config: 'vitest.package.config.ts' },
  { name: 'vscode', config: 'vitest.vscode.config.ts', setup: prepareRealVSCode },
];

const options = optionsOf('test', { only: { type: 'string' }, soak: { type: 'boolean' } });
const { only, soak = false } = options;
const oneOf = PARTS.some(({ name }) => name === only);
/** @type {import('./lib/tally-reporter.mjs').Tally} */
const sum = { passed: 0, failed: [], skipped: [] };
/** @type {string[]} */
const lines = [];

const installed = await ensureDependencies();
if (installed === 0) {
  for (const part of PARTS.filter(isWanted)) await runPart(part);
} else {
  sum.failed.push(`npm ci ended with ${installed}`);
}
const words = sumText();
console.log(words);
if (soak) storeSoak(words, only);
process.exitCode = sum.failed.length === 0 ? 0 : 1;

/**
 * A pattern that names no part narrows the test files; what they stand on is built, the other checks are left out. They have
 * no counts, so a soak leaves them out too.
 */
function isWanted(part) {
  if (part.name === only) return true;
  if (only === undefined) return !soak || part.needed === true || part.config !== undefined;
  return part.needed === true || (!oneOf && part.config !== undefined);
}

async function runPart(part) {
  console.log(`\n=== ${part.name}`);
  const start = Date.now();
  const tally = part.command ? await runCommand(part) : await runTests(part);
  sum.passed += tally.passed;
  sum.failed.push(...tally.failed);
  sum.skipped.push(...tally.skipped);
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  lines.push(
    `${part.name.padEnd(10)} ${tally.passed} passed, ${tally.failed.length} failed, ${tally.skipped.length} skipped  ${seconds} s`,
  );
}

async function runCommand({ name, command: [program, ...args] }) {
  const code = await run(program, args);
  return code === 0 ? { passed: 1, failed: [], skipped: [] } : { passed: 0, failed: [name], skipped: [] };
}

async function runTests({ name, config, setup, optional }) {
  const missing = await setup?.();
  if (missing !== undefined && optional) return { passed: 0, failed: [], skipped: [{ name, why: missing }] };
  // A part that cannot run proves nothing: it fails, with what to do.
  if (missing !== undefined) return { passed: 0, failed: [`${name}: ${missing}`], skipped: [] };
  const file = join(ROOT, 'test', 'output', 'tally', `${name}.json`);
  rmSync(file, { force: true });
  const filter = only === undefined || oneOf ? [] : [only, '--passWithNoTests'];
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const code = await run(process.execPath, [vitest, 'run', ...filter, '--config', config], {
    env: { ...process.env, KD_TEST_TALLY: file, ...(soak ? { KD_SOAK: '1' } : {}) },
  });
  /** @type {import('./lib/tally-reporter.mjs').Tally} */
  const tally = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { passed: 0, failed: [], skipped: [] };
  if (code !== 0 && tally.failed.length === 0) tally.failed.push(`${name}: vitest ended with ${code}`);
  return tally;
}

function sumText() {
  return [
    `\n=== sum\n${lines.join('\n')}`,
    ...sum.skipped.map(({ name, why }) => `skipped: ${name} (${why})`),
    ...sum.failed.map((name) => `failed: ${name}`),
    `${sum.passed} passed, ${sum.failed.length} failed, ${sum.skipped.length} skipped`,
  ].join('\n');
}
