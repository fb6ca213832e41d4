import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openEditor, type Editor } from './editor.ts';
import { placeOf, runRecords, writeExperiment } from './experiment.ts';
import type { Workbench } from './workbench.ts';

const SOON_MS = 30_000;
const RUN_MS = 300_000;

let editor: Editor;
let window: Workbench;
let config: string;

beforeAll(async () => {
  editor = await openEditor({ trust: false });
  config = writeExperiment(editor.workspace);
  window = await editor.window();
  await window.page.getByRole('button', { name: /No, I don't trust/ }).click();
  await window.statusBar('Restricted Mode').waitFor();
  await window.open(config);
});

afterAll(async () => {
  await editor.close();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await window.screenshot('trust-failed');
});

describe('a workspace that is not trusted', () => {
  it('is checked as it is typed', async () => {
    const [line, column] = placeOf(editor.workspace, config, 'temperature: 4');
    await window.goTo(line, column + 'temp'.length);
    await window.type('x');
    const problems = await window.problems();
    await vi.waitFor(
      async () => expect((await problems.allTextContents()).join('\n')).toMatch(/temperature/),
      SOON_MS,
    );
    await window.goTo(line, column + 2);
    await window.applyFix(/temperature/);
    await vi.waitFor(async () => expect(await problems.count()).toBe(0), SOON_MS);
    await window.hideProblems();
  });

  it.each(['lens', 'command'])('starts nothing by %s, and says what to do', async (way) => {
    if (way === 'lens') await window.pressLens('Run');
    else await window.command('KD: Run Experiment');
    const message = window.notification(/Restricted Mode/);
    await message.first().waitFor({ timeout: SOON_MS });
    await window.screenshot(`restricted-${way}`);
    await window.command('Notifications: Clear All Notifications');
    expect(existsSync(join(editor.workspace, '.kd'))).toBe(false);
  });

  it('runs once it is trusted', async () => {
    await window.command('Workspaces: Manage Workspace Trust');
    await window.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: 'Trust', exact: true })
      .click();
    await window.statusBar('Restricted Mode').waitFor({ state: 'hidden' });
    await window.screenshot('trusted');
    await window.command('View: Close Editor');
    await window.pressLens('Run');
    await vi.waitFor(
      () => expect(runRecords(editor.workspace).map(({ status }) => status)).toEqual(['running']),
      RUN_MS,
    );
  });
});
