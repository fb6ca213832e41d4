import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  PANEL_TYPE,
  PanelController,
  type PanelServices,
} from '../../../src/extension/panel/panel-controller.ts';
import type { RunEntry } from '../../../src/extension/runs/run-entry.ts';
import { COMMANDS } from '../../../src/extension/ids.ts';
import { readHostMessage } from '../../../src/protocol/panel-shapes.ts';
import { FILES } from '../../../src/runs/layout.ts';
import { sampleRun, type SampleRun } from '../../panel/sample-run.ts';
import { RunStore } from '../../../webview/run-store.ts';
import { desk, editor, FakePanel, serializers, Uri } from './fake-webview.ts';

vi.mock('vscode', () => import('./fake-webview.ts'));

const CONFIG = '/project/mnist.kd.yaml';
const READY = { type: 'ready', version: 1, run: null };
let folder: string;
let entries: RunEntry[];
let listeners: (() => void)[];
let warnings: string[];
let controller: PanelController;

// Read when the first pair is inserted; reading it is no part of what is waited for.
beforeAll(() => import('../../../src/config/edits.ts'));
beforeEach(() => {
  desk.reset();
  editor.reset();
  folder = mkdtempSync(join(tmpdir(), 'kd-panel-'));
  entries = [];
  listeners = [];
  warnings = [];
  const note = (line: string) => warnings.push(line);
  controller = new PanelController({
    extensionUri: Uri.file('/extension'),
    runs: {
      get entries() {
        return entries;
      },
      onDidChange: (listener: () => void) => {
        listeners.push(listener);
        return { dispose: () => undefined };
      },
    },
    log: { info: note, warn: note, error: note },
  } as unknown as PanelServices);
});
afterEach(() => {
  controller.dispose();
  rmSync(folder, { recursive: true });
});

/** Writes a run directory and makes it known to the window. */
function addRun(run: SampleRun = sampleRun({ seeds: [1], epochs: 2 }), id = 'r1'): RunEntry {
  const directory = join(folder, id);
  const record = { ...run.record, id, config: CONFIG };
  const lines = (records: readonly unknown[]) => records.map((one) => `${JSON.stringify(one)}\n`).join('');
  const files: [string, string][] = [
    [FILES.record, JSON.stringify({ ...record, process: undefined })],
    [FILES.metrics, lines(run.metrics)],
    [FILES.gap, lines(run.gap)],
    [FILES.similarity, lines(run.similarity)],
    [FILES.events, lines(run.events)],
  ];
  for (const [name, content] of files) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  const entry: RunEntry = { directory, record, status: record.status };
  entries = [entry, ...entries];
  return entry;
}

function opened(): FakePanel {
  const panel = desk.panels.at(-1);
  if (!panel) throw new Error('no panel was opened');
  return panel;
}

/** What a page that got these messages shows. */
function shown(panel: FakePanel): RunStore {
  const store = new RunStore();
  for (const message of panel.posted) {
    const read = readHostMessage(message);
    if (!read.ok) throw new Error(read.problem);
    store.take(read.value);
  }
  return store;
}
const points = (panel: FakePanel) =>
  shown(panel).content?.points({ phase: 'student', seed: 1, split: 'train', metric: 'loss' }).length ?? 0;

/** Asks for something, once the page is loaded, and waits for the answer. */
async function ask(panel: FakePanel, request: object): Promise<unknown> {
  if (panel.posted.length === 0) panel.receive(READY);
  const before = panel.of('reply').length;
  panel.receive({ id: before + 1, ...request });
  await vi.waitFor(() => expect(panel.of('reply')).toHaveLength(before + 1));
  return panel.of('reply').at(-1);
}

test('the page may run its own script, with a nonce never used before, and reach nothing', () => {
  const html = [1, 2].map(() => {
    controller.open();
    opened().dispose();
    return opened().webview.html;
  });
  const policy = /Content-Security-Policy" content="([^"]*)"/u.exec(html[0] ?? '')?.[1] ?? '';
  expect(policy).toContain(`default-src &#39;none&#39;`);
  expect(policy).not.toMatch(/unsafe/u);
  const nonces = html.map((page) => /nonce="([^"]*)"/u.exec(page)?.[1]);
  expect(nonces[0]).toMatch(/^[\w-]{43}$/u);
  expect(nonces[0]).not.toBe(nonces[1]);
});

test('nothing is sent before the page is ready; then a welcome, the runs and the run', async () => {
  const entry = addRun();
  controller.open({ config: Uri.file(CONFIG) as never });
  const panel = opened();
  expect(panel.posted).toEqual([]);
  panel.receive(READY);
  await vi.waitFor(() => expect(points(panel)).toBeGreaterThan(10));
  expect(panel.posted.slice(0, 2).map(({ type }) => type)).toEqual(['welcome', 'runs']);
  expect(shown(panel).content?.run.directory).toBe(entry.directory);
  expect(panel.title).toBe('KD: MNIST, ConvNet to MLP');
});

test('records that are written reach a visible page; a hidden one hears nothing and is right when it returns', async () => {
  const entry = addRun(sampleRun({ seeds: [1], epochs: 2, status: 'stopped' }));
  controller.open({ run: entry.directory });
  const panel = opened();
  panel.receive(READY);
  await vi.waitFor(() => expect(points(panel)).toBeGreaterThan(10));
  const [before, sent] = [points(panel), panel.posted.length];
  panel.show(false);
  const line = {
    seq: 9000,
    time: 1,
    phase: 'student',
    seed: 1,
    epoch: 9,
    step: 9000,
    split: 'train',
    values: { loss: 1 },
  };
  appendFileSync(join(entry.directory, FILES.metrics), `${JSON.stringify(line)}\n`);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(panel.posted).toHaveLength(sent);
  panel.show(true);
  panel.receive(READY);
  await vi.waitFor(() => expect(points(panel)).toBe(before + 1));
});

test('a page that is ready before it is in sight is told when it is', () => {
  controller.open();
  const panel = opened();
  panel.show(false);
  panel.receive(READY);
  expect(panel.posted).toEqual([]);
  panel.show(true);
  expect(panel.posted.map(({ type }) => type)).toEqual(['welcome', 'runs', 'snapshot']);
});

test('a run that was cut back is shown without what was lost', async () => {
  const run = sampleRun({ seeds: [1], epochs: 2, status: 'stopped' });
  const entry = addRun(run);
  controller.open({ run: entry.directory });
  const panel = opened();
  panel.receive(READY);
  await vi.waitFor(() => expect(points(panel)).toBeGreaterThan(10));
  const kept = run.metrics.filter(({ phase }) => phase === 'teacher');
  writeFileSync(join(entry.directory, FILES.metrics), kept.map((one) => `${JSON.stringify(one)}\n`).join(''));
  await vi.waitFor(() => expect(points(panel)).toBe(0), { timeout: 5000 });
  expect(
    shown(panel)
      .content?.keys()
      .every(({ phase }) => phase === 'teacher'),
  ).toBe(true);
});

test('after a reload the page gets the run that it showed', async () => {
  const first = addRun(undefined, 'r1');
  addRun(undefined, 'r2');
  const panel = new FakePanel();
  void serializers.get(PANEL_TYPE)?.deserializeWebviewPanel(panel, {});
  panel.receive({ ...READY, run: first.directory });
  await vi.waitFor(() => expect(shown(panel).content?.run.directory).toBe(first.directory));
});

test('a page that is ready before the window knows its runs gets its run as soon as it does', async () => {
  const panel = new FakePanel();
  void serializers.get(PANEL_TYPE)?.deserializeWebviewPanel(panel, {});
  const directory = join(folder, 'r1');
  panel.receive({ ...READY, run: directory });
  expect(shown(panel).content).toBeNull();
  addRun(undefined, 'r1');
  addRun(undefined, 'r2');
  for (const listener of listeners) listener();
  await vi.waitFor(() => expect(shown(panel).content?.run.directory).toBe(directory));
});

test('a run that is removed gives way to what is there', async () => {
  const entry = addRun();
  controller.open({ run: entry.directory });
  const panel = opened();
  panel.receive(READY);
  await vi.waitFor(() => expect(points(panel)).toBeGreaterThan(10));
  rmSync(entry.directory, { recursive: true });
  entries = [];
  await vi.waitFor(() => expect(shown(panel).content).toBeNull(), { timeout: 5000 });
  expect(warnings.join()).toContain('cannot be shown');
});

test('nonsense from the page is dropped and logged', () => {
  controller.open();
  const panel = opened();
  for (const nonsense of [
    null,
    1,
    'ready',
    {},
    { type: 'stop' },
    { type: 'exportFile', id: 1, name: 'x', format: 'png', content: '<' },
  ]) {
    panel.receive(nonsense);
  }
  expect(warnings).toHaveLength(6);
  expect(panel.posted).toEqual([]);
  expect(editor.executed).toEqual([]);
});

test('stop, resume, log and config go to the commands, for runs that the window knows and no others', async () => {
  const entry = addRun();
  controller.open({ config: Uri.file(CONFIG) as never });
  const panel = opened();
  const { directory } = entry;
  for (const type of ['stop', 'pause', 'resume', 'showLog', 'openConfig'])
    await ask(panel, { type, run: directory });
  expect(editor.executed).toEqual([
    [COMMANDS.stop, entry],
    [COMMANDS.pause, entry],
    [COMMANDS.resume, entry],
    [COMMANDS.showLog, entry],
    [COMMANDS.openRunConfig, entry],
  ]);
  expect(await ask(panel, { type: 'stop', run: '/etc' })).toMatchObject({ ok: false });
  expect(editor.executed).toHaveLength(5);
});

test('a pair is inserted into the experiment as one edit', async () => {
  const { directory } = addRun();
  desk.texts.set(CONFIG, 'distill:\n  match:\n    - at: { pairs: [ [a, b] ] }\n');
  controller.open({ run: directory });
  const request = { type: 'insertPair', run: directory, teacher: 'stage2', student: 'stage1' };
  expect(await ask(opened(), request)).toMatchObject({
    ok: true,
    message: expect.stringContaining('mnist.kd.yaml') as unknown,
  });
  expect(desk.edits).toHaveLength(1);
  expect(desk.edits[0]?.made.map(({ path }) => path)).toEqual([CONFIG]);
  expect(desk.edits[0]?.made[0]?.text).toContain('stage2');
});

test('a record that names a file outside the workspace cannot have it edited', async () => {
  const { directory } = addRun();
  desk.workspace = '/elsewhere';
  controller.open({ run: directory });
  const request = { type: 'insertPair', run: directory, teacher: 'a', student: 'b' };
  expect(await ask(opened(), request)).toMatchObject({ ok: false });
  expect(desk.edits).toEqual([]);
});

test('all metrics and a picture are saved where the person says', async () => {
  const { directory } = addRun();
  controller.open({ run: directory });
  expect(await ask(opened(), { type: 'exportCsv', run: directory })).toMatchObject({ ok: true, message: '' });
  desk.saveTo = Uri.file('/project/out.csv');
  expect(await ask(opened(), { type: 'exportCsv', run: directory })).toMatchObject({
    ok: true,
    message: 'saved as out.csv',
  });
  expect(Buffer.from(desk.files.get('/project/out.csv') ?? []).toString()).toMatch(
    /^seq,time,phase,seed,epoch,step,split,accuracy/u,
  );
  desk.saveTo = Uri.file('/project/out.png');
  await ask(opened(), { type: 'exportFile', name: 'chart', format: 'png', content: 'aGk=' });
  expect(Buffer.from(desk.files.get('/project/out.png') ?? []).toString()).toBe('hi');
});

test('there is one panel: opening again shows it with the new run', async () => {
  const [first, second] = [addRun(undefined, 'r1'), addRun(undefined, 'r2')];
  controller.open({ run: first.directory });
  opened().receive(READY);
  controller.open({ run: second.directory });
  expect(desk.panels).toHaveLength(1);
  expect(opened().revealed).toBe(1);
  await vi.waitFor(() => expect(shown(opened()).content?.run.id).toBe('r2'));
  opened().dispose();
  controller.open();
  expect(desk.panels).toHaveLength(2);
});
