import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CancellationTokenSource,
  LSPErrorCodes,
  type CodeAction,
  type Diagnostic,
  type TextDocumentEdit,
  type TextEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CHECK_REQUEST,
  EFFECTIVE_REQUEST,
  RECHECK_NOTIFICATION,
  RUNS_CHANGED_NOTIFICATION,
  SUGGEST_PAIR_REQUEST,
  type EffectiveResult,
  type SuggestedPair,
} from '../../src/protocol/lsp.ts';
import { readRecord, writeRecord } from '../../src/runs/record.ts';
import { RunStore } from '../../src/runs/index.ts';
import { BEATS } from '../extension/records.ts';
import { bundleServer, type ServerBundle } from './bundle.ts';
import { ServerClient } from './client.ts';
import { createProject, HEALTHY, type Project } from './project.ts';

let bundle: ServerBundle;
let project: Project;
let client: ServerClient;

beforeAll(async () => {
  bundle = await bundleServer();
  client = await ServerClient.start(bundle.path);
});
afterAll(() => {
  client.dispose();
  bundle.remove();
});
beforeEach(() => {
  project = createProject();
});
afterEach(async () => {
  await client.close(uri());
  project.remove();
});

const uri = () => project.uri('a.kd.yaml');
const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code);

/** The stretch of the only occurrence of `part` within `text`. */
function stretch(text: string, part: string) {
  const document = TextDocument.create('', '', 1, text);
  const offset = text.indexOf(part);
  expect(offset, `"${part}" in the text`).toBeGreaterThanOrEqual(0);
  return { start: document.positionAt(offset), end: document.positionAt(offset + part.length) };
}

function applied(text: string, action: CodeAction | undefined): string {
  const edits = (action?.edit?.documentChanges ?? []).flatMap((change) => (change as TextDocumentEdit).edits);
  expect(edits).not.toEqual([]);
  return TextDocument.applyEdits(TextDocument.create('', '', 1, text), edits as TextEdit[]);
}

describe('an experiment in the editor', () => {
  it('without a fault has no diagnostics', async () => {
    expect(await client.open(uri(), HEALTHY)).toEqual([]);
  });

  it('with a typed slip gets a diagnostic at the slip, whose fix mends it', async () => {
    await client.open(uri(), HEALTHY);
    const at = stretch(HEALTHY, 'temperature').start;
    const slip = { line: at.line, character: at.character + 4 };
    const published = client.diagnostics(uri(), 2);
    await client.change(uri(), 2, [
      { range: { start: slip, end: { ...slip, character: slip.character + 1 } }, text: '' },
    ]);
    const wrong = HEALTHY.replace('temperature', 'temprature');
    const [fault, ...others] = await published;
    expect(others).toEqual([]);
    expect(fault).toMatchObject({
      code: 'KD2001',
      source: 'kd',
      severity: 1,
      range: stretch(wrong, 'temprature'),
    });

    const [fix] = await client.actions(uri(), stretch(wrong, 'temprature'), ['quickfix']);
    expect(applied(wrong, fix)).toBe(HEALTHY);
    const mended = client.diagnostics(uri(), 3);
    await client.change(uri(), 3, [{ text: applied(wrong, fix) }]);
    expect(await mended).toEqual([]);
  });

  it('with several slips is mended by one action', async () => {
    const wrong = HEALTHY.replace('momentum', 'momentun').replace('batchSize', 'batchsize');
    expect(codes(await client.open(uri(), wrong))).toEqual(['KD2001', 'KD2001']);
    const [all] = await client.actions(uri(), stretch(wrong, 'name'), ['source.fixAll']);
    expect(all?.kind).toBe('source.fixAll.kd');
    expect(applied(wrong, all)).toBe(HEALTHY);
  });

  it('is checked anew when a file it names vanishes', async () => {
    await client.open(uri(), HEALTHY);
    rmSync(project.path('train-labels'));
    const again = client.next((published) => published.uri === uri() && published.diagnostics.length > 0);
    await client.notify(RECHECK_NOTIFICATION);
    const [fault] = await again;
    expect(fault).toMatchObject({ code: 'KD3001', range: stretch(HEALTHY, 'train-labels') });
  });

  it('says on request how it stands', async () => {
    const wrong = HEALTHY.replace('momentum', 'momentun');
    await client.open(uri(), wrong);
    expect(await client.request(CHECK_REQUEST, { uri: uri() })).toMatchObject({
      errors: 1,
      warnings: 0,
      first: stretch(wrong, 'momentun').start,
    });
    expect(await client.request(CHECK_REQUEST, { uri: project.uri('unknown.kd.yaml') })).toBeNull();
  });

  it('has no diagnostics any more once it is closed', async () => {
    await client.open(uri(), HEALTHY.replace('momentum', 'momentun'));
    const cleared = client.next((published) => published.uri === uri() && published.version === undefined);
    await client.close(uri());
    expect(await cleared).toEqual([]);
  });

  it('that was never saved is checked by its text', async () => {
    const untitled = 'untitled:Untitled-1';
    const found = await client.open(untitled, HEALTHY.replace('momentum', 'momentun'));
    expect(codes(found)).toContain('KD2001');
  });
});

describe('help while writing', () => {
  it('completes values, keys and layers', async () => {
    const text = `${HEALTHY}engine: { device:  }\n`.replace('  seed: 1\n', '  see\n');
    await client.open(uri(), text);
    const labels = async (part: string, behind: number) => {
      const { start } = stretch(text, part);
      const items = await client.complete(uri(), { line: start.line, character: start.character + behind });
      return items.map(({ label }) => label);
    };
    expect(await labels('device:  }', 8)).toEqual(expect.arrayContaining(['auto', 'cpu']));
    expect(await labels('[stage2, stage2]', 1)).toEqual(expect.arrayContaining(['stage1', 'stage3']));
    expect(await labels('  see\n', 5)).toContain('seed');
  });

  it('completes in a line that is only begun', async () => {
    const text = HEALTHY.replace('- kd: { temperature: 4, weight: 0.9 }', '- ');
    await client.open(uri(), text);
    const line = text.split('\n').findIndex((content) => content === '    - ');
    const items = await client.complete(uri(), { line, character: 6 });
    expect(items.map(({ label }) => label)).toEqual(expect.arrayContaining(['kd', 'at', 'fitnet']));
  });

  it('explains what the pointer rests on', async () => {
    await client.open(uri(), HEALTHY);
    const range = stretch(HEALTHY, 'temperature');
    const hover = await client.hover(uri(), range.start);
    expect(hover?.range).toEqual(range);
    expect(JSON.stringify(hover?.contents)).toMatch(/temperature/i);
    expect(await client.hover(uri(), { line: 9999, character: 0 })).toBeNull();
  });

  it('has an outline of the file', async () => {
    await client.open(uri(), HEALTHY);
    const symbols = await client.symbols(uri());
    expect(symbols.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['data', 'models', 'distill', 'train']),
    );
    const models = symbols.find(({ name }) => name === 'models');
    expect(models?.children?.map(({ name }) => name)).toEqual(['teacher', 'student']);
  });
});

describe('ways through a file', () => {
  const ask = <R>(method: string, more: object = {}) =>
    client.request<R>(`textDocument/${method}`, { textDocument: { uri: uri() }, ...more });

  it('lead to definitions, references and files, and give names', async () => {
    const text = HEALTHY.replace('distill:\n', 'distill:\n  from: teacher\n');
    await client.open(uri(), text);
    const use = stretch(text, 'from: teacher');
    const position = { ...use.start, character: use.start.character + 6 };
    const teacher = stretch(text, '  teacher:').start;
    const declared = { start: { ...teacher, character: 2 }, end: { ...teacher, character: 9 } };
    expect(await ask('definition', { position })).toEqual({ uri: uri(), range: declared });
    expect(
      await ask<unknown[]>('references', { position, context: { includeDeclaration: true } }),
    ).toHaveLength(2);
    expect(await ask('prepareRename', { position })).toMatchObject({ start: position });
    const renamed = await ask<{ documentChanges: TextDocumentEdit[] }>('rename', {
      position,
      newName: 'large',
    });
    expect(applied(text, { title: '', edit: renamed })).toContain('from: large');
    await expect(ask('rename', { position, newName: 'student' })).rejects.toThrow(
      /there is a model "student"/,
    );
    const links = await ask<{ target: string }[]>('documentLink');
    expect(links.map(({ target }) => target)).toContain(project.uri('train-images'));
    expect(links.map(({ target }) => target.slice(0, 20))).toContain('command:kd.openPanel');
  });

  it('fold, select, colour, lay out and explain it', async () => {
    const text = HEALTHY.replace('  batchSize: 16', '  batchSize:    16');
    await client.open(uri(), text);
    expect(await ask<unknown[]>('foldingRange')).toContainEqual(
      expect.objectContaining({ startLine: 2, endLine: 5 }),
    );
    const [selection] = await ask<{ range: unknown; parent?: object }[]>('selectionRange', {
      positions: [stretch(text, 'resnet8').start],
    });
    expect(selection?.parent).toBeDefined();
    const tokens = await ask<{ data: number[] }>('semanticTokens/full');
    expect(tokens.data.length % 5).toBe(0);
    expect(tokens.data.length).toBeGreaterThan(100);
    const edits = await ask<TextEdit[]>('formatting', { options: { tabSize: 2, insertSpaces: true } });
    expect(TextDocument.applyEdits(TextDocument.create('', '', 1, text), edits)).toContain(
      '  batchSize: 16\n',
    );
    const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const hints = await ask<{ label: string }[]>('inlayHint', { range });
    expect(hints.map(({ label }) => label)).toContain('4 steps each, 12 in all');
    expect(await ask<unknown[]>('inlayHint', { range: { start: range.start, end: range.start } })).toEqual(
      [],
    );
  });

  it('offer to move a block to a file of its own, which is made first', async () => {
    await client.open(uri(), HEALTHY);
    const actions = await client.actions(uri(), stretch(HEALTHY, 'compare'), ['refactor.extract']);
    expect(actions.map(({ title }) => title)).toEqual(['Extract "compare" to the base file a.base.kd.yaml']);
    expect(actions[0]?.edit?.documentChanges?.[0]).toEqual({
      kind: 'create',
      uri: project.uri('a.base.kd.yaml'),
      options: { ignoreIfExists: false },
    });
  });

  it('show the config as it would run, and say so where it has errors', async () => {
    await client.open(uri(), HEALTHY);
    const whole = await client.request<EffectiveResult>(EFFECTIVE_REQUEST, { uri: uri() });
    expect(whole).toMatchObject({ errors: 0, text: expect.stringContaining('momentum: 0.9') as unknown });
    await client.close(uri());
    await client.open(uri(), HEALTHY.replace('momentum', 'momentun'));
    expect(await client.request(EFFECTIVE_REQUEST, { uri: uri() })).toEqual({ text: null, errors: 1 });
  });

  it('suggest the pair of layers to add next', async () => {
    await client.open(uri(), HEALTHY);
    const pair = await client.request<SuggestedPair>(SUGGEST_PAIR_REQUEST, { uri: uri() });
    expect(pair.title).toMatch(/stage1 and stage1/);
  });
});

describe('code lenses', () => {
  const titles = async () => (await client.lenses(uri())).map(({ command }) => command?.title);

  it('offer to run, check and show, and tell the last result once there is one', async () => {
    writeFileSync(project.path('a.kd.yaml'), HEALTHY);
    await client.open(uri(), HEALTHY);
    const first = [
      ...['$(play) Run', '$(list-ordered) Queue', '$(beaker) Dry run', '$(checklist) Check'],
      ...['$(graph-line) Panel', '$(diff) Effective'],
    ];
    const ofBlocks = ['$(mortar-board) Train only this teacher', '$(link) Suggest a pair'];
    expect(await titles()).toEqual([...first, ...ofBlocks]);

    const config = project.path('a.kd.yaml');
    const store = new RunStore(project.folder);
    const run = store.create({ name: 'digits', config, configText: HEALTHY, overrides: [], seeds: [1] });
    store.create({
      name: 'other',
      config: project.path('b.kd.yaml'),
      configText: '',
      overrides: [],
      seeds: [1],
    });
    writeRecord(run.path, {
      ...readRecord(run.path),
      status: 'completed',
      results: { phases: [], verdict: BEATS },
    });
    expect(await titles()).toEqual([...first, ...ofBlocks]);
    const { refreshes } = client;
    await client.notify(RUNS_CHANGED_NOTIFICATION);
    expect(await titles()).toEqual([
      ...first,
      'Last: BEATS the baseline: +0.8 points accuracy [+0.3, +1.3]',
      ...ofBlocks,
    ]);
    expect(client.refreshes).toEqual({ lenses: refreshes.lenses + 1, hints: refreshes.hints + 1 });
  });

  it('and hints are drawn anew where files may have changed', async () => {
    await client.open(uri(), HEALTHY);
    await titles();
    const { refreshes } = client;
    await client.notify(RECHECK_NOTIFICATION);
    await vi.waitFor(() =>
      expect(client.refreshes).toEqual({ lenses: refreshes.lenses + 1, hints: refreshes.hints + 1 }),
    );
  });

  it('survive a run directory that is damaged', async () => {
    await client.open(uri(), HEALTHY);
    const run = new RunStore(project.folder).create({
      name: 'digits',
      config: project.path('a.kd.yaml'),
      configText: '',
      overrides: [],
      seeds: [1],
    });
    writeFileSync(`${run.path}/run.json`, '{"formatVersion": 1, "id": ');
    expect(await titles()).toHaveLength(8);
  });
});

describe('positions', () => {
  it.each([
    ['Windows line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['lone carriage returns', (text: string) => text.replaceAll('\n', '\r')],
    [
      'characters of two units before it',
      (text: string) => text.replace('{ learningRate', '{ "😀": 1, learningRate'),
    ],
  ])('are those of the editor with %s', async (_name, change) => {
    const text = change(HEALTHY.replace('momentum', 'momentun'));
    const found = await client.open(uri(), text);
    const slip = stretch(text, 'momentun');
    expect(found.map(({ range }) => range)).toContainEqual(slip);
    const hover = await client.hover(uri(), stretch(text, 'hardLabelWeight').start);
    expect(hover?.range).toEqual(stretch(text, 'hardLabelWeight'));
  });
});

describe('work that is no longer wanted', () => {
  it('is not done: a question is dropped when the editor takes it back', async () => {
    await client.open(uri(), HEALTHY);
    const questions = Array.from({ length: 40 }, () => {
      const cancelled = new CancellationTokenSource();
      const parameters = { textDocument: { uri: uri() }, position: { line: 12, character: 8 } };
      const method = 'textDocument/completion';
      return { cancelled, asked: client.connection.sendRequest(method, parameters, cancelled.token) };
    });
    for (const { cancelled } of questions) cancelled.cancel();
    const answers = await Promise.allSettled(questions.map(({ asked }) => asked));
    const dropped = answers.filter(
      (answer) =>
        answer.status === 'rejected' &&
        (answer.reason as { code?: number }).code === LSPErrorCodes.RequestCancelled,
    );
    expect(dropped.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(dropped.length);
    expect((await client.complete(uri(), { line: 12, character: 8 })).length).toBeGreaterThan(0);
  });

  it('is not begun for texts that were typed over', async () => {
    await client.open(uri(), HEALTHY);
    const versions: (number | undefined)[] = [];
    const last = client.next(({ version }) => {
      versions.push(version);
      return version === 41;
    });
    for (let version = 2; version <= 41; version += 1) {
      await client.change(uri(), version, [{ text: `${HEALTHY}# ${version}\n` }]);
    }
    expect(await last).toEqual([]);
    expect(versions.length).toBeLessThan(40);
  });
});

describe('the server process', () => {
  it('ends when it is asked to', async () => {
    const other = await ServerClient.start(bundle.path, [project.folder]);
    await other.open(uri(), HEALTHY);
    expect(await other.shutdown()).toBe(0);
    other.dispose();
  });

  it('loads no tensor library', () => {
    const inputs = Object.keys(bundle.metafile.inputs);
    expect(inputs.some((input) => input.endsWith('src/server/server.ts'))).toBe(true);
    expect(inputs.filter((input) => /@tensorflow|onnxruntime/.test(input))).toEqual([]);
    const asked = Object.values(bundle.metafile.outputs).flatMap(({ imports }) =>
      imports.map(({ path }) => path),
    );
    expect(asked.filter((path) => /tensorflow|onnxruntime/.test(path))).toEqual([]);
  });
});
