import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { buildOptions, BUNDLES } from '../../scripts/lib/bundles.mjs';

export interface ServerBundle {
  readonly path: string;
  readonly metafile: Metafile;
  remove(): void;
}

/** Bundles the server and the thread that looks things up for it as the product does, into a folder of its own. */
export async function bundleServer(): Promise<ServerBundle> {
  const folder = mkdtempSync(join(tmpdir(), 'kd-server-'));
  await bundled('server-lookups', folder);
  const metafile = await bundled('server', folder);
  const path = join(folder, 'server.cjs');
  return { path, metafile, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function bundled(wanted: string, folder: string): Promise<Metafile> {
  const bundle = BUNDLES.find(({ name }) => name === wanted);
  if (bundle === undefined) throw new Error(`There is no bundle "${wanted}".`);
  const outfile = join(folder, `${wanted}.cjs`);
  const { metafile } = await build({ ...buildOptions(bundle, true), metafile: true, outfile });
  return metafile;
}
