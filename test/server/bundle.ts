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

/** Bundles the server as the product does, into a folder of its own. */
export async function bundleServer(): Promise<ServerBundle> {
  const bundle = BUNDLES.find(({ name }) => name === 'server');
  if (bundle === undefined) throw new Error('There is no bundle of the server.');
  const folder = mkdtempSync(join(tmpdir(), 'kd-server-'));
  const path = join(folder, 'server.cjs');
  const { metafile } = await build({ ...buildOptions(bundle, true), metafile: true, outfile: path });
  return { path, metafile, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
