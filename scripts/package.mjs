#!/usr/bin/env node
/**
 * npm run package
 * Builds everything for shipping and writes `build/kd-workbench-PLATFORM.vsix`, with ONNX Runtime for this platform alone.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { writeNotices } from './lib/notices.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { vsixFile, vsixTarget } from './lib/vsix.mjs';

const code = await run(process.execPath, ['scripts/build.mjs', '--production']);
if (code !== 0) process.exit(code);
writeNotices();

mkdirSync(join(ROOT, 'build'), { recursive: true });
await createVSIX({
  cwd: ROOT,
  packagePath: vsixFile(),
  target: vsixTarget(),
  dependencies: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
console.log(`${vsixFile()}  ${(statSync(vsixFile()).size / 1e6).toFixed(1)} MB`);
