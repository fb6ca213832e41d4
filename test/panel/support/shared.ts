import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { buildPanel, CHROMIUM, FLAGS, type Served } from './panel-files.ts';

/** Where a browser and the built panel are that all test files share; set while vitest runs. */
const VARIABLE = 'KD_PANEL_STAND';

interface Shared {
  /** Web socket of the browser. */
  readonly browser: string;
  /** File with the built panel: address, type and content of each of its files. */
  readonly files: string;
}

/** For vitest: one browser and one build for all test files of the panel. Returns what takes them down again. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'kd-panel-stand-'));
  const files = join(folder, 'files.json');
  const built = await buildPanel();
  const packed = [...built].map(([address, { type, content }]) => [
    address,
    type,
    content.toString('base64'),
  ]);
  writeFileSync(files, JSON.stringify(packed));
  const server = await chromium.launchServer({
    ...{ executablePath: CHROMIUM, args: FLAGS, host: '127.0.0.1' },
  });
  const shared: Shared = { browser: server.wsEndpoint(), files };
  process.env[VARIABLE] = JSON.stringify(shared);
  return async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  };
}

/** What is shared; null: nothing is, outside of vitest. */
export function sharedStand(): { browser: string; files: ReadonlyMap<string, Served> } | null {
  const text = process.env[VARIABLE];
  if (text === undefined) return null;
  const { browser, files } = JSON.parse(text) as Shared;
  const packed = JSON.parse(readFileSync(files, 'utf8')) as [string, string, string][];
  return {
    browser,
    files: new Map(
      packed.map(([address, type, content]) => [address, { type, content: Buffer.from(content, 'base64') }]),
    ),
  };
}
