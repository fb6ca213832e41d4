#!/usr/bin/env node
/**
 * npm run package
 * Builds everything for shipping and writes `build/kd-workbench-PLATFORM.vsix`, with ONNX Runtime for this platform alone,
 * and `build/kd-workbench-universal.vsix`, with its WebAssembly build and no native code, for platforms without a library.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { hasNativeRuntime } from './lib/native-runtime.mjs';
import { writeNotices } from './lib/notices.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { vsixFile, vsixTarget } from './lib/vsix.mjs';

const code = await run(process.execPath, ['scripts/build.mjs', '--production']);
if (code !== 0) process.exit(code);
writeNotices();

mkdirSync(join(ROOT, 'build'), { recursive: true });
if (hasNativeRuntime()) await pack(vsixTarget(), join(ROOT, '.vscodeignore'));
await pack('universal', universalList());

/** @param {string} target  @param {string} ignoreFile the list of what is shipped */
async function pack(target, ignoreFile) {
  const packagePath = vsixFile(target);
  await createVSIX({
    ...{ cwd: ROOT, packagePath, ignoreFile },
    ...(target === 'universal' ? {} : { target }),
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  console.log(`${packagePath}  ${(statSync(packagePath).size / 1e6).toFixed(1)} MB`);
}

/** The same list with WebAssembly in the place of the native runtime. */
function universalList() {
  const lines = readFileSync(join(ROOT, '.vscodeignore'), 'utf8').trimEnd().split('\n');
  const shared = lines.filter((line) => !/\/onnxruntime-(node|common)\//.test(line));
  const files = ['onnxruntime-common/package.json', 'onnxruntime-common/dist/esm/**', 'onnxruntime-web/**'];
  const added = files.map((path) => `!dist/node_modules/${path}`);
  const list = join(ROOT, 'build', 'vscodeignore-universal');
  writeFileSync(list, [...shared, ...added, ''].join('\n'));
  return list;
}
