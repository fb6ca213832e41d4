import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/**
 * Lays ONNX Runtime next to the engine bundle, where Node looks for it: `dist/node_modules`, this platform's library
 * alone. What is there already in the same version stays.
 */
export function stageNativeRuntime() {
  const target = join(ROOT, 'dist', 'node_modules');
  const stamp = join(target, '.staged');
  const platform = join('bin', 'napi-v6', process.platform, process.arch);
  const wanted = `${version('onnxruntime-node')} ${process.platform}-${process.arch}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  const library = join(ROOT, 'node_modules', 'onnxruntime-node', platform);
  if (!existsSync(library)) {
    throw new Error(
      `onnxruntime-node ${version('onnxruntime-node')} has no library for ${process.platform}-${process.arch} (${library}).\n` +
        '  next: run "npm ci"; if it stays away, this platform has no prebuilt runtime.',
    );
  }
  rmSync(target, { recursive: true, force: true });
  copyScripts('onnxruntime-node', 'dist');
  copyScripts('onnxruntime-common', join('dist', 'cjs'));
  for (const file of readdirSync(library)) copy('onnxruntime-node', join(platform, file));
  writeFileSync(stamp, wanted);

  function copyScripts(name, folder) {
    copy(name, 'package.json');
    for (const file of readdirSync(join(ROOT, 'node_modules', name, folder))) {
      if (file.endsWith('.js') || file === 'package.json') copy(name, join(folder, file));
    }
  }

  function copy(name, file) {
    const to = join(target, name, file);
    mkdirSync(join(to, '..'), { recursive: true });
    cpSync(join(ROOT, 'node_modules', name, file), to);
  }
}

function version(name) {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
}
