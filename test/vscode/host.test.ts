import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openEditor, type Editor } from './editor.ts';
import { runRecords } from './experiment.ts';
import type { Workbench } from './workbench.ts';

const CONFIG = 'quick.kd.yaml';
const SOON_MS = 30_000;
const RUN_MS = 180_000;

let editor: Editor;
let window: Workbench;

beforeAll(async () => {
  editor = await openEditor();
  cpSync(join('media', 'sample'), editor.workspace, { recursive: true });
  window = await editor.window();
  await window.open(CONFIG);
});

afterAll(async () => {
  await editor.close();
});

function row(text: string | RegExp) {
  return window.page.locator('.pane-body .monaco-list-row', { hasText: text }).first();
}

/** Each chapter stands on the one before. */
describe('the host of the packaged extension', () => {
  it('says in one line that an experiment has no problems', async () => {
    await (await window.lens('Check')).click();
    await window.notification(/quick\.kd\.yaml has no problems/).waitFor({ timeout: SOON_MS });
    await window.command('Notifications: Clear All Notifications');
  });

  it('explains commands that have nothing to act on', async () => {
    await window.command('KD: Stop Run');
    await window.notification(/no run is working.*KD5105/).waitFor({ timeout: SOON_MS });
    await window.command('Notifications: Clear All Notifications');
    await window.command('KD: Resume Run');
    await window.notification(/no run was stopped, paused or interrupted/).waitFor({ timeout: SOON_MS });
    await window.command('Notifications: Clear All Notifications');
  });

  it('tells what the machine can run', async () => {
    await window.command('KD: Doctor');
    await window.notification(/Runs use onnx-cpu/).waitFor({ timeout: RUN_MS });
    // The end of what the log says.
    await window.page
      .locator('.panel .view-lines', { hasText: /nothing.of.it.is.needed/ })
      .waitFor({ timeout: SOON_MS });
    await window.screenshot('doctor');
    await window.command('Notifications: Clear All Notifications');
  });

  it('lists a run, stops it from its row, resumes it, and tells its end once', async () => {
    await window.command('Notifications: Clear All Notifications');
    await window.command('KD: Run Experiment');
    await window.command('View: Show KD Workbench');
    await row(/quick-1.*%/).waitFor({ timeout: RUN_MS });
    await window.screenshot('runs-view');
    await row(/quick-1/).hover();
    await row(/quick-1/)
      .getByRole('button', { name: 'Stop Run' })
      .click();
    await row(/quick-1.*stopped/).waitFor({ timeout: RUN_MS });
    await window.notification(/stopped at \d+ %/).waitFor({ timeout: SOON_MS });
    await window.command('Notifications: Clear All Notifications');
    await row(/quick-1/).hover();
    await row(/quick-1/)
      .getByRole('button', { name: 'Resume Run' })
      .click();
    await row(/quick-1.*INCONCLUSIVE/).waitFor({ timeout: RUN_MS });
    await window.notification(/INCONCLUSIVE/).waitFor({ timeout: SOON_MS });
    expect(runRecords(editor.workspace).map(({ status }) => status)).toEqual(['completed']);
    await window.screenshot('runs-view-completed');
  });

  it('brings the language server back when it dies, and the file is checked again', async () => {
    const before = serverProcess();
    process.kill(before, 'SIGKILL');
    await vi.waitFor(() => expect(serverProcess()).not.toBe(before), SOON_MS);
    await window.open(CONFIG);
    await window.press('Control+Home');
    await window.type('nme: x\n');
    const problems = await window.problems();
    await vi.waitFor(
      async () => expect((await problems.allTextContents()).join('\n')).toMatch(/nme/),
      SOON_MS,
    );
  });
});

/** The newest language server on this machine whose extension lies in the editor's folder. */
function serverProcess(): number {
  const folder = join(editor.workspace, '..');
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return line.includes(folder) && line.includes('server.cjs');
      } catch {
        return false;
      }
    });
  const newest = Math.max(...found);
  expect(found.length, 'language servers').toBeGreaterThan(0);
  return newest;
}
