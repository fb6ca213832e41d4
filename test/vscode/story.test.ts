import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inChapters } from './chapters.ts';
import { openEditor, type Editor } from './editor.ts';
import { placeOf, onlyRun, writeExperiment } from './experiment.ts';
import type { Workbench } from './workbench.ts';

/** Longest wait for what the engine brings about; a busy machine trains ten times slower than a quiet one. */
const RUN_MS = 600_000;
const SOON_MS = 30_000;

let editor: Editor;
let window: Workbench;
let config: string;

beforeAll(async () => {
  editor = await openEditor({ settings: { 'workbench.colorTheme': 'Default Dark Modern' } });
  config = writeExperiment(editor.workspace);
  window = await editor.window();
});

afterAll(async () => {
  await editor.close();
});

inChapters(async () => {
  await window.screenshot('story-failed');
});

/** The one run of this story. */
const theRun = () => onlyRun(editor.workspace);

/** Points of the upper chart, as the table below it lists them. */
async function points(): Promise<number> {
  const card = window.panel().locator('.card').first();
  const details = card.locator('details.data');
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click();
  return card.locator('table.numbers tbody tr').count();
}

describe('an experiment in a real VS Code', () => {
  it('shows the fault of a typo while it is typed, and mends it with the offered fix', async () => {
    await window.open(config);
    const [line, column] = placeOf(editor.workspace, config, 'temperature: 4');
    await window.goTo(line, column + 'temp'.length);
    await window.type('x');
    const problems = await window.problems();
    await vi.waitFor(
      async () => expect((await problems.allTextContents()).join('\n')).toMatch(/did you mean "temperature"/),
      SOON_MS,
    );
    await window.screenshot('typo');
    await window.goTo(line, column + 2);
    await window.applyFix(/temperature/);
    await vi.waitFor(async () => expect(await window.text()).toMatch(/kd: \{ temperature: 4,/), SOON_MS);
    await vi.waitFor(async () => expect(await problems.count()).toBe(0), SOON_MS);
    await window.hideProblems();
  });

  it('runs from the lens and draws curves that grow', async () => {
    await window.pressLens('Run');
    const state = window.panel().locator('.state');
    await state.filter({ hasText: 'Running' }).waitFor({ timeout: RUN_MS });
    await vi.waitFor(async () => expect(await points()).toBeGreaterThan(0), RUN_MS);
    const before = await points();
    await vi.waitFor(async () => expect(await points()).toBeGreaterThan(before), RUN_MS);
    await window.statusBar(/KD .* %/).waitFor({ timeout: SOON_MS });
    await window.screenshot('running-dark');
  });

  it('loses nothing when the window is reloaded in the middle: the engine works on and the panel comes back', async () => {
    const before = theRun();
    expect(before?.status).toBe('running');
    await window.reload();
    const state = window.panel().locator('.state');
    await state.filter({ hasText: /Running|Completed/ }).waitFor({ timeout: SOON_MS });
    expect(theRun()).toMatchObject({ directory: before?.directory, pid: before?.pid });
    // The header comes with the state of the run, the curves a moment later with its records.
    await vi.waitFor(async () => expect(await points()).toBeGreaterThan(0), SOON_MS);
    await window.screenshot('reloaded-dark');
  });

  it('ends with the verdict: in one notification, in the panel and in the lens', async () => {
    const verdict = /BEATS|NO BEATS|INCONCLUSIVE/;
    const notification = window.notification(verdict);
    await notification.first().waitFor({ timeout: RUN_MS });
    expect(await notification.count()).toBe(1);
    expect(theRun()?.status).toBe('completed');
    await (await window.lens(verdict)).waitFor({ timeout: SOON_MS });
    const panel = window.panel();
    await panel.locator('.state', { hasText: 'Completed' }).waitFor({ timeout: SOON_MS });
    await panel.getByRole('tab', { name: 'Verdict' }).click();
    await panel
      .getByText(/Distillation (helped|did not help)|No conclusion/)
      .first()
      .waitFor();
    await window.command('Notifications: Clear All Notifications');
  });

  it.each([
    ['dark', 'Dark Modern', 'vscode-dark'],
    ['light', 'Light Modern', 'vscode-light'],
    ['high-contrast', 'Dark High Contrast', 'vscode-high-contrast'],
    ['high-contrast-light', 'Light High Contrast', 'vscode-high-contrast-light'],
  ])('shows every view in %s', async (name, theme, kind) => {
    await window.theme(theme);
    const panel = window.panel();
    await panel.locator(`body.${kind}`).waitFor({ timeout: SOON_MS });
    for (const view of ['Curves', 'Gap', 'Layers', 'Verdict']) {
      await panel.getByRole('tab', { name: view }).click();
      await panel.getByRole('tabpanel', { name: view }).locator('visible=true').first().waitFor();
      await window.screenshot(`${view.toLowerCase()}-${name}`);
    }
  });
});
