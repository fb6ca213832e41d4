import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The packages that the official ones for Node stand on. Those themselves are left whole. */
const LIBRARY = /^tfjs(?:-(?!node).*)?$/;

/**
 * Takes out of an installed package of TensorFlow.js for Node what Node never reads: of the libraries that it stands on, source
 * maps, modules for bundlers and bundles for browsers, some 260 MB. Their entry points and everything beside `dist` and `src` stay.
 *
 * @param folder that has the `node_modules`
 */
export async function slimPackages(folder: string): Promise<void> {
  const scope = join(folder, 'node_modules', '@tensorflow');
  const libraries = (await readdir(scope)).filter((name) => LIBRARY.test(name));
  await Promise.all(libraries.map((name) => slim(join(scope, name))));
}

async function slim(library: string): Promise<void> {
  const { main } = JSON.parse(await readFile(join(library, 'package.json'), 'utf8')) as { main?: string };
  // A package that is laid out otherwise stays as it is.
  const entry = /^(?:\.\/)?dist\/([^/]+\.js)$/.exec(main ?? '')?.[1];
  if (entry === undefined) return;
  const dist = join(library, 'dist');
  const unread = (await readdir(dist)).filter((name) => name !== entry).map((name) => join(dist, name));
  await Promise.all(
    [join(library, 'src'), ...unread].map((path) => rm(path, { recursive: true, force: true })),
  );
}
