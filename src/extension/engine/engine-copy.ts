import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What an engine needs to run: its bundles and, beside them, the native library and the WebAssembly modules. */
const PARTS = ['engine.cjs', 'engine-worker.cjs', 'node_modules', 'wasm'];
/** Touched at each use. */
const USED = 'last-used';
/** A copy nobody started for this long belongs to a version that is gone, and no run lasts longer. */
export const UNUSED_MILLISECONDS = 30 * 24 * 3600 * 1000;

/**
 * Copies the engine out of the extension's folder, once per version and content, and returns the path of the engine's
 * bundle there. An update of the extension replaces its folder while runs go on: they must not lose their files, and
 * must not keep the update from deleting them.
 *
 * @param dist the extension's `dist`
 * @param storage a folder that outlives updates
 */
export async function copyEngine(dist: string, storage: string, version: string): Promise<string> {
  const folder = join(storage, 'engines', `${version}-${await fingerprint(dist)}`);
  if (!(await exists(folder))) await copyAside(dist, folder);
  await writeFile(join(folder, USED), '');
  return join(folder, 'engine.cjs');
}

/** Removes copies that were not used for a month; one that cannot be removed (in use) stays for the next time. */
export async function removeUnusedEngines(storage: string, now: number): Promise<void> {
  const engines = join(storage, 'engines');
  const names = await readdir(engines).catch(() => []);
  for (const name of names) {
    const used = await stat(join(engines, name, USED)).catch(() => stat(join(engines, name)));
    if (now - used.mtimeMs > UNUSED_MILLISECONDS)
      await rm(join(engines, name), { recursive: true }).catch(() => {});
  }
}

async function fingerprint(dist: string): Promise<string> {
  const hash = createHash('sha256');
  for (const part of PARTS.filter((name) => name.endsWith('.cjs'))) {
    const path = join(dist, part);
    if (await exists(path)) hash.update(await readFile(path));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Another window may copy at the same time: the first rename wins, and both copies are equal. */
async function copyAside(dist: string, folder: string): Promise<void> {
  const aside = `${folder}.${randomBytes(6).toString('hex')}`;
  await mkdir(aside, { recursive: true });
  try {
    for (const part of PARTS) {
      if (await exists(join(dist, part))) await cp(join(dist, part), join(aside, part), { recursive: true });
    }
    await rename(aside, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
