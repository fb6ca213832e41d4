import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PanelController, type PanelServices } from '../../../src/extension/panel/panel-controller.ts';
import { RunsWatcher } from '../../../src/extension/runs/runs-watcher.ts';
import { readHostMessage } from '../../../src/protocol/panel-shapes.ts';
import { changeLabels, labelsOf } from '../../../src/runs/index.ts';
import { MadeRuns } from '../../reports/made-runs.ts';
import { desk, editor, Uri, type FakePanel } from './fake-webview.ts';

vi.mock('vscode', () => import('./fake-webview.ts'));

const SLOW = { timeout: 10_000 };
let made: MadeRuns;
let runs: RunsWatcher;
let controller: PanelController;
let panel: FakePanel;
let replies = 0;

beforeEach(() => {
  desk.reset();
  editor.reset();
  replies = 0;
  made = new MadeRuns();
  made.add({ id: 'a', student: [0.9, 0.91, 0.92], alone: [0.89, 0.9, 0.91] });
  made.add({ id: 'b', student: [0.95, 0.96, 0.97] });
  made.add({ id: 'other', student: [0.9], change: { dataHash: 'data-2' } });
  runs = new RunsWatcher(() => undefined);
  runs.addRoot(made.root);
  const note = () => undefined;
  controller = new PanelController({
    extensionUri: Uri.file('/extension'),
    runs,
    log: { info: note, warn: note, error: note },
  } as unknown as PanelServices);
  controller.open({ run: directory('a') });
  const opened = desk.panels.at(-1);
  if (opened === undefined) throw new Error('no panel was opened');
  panel = opened;
  panel.receive({ type: 'ready', version: 1, run: null });
});
afterEach(() => {
  controller.dispose();
  runs.dispose();
  made.dispose();
});

function directory(id: string): string {
  return join(made.store.folder, id);
}

/** The last message of a type, as the page reads it. */
function told(type: string): Record<string, unknown> {
  const message = readHostMessage(panel.of(type).at(-1));
  if (!message.ok) throw new Error(message.problem);
  return message.value as unknown as Record<string, unknown>;
}

async function ask(request: object): Promise<unknown> {
  replies += 1;
  panel.receive({ id: replies, ...request });
  await vi.waitFor(() => expect(panel.of('reply')).toHaveLength(replies), SLOW);
  return panel.of('reply').at(-1);
}

test('a page is told of all runs while it watches them, with their labels, and of nothing else', async () => {
  expect(panel.of('table')).toEqual([]);
  panel.receive({ type: 'watch', table: true, files: false });
  expect(told('table')).toMatchObject({
    rows: [
      { id: 'other', best: 0.9, verdict: null },
      { id: 'b', student: 'student', seeds: 3, baseline: null },
      { id: 'a', verdict: 'BEATS', difference: expect.closeTo(1, 6) as number, parameters: 78_042 },
    ],
  });
  await ask({ type: 'label', runs: [directory('b')], change: { starred: true, addTags: ['hot'] } });
  expect(labelsOf(directory('b'))).toMatchObject({ starred: true, tags: ['hot'] });
  await vi.waitFor(
    () =>
      expect(told('table')).toMatchObject({ rows: [{}, { labels: { starred: true, tags: ['hot'] } }, {}] }),
    SLOW,
  );
  expect(panel.of('files')).toEqual([]);
  const before = panel.posted.length;
  panel.show(false);
  changeLabels(directory('b'), { starred: false });
  runs.refresh();
  // Longer than the pause between two tables.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(panel.posted.length).toBe(before);
}, 20_000);

test('a page is told of the files of its run, and opens them by their names alone', async () => {
  panel.receive({ type: 'watch', table: false, files: true });
  const files = told('files');
  expect(files).toMatchObject({ run: directory('a'), log: ['first line', 'last line'] });
  expect(files['artefacts']).toContainEqual(expect.objectContaining({ name: 'config.yaml', kind: 'config' }));
  expect(
    await ask({ type: 'openArtefact', run: directory('a'), name: '../../../../etc/passwd' }),
  ).toMatchObject({
    ok: false,
    message: expect.stringContaining('no longer there') as string,
  });
  expect(await ask({ type: 'openArtefact', run: '/etc', name: 'config.yaml' })).toMatchObject({ ok: false });
});

test('a comparison comes from the run directories; runs of other data are refused in words', async () => {
  const compare = { type: 'compare', metric: 'accuracy', toBaseline: false };
  expect(await ask({ ...compare, runs: [directory('a'), directory('b')] })).toMatchObject({ ok: true });
  expect(told('comparison')).toMatchObject({
    report: { runs: ['a', 'b'], comparisons: [{ best: { verdict: 'BEATS', pairs: 3 } }] },
  });
  expect(await ask({ ...compare, runs: [directory('a'), directory('other')] })).toMatchObject({
    ok: false,
    message: expect.stringContaining('cannot be compared') as string,
  });
  expect(panel.of('comparison')).toHaveLength(1);
}, 20_000);

test('a report is written where the person says', async () => {
  desk.saveTo = Uri.file('/project/out.html');
  const report = { type: 'report', metric: 'accuracy', toBaseline: false };
  const two = [directory('a'), directory('b')];
  expect(await ask({ ...report, runs: two, format: 'html' })).toMatchObject({
    ok: true,
    message: 'saved as out.html',
  });
  expect(Buffer.from(desk.files.get('/project/out.html') ?? []).toString('utf8')).toContain('b BEATS a');
  desk.saveTo = Uri.file('/project/out.csv');
  await ask({ ...report, runs: two, format: 'csv' });
  expect(Buffer.from(desk.files.get('/project/out.csv') ?? []).toString('utf8')).toMatch(/^run,student,/u);
}, 20_000);

test('a comparison that was asked for in the Runs view is told to the page once it is there', () => {
  controller.compare(directory('a'), [directory('a'), directory('b')]);
  expect(told('showComparison')).toMatchObject({ runs: [directory('a'), directory('b')] });
});
