import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inChapters } from './chapters.ts';
import { openEditor, type Editor } from './editor.ts';
import { onlyRun, writeExperiment } from './experiment.ts';
import type { Workbench } from './workbench.ts';

const SOON_MS = 30_000;
const RUN_MS = 300_000;

let editor: Editor;
let first: Workbench;
let second: Workbench;
let config: string;

beforeAll(async () => {
  editor = await openEditor();
  config = writeExperiment(editor.workspace);
  // Nobody waits for its end.
  const path = join(editor.workspace, config);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('epochs: 12', 'epochs: 40'));
  first = await opened();
  await first.open(config);
});

afterAll(async () => {
  await editor.close();
});

/** Every window that was opened, in order. */
const windows: Workbench[] = [];

async function opened(): Promise<Workbench> {
  const window = await editor.window();
  windows.push(window);
  return window;
}

inChapters(async () => {
  for (const [at, window] of windows.entries())
    if (!window.page.isClosed()) await window.screenshot(`windows-failed-${at + 1}`);
});

/** The one run of this story. */
const theRun = () => onlyRun(editor.workspace);

/** The row of the run in the view of a window. */
function row({ page }: Workbench, text: RegExp) {
  return page.locator('.pane-body .monaco-list-row', { hasText: text }).first();
}

async function press(window: Workbench, button: string): Promise<void> {
  await row(window, /mnist-1/).hover();
  await row(window, /mnist-1/)
    .getByRole('button', { name: button })
    .click();
}

describe('two windows of a real VS Code on one workspace', () => {
  it('show the same run, which the second finds by itself and draws as it grows', async () => {
    await first.pressLens('Run');
    await vi.waitFor(() => expect(theRun()?.status).toBe('running'), RUN_MS);
    second = await opened();
    await second.showRuns();
    await row(second, /mnist-1.*%/).waitFor({ timeout: SOON_MS });
    await second.statusBar(/KD .* %/).waitFor({ timeout: SOON_MS });
    await second.openPath(join(theRun()?.directory ?? '', 'run.json'));
    await second.panel().locator('.state', { hasText: 'Running' }).waitFor({ timeout: SOON_MS });
    const percent = async () => Number(/(\d+) %/.exec(await row(second, /mnist-1.*%/).innerText())?.[1]);
    const before = await percent();
    await vi.waitFor(async () => expect(await percent()).toBeGreaterThan(before), RUN_MS);
    expect(theRun()?.status).toBe('running');
    await second.screenshot('second-window');
  });

  it('go on as they were when one of them is reloaded, beside the host of the other', async () => {
    const before = theRun();
    await first.reload();
    await first.showRuns();
    await row(first, /mnist-1.*%/).waitFor({ timeout: SOON_MS });
    await first.panel().locator('.state', { hasText: 'Running' }).waitFor({ timeout: SOON_MS });
    expect(theRun()).toMatchObject({ status: 'running', pid: before?.pid });
  });

  it('either stops what the other started, and its end is told once in both together', async () => {
    await first.showRuns();
    await press(second, 'Stop Run');
    for (const window of [first, second]) await row(window, /mnist-1.*stopped/).waitFor({ timeout: RUN_MS });
    const told = async () => {
      const counts = [first, second].map((window) => window.notification(/stopped at \d+ %/).count());
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    };
    await vi.waitFor(async () => expect(await told()).toBe(1), SOON_MS);
    // Both know of the end by now: whoever would tell it too has done so a moment later.
    await second.page.waitForTimeout(1000);
    expect(await told()).toBe(1);
    for (const window of [first, second]) await window.command('Notifications: Clear All Notifications');
  });

  it('go on with one engine, whichever of them asks and whichever is closed', async () => {
    const before = theRun();
    await press(second, 'Resume Run');
    await row(first, /mnist-1.*%/).waitFor({ timeout: RUN_MS });
    await vi.waitFor(() => expect(theRun()?.status).toBe('running'), RUN_MS);
    const engine = theRun()?.pid;
    expect(engine).not.toBe(before?.pid);
    await second.page.close();
    // The window that asked for it is gone; the other one pauses the same engine and lets it go on.
    await press(first, 'Pause Run');
    await row(first, /mnist-1.*paused/).waitFor({ timeout: RUN_MS });
    await press(first, 'Resume Run');
    await vi.waitFor(() => expect(theRun()).toMatchObject({ status: 'running', pid: engine }), RUN_MS);
    await press(first, 'Stop Run');
    await row(first, /mnist-1.*stopped/).waitFor({ timeout: RUN_MS });
  });
});
