import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { startVSCode } from '../../scripts/lib/code-server.mjs';
import { vsixFile } from '../../scripts/lib/vsix.mjs';
import { runRecords } from './experiment.ts';
import { Workbench } from './workbench.ts';

/** What keeps a browser quiet and off the network. */
const BROWSER_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A VS Code with the packaged extension, a browser to see it with, and an empty workspace. */
export interface Editor {
  /** An empty folder to open. */
  readonly workspace: string;
  /** A new window on the workspace. */
  window(): Promise<Workbench>;
  /** What VS Code itself printed. */
  output(): string;
  close(): Promise<void>;
}

export async function openEditor(
  options: { trust?: boolean; settings?: Record<string, unknown> } = {},
): Promise<Editor> {
  const folder = mkdtempSync(join(tmpdir(), 'kd-editor-'));
  const workspace = mkdtempSync(join(folder, 'workspace-'));
  const server = await startVSCode({ vsix: vsixFile(), folder, ...options });
  let browser: Browser | undefined;
  return {
    workspace,
    async window() {
      browser ??= await chromium.launch({ executablePath: '/usr/bin/chromium', args: BROWSER_ARGUMENTS });
      const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
      await page.goto(`${server.url}?folder=${encodeURIComponent(workspace)}`);
      const workbench = new Workbench(page);
      await workbench.ready();
      return workbench;
    },
    output: () => server.output(),
    async close() {
      await browser?.close();
      await server.stop();
      endEngines(workspace);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An engine outlives its window; one that still works when a test ends has nobody left. */
function endEngines(workspace: string): void {
  for (const { status, pid } of runRecords(workspace)) {
    if (pid === undefined || status === 'completed') continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
