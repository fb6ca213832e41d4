import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openEditor, type Editor } from './editor.ts';
import { placeOf, writeExperiment } from './experiment.ts';
import type { Workbench } from './workbench.ts';

const SOON_MS = 30_000;
const DRY_RUN_MS = 180_000;

let editor: Editor;
let window: Workbench;
let config: string;

beforeAll(async () => {
  editor = await openEditor();
  config = writeExperiment(editor.workspace);
  window = await editor.window();
  await window.open(config);
  // The lenses come from the server: it has read the file.
  await window.lens('Check');
});

afterAll(async () => {
  await editor.close();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await window.screenshot('language-failed');
});

async function saved(): Promise<string> {
  await window.command('File: Save');
  return readFileSync(join(editor.workspace, config), 'utf8');
}

describe('the language in a real VS Code', () => {
  it('shows derived values behind what is written', async () => {
    await vi.waitFor(async () => expect(await window.text()).toMatch(/steps each/), SOON_MS);
    await window.screenshot('inlay-hints');
  });

  it('shows the share of each term as soon as a dry run has ended', async () => {
    expect(await window.text()).not.toMatch(/of the gradient/);
    await window.pressLens('Dry run');
    await window.notification(/every phase works/).waitFor({ timeout: DRY_RUN_MS });
    await window.command('Notifications: Clear All Notifications');
    await window.goTo(...placeOf(editor.workspace, config, 'match:'));
    await vi.waitFor(async () => expect(await window.text()).toMatch(/% of the gradient/), SOON_MS);
  });

  it('shows the config as it runs beside its source, with what is different', async () => {
    await window.pressLens('Effective');
    await window.page.locator('.tab.active', { hasText: 'as it runs' }).waitFor({ timeout: SOON_MS });
    await window.page.locator('.monaco-diff-editor .line-insert').first().waitFor({ timeout: SOON_MS });
    await window.screenshot('effective');
    await window.command('View: Close Editor');
  });

  it('renames a model everywhere, and writes out the role that its name had filled', async () => {
    const [line, column] = placeOf(editor.workspace, config, 'teacher:');
    await window.goTo(line, column + 2);
    await window.press('F2');
    const input = window.page.locator('.rename-box input');
    await input.waitFor({ timeout: SOON_MS });
    await input.fill('large');
    await input.press('Enter');
    await vi.waitFor(async () => {
      const text = await saved();
      expect(text).toMatch(/^ {2}large:/m);
      expect(text).toMatch(/^ {2}from: large$/m);
    }, SOON_MS);
  });

  it('lays the file out and keeps its comments', async () => {
    const before = await saved();
    await window.goTo(1, 1);
    await window.type('engine:    {device: cpu}\n# kept\n');
    await window.command('Format Document');
    await vi.waitFor(async () => {
      const text = await saved();
      expect(text).toMatch(/^engine: \{ device: cpu \}\n# kept/);
      expect(text.match(/#.*/g)).toEqual(['# kept', ...(before.match(/#.*/g) ?? [])]);
    }, SOON_MS);
  });
});
