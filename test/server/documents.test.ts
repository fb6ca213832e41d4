import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Diagnostic } from 'vscode-languageserver/node';
import { RECHECK_NOTIFICATION } from '../../src/protocol/lsp.ts';
import { RunStore } from '../../src/runs/index.ts';
import { bundleServer, type ServerBundle } from './bundle.ts';
import { ServerClient } from './client.ts';
import { createProject, HEALTHY, type Project } from './project.ts';

let bundle: ServerBundle;
let project: Project;
let client: ServerClient;

beforeAll(async () => {
  bundle = await bundleServer();
});
afterAll(() => bundle.remove());
beforeEach(async () => {
  project = createProject();
  client = await ServerClient.start(bundle.path, [project.folder]);
});
afterEach(() => {
  client.dispose();
  project.remove();
});

const codes = (found: readonly Diagnostic[]) => found.map(({ code }) => code);

function write(name: string, text: string): string {
  writeFileSync(project.path(name), text);
  return project.uri(name);
}

/** The next publication for a document of which this is true. */
function until(uri: string, fits: (found: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]> {
  return client.next((published) => published.uri === uri && fits(published.diagnostics));
}

describe('a base file', () => {
  const CHILD = 'extends: base.kd.yaml\n';
  /** Wrong in no file alone: the layer is one of a teacher that only the other file names. */
  const BASE = `partial: true\n${HEALTHY.replace('architecture: resnet20', 'architecture: mlp')}`;
  const atLayer = { line: BASE.split('\n').findIndex((line) => line.includes('- at:')) };

  it('has the faults that it causes, as soon as it is open beside the file that extends it', async () => {
    const base = write('base.kd.yaml', BASE.replace(/architecture: mlp/, 'architecture: resnet20'));
    const child = write('a.kd.yaml', `${CHILD}models: { teacher: { architecture: mlp } }\n`);
    const found = await client.open(child, `${CHILD}models: { teacher: { architecture: mlp } }\n`);
    expect(codes(found)).toContain('KD2203');
    const [fault] = found;
    expect(fault?.range.start.line).toBe(0);
    expect(fault?.relatedInformation?.[0]?.location).toMatchObject({
      uri: base,
      range: { start: { line: atLayer.line } },
    });

    const caused = until(base, (list) => list.length > 0);
    await client.open(base, BASE.replace(/architecture: mlp/, 'architecture: resnet20'));
    const [shown] = await caused;
    expect(shown).toMatchObject({ code: fault?.code, range: fault?.relatedInformation?.[0]?.location.range });
    expect(shown?.message).not.toContain('base.kd.yaml');
    expect(shown?.relatedInformation).toMatchObject([
      { location: { uri: child }, message: 'a.kd.yaml extends this file' },
    ]);

    const cleared = until(base, (list) => list.length === 0);
    await client.close(child);
    expect(await cleared).toEqual([]);
  });

  it('shows a fault of its own once, though the file that extends it finds it too', async () => {
    const wrong = `partial: true\n${HEALTHY.replace('momentum', 'momentun')}`;
    const base = write('base.kd.yaml', wrong);
    await client.open(project.uri('a.kd.yaml'), CHILD);
    expect(codes(await client.open(base, wrong))).toEqual(['KD2001']);
  });

  it('counts as it is typed, for the files that extend it', async () => {
    const healthy = `partial: true\n${HEALTHY}`;
    const base = write('base.kd.yaml', healthy);
    const child = project.uri('a.kd.yaml');
    expect(await client.open(child, CHILD)).toEqual([]);
    await client.open(base, healthy);
    const broken = until(child, (list) => list.length > 0);
    await client.change(base, 2, [{ text: healthy.replace('momentum', 'momentun') }]);
    expect(codes(await broken)).toEqual(['KD2001']);
    // Thrown away: what is on the disk counts again.
    const mended = until(child, (list) => list.length === 0);
    await client.close(base);
    expect(await mended).toEqual([]);
  });

  it('that is renamed or deleted is missed, and its new name proposed', async () => {
    write('base.kd.yaml', `partial: true\n${HEALTHY}`);
    const child = project.uri('a.kd.yaml');
    expect(await client.open(child, CHILD)).toEqual([]);
    renameSync(project.path('base.kd.yaml'), project.path('bases.kd.yaml'));
    const missed = until(child, (list) => list.length > 0);
    await client.notify(RECHECK_NOTIFICATION);
    const [fault] = await missed;
    expect(fault).toMatchObject({ code: 'KD1020' });
    expect(fault?.message).toMatch(/did you mean "bases.kd.yaml"/);
    rmSync(project.path('bases.kd.yaml'));
    const gone = until(
      child,
      ([first]) => first !== undefined && !JSON.stringify(first).includes('did you mean'),
    );
    await client.notify(RECHECK_NOTIFICATION);
    expect(codes(await gone)).toEqual(['KD1020']);
  });
});

describe('a document whose file goes away while it is open', () => {
  it('is still checked, completed and explained by its text when it was deleted', async () => {
    const uri = write('a.kd.yaml', HEALTHY);
    await client.open(uri, HEALTHY);
    rmSync(project.path('a.kd.yaml'));
    const again = until(uri, () => true);
    await client.notify(RECHECK_NOTIFICATION);
    expect(await again).toEqual([]);
    await client.change(uri, 2, [{ text: HEALTHY.replace('momentum', 'momentun') }]);
    expect(codes(await client.diagnostics(uri, 2))).toEqual(['KD2001']);
    expect(await client.hover(uri, { line: 0, character: 1 })).not.toBeNull();
  });

  it('survives that its whole folder is deleted', async () => {
    mkdirSync(project.path('deep'));
    const text = HEALTHY.replaceAll(/(train|test)-(images|labels)/g, '../$1-$2');
    const uri = write('deep/a.kd.yaml', text);
    expect(await client.open(uri, text)).toEqual([]);
    rmSync(project.folder, { recursive: true });
    const again = until(uri, (list) => list.length > 0);
    await client.notify(RECHECK_NOTIFICATION);
    expect(new Set(codes(await again))).toEqual(new Set(['KD3001']));
    expect((await client.lenses(uri)).length).toBeGreaterThan(0);
  });

  it('goes on under its new name when it was renamed, and leaves nothing under the old one', async () => {
    const wrong = HEALTHY.replace('momentum', 'momentun');
    const before = write('a.kd.yaml', wrong);
    await client.open(before, wrong);
    const store = new RunStore(project.folder);
    const titles = async (uri: string) =>
      (await client.lenses(uri)).map(({ command }) => command?.title ?? '');
    store.create({ name: 'n', config: project.path('a.kd.yaml'), configText: '', overrides: [], seeds: [1] });
    renameSync(project.path('a.kd.yaml'), project.path('b.kd.yaml'));
    // An editor closes the old document and opens one of the new name.
    const cleared = until(before, (list) => list.length === 0);
    await client.close(before);
    expect(await cleared).toEqual([]);
    const after = project.uri('b.kd.yaml');
    expect(codes(await client.open(after, wrong))).toEqual(['KD2001']);
    expect((await titles(after)).some((title) => title.startsWith('Last:'))).toBe(false);
  });
});

describe('a text without a file', () => {
  const UNTITLED = 'untitled:Untitled-1';

  it('stands in the first folder of the workspace as long as it was never saved', async () => {
    expect(await client.open(UNTITLED, HEALTHY)).toEqual([]);
    const wrong = HEALTHY.replace('test-labels', 'test-label');
    await client.change(UNTITLED, 2, [{ text: wrong }]);
    const [fault] = await client.diagnostics(UNTITLED, 2);
    expect(fault?.message).toMatch(/did you mean "test-labels"/);
  });

  it('leads to itself from its own places, not to a file that is not there', async () => {
    const text = HEALTHY.replace('distill:\n', 'distill:\n  from: teacher\n').replace(
      'pairs: [[stage2, stage2], [stage3, stage3]]',
      'pairs: [[stage2, stage2], [stage2, stage2]]',
    );
    const [fault] = await client.open(UNTITLED, text);
    expect(fault?.relatedInformation?.[0]?.location.uri).toBe(UNTITLED);
    const line = text.split('\n').indexOf('  from: teacher');
    const definition = await client.request<{ uri: string }>('textDocument/definition', {
      textDocument: { uri: UNTITLED },
      position: { line, character: 10 },
    });
    expect(definition.uri).toBe(UNTITLED);
    const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const extracted = (await client.actions(UNTITLED, range)).filter(
      ({ kind }) => kind === 'refactor.extract',
    );
    expect(extracted).toEqual([]);
  });

  it.each([
    ['of a folder on a server', 'vscode-vfs://github/someone/project/a.kd.yaml'],
    ['of an archive', 'zip:/a.zip/a.kd.yaml'],
    ['with an address that is none', 'x:'],
  ])('%s is checked by its text alone, and its paths are said not to be', async (_, uri) => {
    const found = await client.open(uri, HEALTHY.replace('momentum', 'momentun'));
    expect(new Set(codes(found))).toEqual(new Set(['KD2001', 'KD3018']));
    expect(found.filter(({ code }) => code === 'KD3018').every(({ severity }) => severity === 3)).toBe(true);
    expect(await client.hover(uri, { line: 0, character: 1 })).not.toBeNull();
  });
});

describe('several folders', () => {
  it('each have their own data and runs, also where names are the same', async () => {
    const other = createProject();
    try {
      rmSync(other.path('train-labels'));
      const change = { added: [{ uri: pathToFileURL(other.folder).href, name: 'other' }], removed: [] };
      await client.notify('workspace/didChangeWorkspaceFolders', { event: change });
      expect(await client.open(project.uri('a.kd.yaml'), HEALTHY)).toEqual([]);
      expect(codes(await client.open(other.uri('a.kd.yaml'), HEALTHY))).toEqual(['KD3001']);
      const config = other.path('a.kd.yaml');
      const run = { name: 'n', config, configText: HEALTHY, overrides: [], seeds: [1] };
      new RunStore(other.folder).create(run);
      const last = async (uri: string) =>
        (await client.lenses(uri)).some(({ command }) => command?.title.startsWith('Last:'));
      expect(await last(other.uri('a.kd.yaml'))).toBe(true);
      expect(await last(project.uri('a.kd.yaml'))).toBe(false);
    } finally {
      other.remove();
    }
  });

  it('that come and go decide what a path may leave', async () => {
    const text = HEALTHY.replaceAll(/(train|test)-(images|labels)/g, '../$1-$2');
    mkdirSync(project.path('inner'));
    const uri = write('inner/a.kd.yaml', text);
    expect(await client.open(uri, text)).toEqual([]);
    const inner = { uri: pathToFileURL(project.path('inner')).href, name: 'inner' };
    const outer = { uri: pathToFileURL(project.folder).href, name: project.folder };
    const refused = until(uri, (list) => list.length > 0);
    await client.notify('workspace/didChangeWorkspaceFolders', {
      event: { added: [inner], removed: [outer] },
    });
    expect(new Set(codes(await refused))).toEqual(new Set(['KD3002']));
    const allowed = until(uri, (list) => list.length === 0);
    await client.notify('workspace/didChangeWorkspaceFolders', {
      event: { added: [outer], removed: [inner] },
    });
    expect(await allowed).toEqual([]);
  });
});
