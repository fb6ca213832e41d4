import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** The platform as the editor's marketplace names it: `linux-x64`, `win32-arm64`, `darwin-arm64`. */
export function vsixTarget() {
  return `${process.platform}-${process.arch}`;
}

/** @param {string} target a platform with its native runtime, or `universal`: WebAssembly, for all others */
export function vsixFile(target = vsixTarget()) {
  return join(ROOT, 'build', `kd-workbench-${target}.vsix`);
}
