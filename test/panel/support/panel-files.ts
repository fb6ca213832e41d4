import { build, type BuildOptions } from 'esbuild';
import { BUNDLES, buildOptions } from '../../../scripts/lib/bundles.mjs';
import { ROOT } from '../../../scripts/lib/paths.mjs';

export const CHROMIUM = process.env['KD_CHROMIUM'] ?? '/usr/bin/chromium';
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Served {
  readonly type: string;
  readonly content: Buffer;
}

/** Builds the panel as it ships; its files by their address. */
export async function buildPanel(): Promise<ReadonlyMap<string, Served>> {
  const bundle = BUNDLES.find(({ name }) => name === 'panel');
  if (!bundle) throw new Error('the panel is not among the bundles');
  const options: BuildOptions = buildOptions(bundle, true);
  const { outputFiles } = await build({ ...options, absWorkingDir: ROOT, write: false });
  const served = outputFiles.map(({ path, contents }): [string, Served] => [
    path.endsWith('.css') ? '/panel.css' : '/panel.js',
    { type: path.endsWith('.css') ? 'text/css' : 'text/javascript', content: Buffer.from(contents) },
  ]);
  return new Map(served);
}
