import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { run } from './run.mjs';

/**
 * `npm ci` where what is installed is not what the lock file says; nothing otherwise.
 *
 * @returns {Promise<number>} exit code of npm; 0 when there was nothing to do
 */
export async function ensureDependencies() {
  if (isInstalledAsLocked()) return 0;
  console.log('installing the packages of package-lock.json');
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci'], {
    shell: process.platform === 'win32',
  });
}

function isInstalledAsLocked() {
  const installedFile = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = packagesOf(installedFile);
  return Object.entries(packagesOf(join(ROOT, 'package-lock.json'))).every(([path, locked]) => {
    if (path === '' || (locked.optional && !installed[path]) || (locked.peer && !installed[path]))
      return true;
    return installed[path]?.version === locked.version && existsSync(join(ROOT, path));
  });
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
