#!/usr/bin/env node
/**
 * npm run vscode [-- FOLDER]
 * Opens a folder (default: the sample that `npm start` runs) in a browser-hosted VS Code with the extension installed, and prints its address.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
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
// npm changes to the project's folder; a path is meant as seen from where the person stands.
const from = process.env.INIT_CWD ?? process.cwd();
const workspace = process.argv[2] === undefined ? SAMPLE : resolve(from, process.argv[2]);
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

function fail(why) {
  console.error(`vscode: ${why}`);
  process.exit(1);
}
