#!/usr/bin/env node
/**
 * npm run vscode [-- FOLDER]
 * Opens a folder (default: the sample project) in a browser-hosted VS Code with the extension installed, and prints its address.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startVSCode } from './lib/code-server.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ROOT } from './lib/paths.mjs';
import { prepareRealVSCode } from './lib/real-vscode.mjs';
import { run } from './lib/run.mjs';
import { vsixFile } from './lib/vsix.mjs';

const SAMPLE = join(ROOT, 'media', 'sample');

const missing = prepareRealVSCode();
if (missing !== undefined) fail(missing);
if ((await ensureDependencies()) !== 0) fail('npm ci failed');
if ((await run(process.execPath, ['scripts/package.mjs'])) !== 0) fail('the package could not be built');

const folder = mkdtempSync(join(tmpdir(), 'kd-vscode-'));
const workspace = process.argv[2] === undefined ? copyOfSample() : resolve(process.argv[2]);
if (!existsSync(workspace)) fail(`${workspace} does not exist`);

const editor = await startVSCode({ vsix: vsixFile(), folder });
console.log(`\n${editor.url}?folder=${encodeURIComponent(workspace)}\n\nCtrl+C ends it.`);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    void editor.stop().then(() => {
      rmSync(folder, { recursive: true, force: true });
      process.exit(0);
    });
  });
}

/** Runs write beside the config, so the sample is worked on in a copy. It is kept: its runs may be worth something. */
function copyOfSample() {
  const copy = join(ROOT, 'build', 'sample-workspace');
  mkdirSync(copy, { recursive: true });
  cpSync(SAMPLE, copy, { recursive: true, force: false });
  return copy;
}

function fail(why) {
  console.error(`vscode: ${why}`);
  process.exit(1);
}
