import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openEditor, type Editor } from './editor.ts';
import type { GapRecord } from '../../src/protocol/records.ts';
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
  // A student with maps, so that there are layers to match.
  const config = join(editor.workspace, CONFIG);
  const text = readFileSync(config, 'utf8');
  const student = 'convnet: { filters: [4, 8], hidden: [32] }';
  expect(text).toContain('mlp: { hidden: [32] }');
  writeFileSync(config, text.replace('mlp: { hidden: [32] }', student));
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
    await window.pressLens('Check');
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

  it('shows a run where its record is opened', async () => {
    await window.command('View: Close All Editors');
    await window.openPath(recordOf('quick-1'));
    const panel = window.panel();
    await panel.locator('.state', { hasText: 'Completed' }).waitFor({ timeout: SOON_MS });
    await panel.locator('canvas:visible').nth(1).waitFor({ timeout: SOON_MS });
    expect(await panel.locator('.chart-empty:visible').count()).toBe(0);
    // All curves have come with their points, also the last ones of a message.
    const table = panel.locator('.card details.data').nth(1);
    await table.locator('summary').click();
    const points = await table.locator('table').evaluate((shown: HTMLTableElement) => {
      const rows = [...shown.rows].slice(1);
      return [...(shown.rows[0]?.cells ?? [])].slice(1).map((_, column) => {
        return rows.filter(({ cells }) => cells[column + 1]?.textContent !== '').length;
      });
    });
    expect(points.length).toBeGreaterThan(1);
    expect(points).not.toContain(0);
    await table.locator('summary').click();
    await window.screenshot('run-in-place-of-its-record');
  });

  it('leads from the worst class to a pair, a second run, their comparison and a report', async () => {
    const panel = window.panel();
    await panel.getByRole('tab', { name: 'Gap' }).click();
    const classes = panel.locator('.class-table tbody tr');
    await classes.first().waitFor({ timeout: SOON_MS });
    expect(await classes.first().locator('th').innerText()).toBe(worstClass());
    await classes.first().getByRole('button').click();

    await panel.getByRole('tab', { name: 'Layers' }).click();
    await panel
      .getByRole('button', { name: /^Insert the pair/ })
      .first()
      .click();
    await window.open(CONFIG);
    await vi.waitFor(async () => expect(await window.text()).toMatch(/pairs: *\[/), SOON_MS);
    await window.press('Control+s');
    const saved = () => readFileSync(join(editor.workspace, CONFIG), 'utf8');
    await vi.waitFor(() => expect(saved()).toMatch(/pairs: *\[/), SOON_MS);
    await window.command('KD: Run Experiment');
    await row(/quick-2.*INCONCLUSIVE/).waitFor({ timeout: RUN_MS });
    await window.command('Notifications: Clear All Notifications');

    await window.command('View: Close All Editors');
    await window.openPath(recordOf('quick-2'));
    await panel.getByRole('tab', { name: 'Compare' }).click();
    const ids = ['quick-1', 'quick-2'].map((name) => basename(directoryOf(name)));
    for (const id of ids) await panel.getByLabel(`Choose ${id}`).check({ timeout: SOON_MS });
    await panel.getByRole('button', { name: 'Compare', exact: true }).click();
    await panel.getByText('Settings that differ').waitFor({ timeout: SOON_MS });
    await window.screenshot('compared-with-a-pair');
    await panel.getByRole('button', { name: 'Report as HTML' }).click();
    await window.answer();
    const report = join(editor.workspace, 'comparison.html');
    await vi.waitFor(() => expect(existsSync(report)).toBe(true), SOON_MS);
    for (const id of ids) expect(readFileSync(report, 'utf8')).toContain(id);
  });

  it('shows the configs where two records are compared', async () => {
    await window.command('View: Close All Editors');
    await window.openPath(recordOf('quick-1'));
    await window.panel().locator('.state', { hasText: 'Completed' }).waitFor({ timeout: SOON_MS });
    await window.compareWith(recordOf('quick-2'));
    await window.page
      .locator('.tab.active', { hasText: /quick-1 ↔ .*quick-2/ })
      .waitFor({ timeout: SOON_MS });
    const changed = window.page.locator('.monaco-diff-editor .modified-in-monaco-diff-editor .view-lines');
    await vi.waitFor(async () => expect(await changed.innerText()).toContain('pairs:'), SOON_MS);
    expect(await window.page.locator('.tab', { hasText: 'run.json ↔' }).count()).toBe(0);
    await window.screenshot('configs-of-two-records');
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

function directoryOf(name: string): string {
  const found = runRecords(editor.workspace).find(({ directory }) => directory.endsWith(name));
  if (found === undefined) throw new Error(`there is no run ${name}`);
  return found.directory;
}

function recordOf(name: string): string {
  return join(directoryOf(name), 'run.json');
}

/** Where the first run's student is furthest behind its teacher in the end. */
function worstClass(): string | undefined {
  const lines = readFileSync(join(directoryOf('quick-1'), 'gap', 'gap.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const { perClass } = JSON.parse(lines.at(-1) ?? '') as GapRecord;
  const behind = perClass.map(({ name, studentAccuracy, teacherAccuracy }) => ({
    name,
    by: teacherAccuracy - studentAccuracy,
  }));
  return behind.reduce((worst, one) => (one.by > worst.by ? one : worst)).name;
}

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
