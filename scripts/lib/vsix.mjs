import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/** The platform as the editor's marketplace names it: `linux-x64`, `win32-arm64`, `darwin-arm64`. */
export function vsixTarget() {
  return `${process.platform}-${process.arch}`;
}

/** The package of the extension for this platform. */
export function vsixFile() {
  return join(ROOT, 'build', `kd-workbench-${vsixTarget()}.vsix`);
}
