import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { capture, isInstalled } from './run.mjs';

/** How long to wait for another package manager at work, in seconds. */
const LOCK_TIMEOUT_S = 300;

/** What the browser tests and the real VS Code stand on: Debian package, and how to see that it is there. */
const NEEDED = {
  chromium: () => existsSync('/usr/bin/chromium'),
  libvulkan1: () => hasLibrary('libvulkan.so.1'),
  ripgrep: () => isInstalled('rg'),
  'libkrb5-dev': () => existsSync('/usr/include/gssapi.h') || existsSync('/usr/include/gssapi/gssapi.h'),
  'g++': () => isInstalled('g++'),
  make: () => isInstalled('make'),
  python3: () => isInstalled('python3'),
  'libtcmalloc-minimal4': () => tcmalloc() !== undefined,
};

/** The allocator of that package, where it lies. */
export function tcmalloc() {
  return ['x86_64', 'aarch64']
    .map((machine) => `/usr/lib/${machine}-linux-gnu/libtcmalloc_minimal.so.4`)
    .find((path) => existsSync(path));
}

/** @param {string} name of a shared library, as the loader looks for it */
function hasLibrary(name) {
  const known = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  return known.status === 0 && known.stdout.includes(name);
}

/**
 * Installs the Debian packages that are missing.
 *
 * @param {(keyof typeof NEEDED)[]} packages
 * @returns {string | undefined} what a person must do where we cannot; undefined when all is there
 */
export function ensurePackages(packages) {
  const missing = packages.filter((name) => !NEEDED[name]());
  if (missing.length === 0) return undefined;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    return `missing: ${missing.join(', ')}. Install them, on Debian with: sudo ${command}`;
  }
  console.log(`installing ${missing.join(', ')}`);
  const environment = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const wait = `DPkg::Lock::Timeout=${LOCK_TIMEOUT_S}`;
  try {
    capture('apt-get', ['update', '-qq'], environment);
    capture(
      'apt-get',
      ['-o', wait, 'install', '-y', '-qq', '--no-install-recommends', ...missing],
      environment,
    );
    return undefined;
  } catch (error) {
    return `${command} failed: ${error.message}`;
  }
}
