import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic, Fix } from '../../src/config/diagnostic.ts';
import { FIX_ALL_KIND } from '../../src/protocol/lsp.ts';
import { codeActions } from '../../src/server/code-actions.ts';
import { configLanguage } from '../../src/server/config-language.ts';
import { editsOfAllFixes, touches } from '../../src/server/fixes.ts';
import { guarded } from '../../src/server/guard.ts';
import { codeLenses } from '../../src/server/lenses.ts';
import { withPages } from '../../src/server/pages.ts';
import { DEBOUNCE_MILLISECONDS, Schedule } from '../../src/server/schedule.ts';
import { summarize } from '../../src/server/summary.ts';
import { toDocumentSymbol, toLspDiagnostic } from '../../src/server/translate.ts';
import { pathOf } from '../../src/server/uri.ts';
import { Workspace } from '../../src/server/workspace.ts';
import { BEATS, HALF_WAY, recordOf } from '../extension/records.ts';
import { directFacts } from './direct-facts.ts';

function range(line: number, from: number, to: number) {
  return { start: { line, character: from }, end: { line, character: to } };
}

function fix(title: string, line: number, from: number, to: number, newText: string): Fix {
  return { title, edits: [{ range: range(line, from, to), newText }] };
}

function fault(line: number, from: number, to: number, fixes: readonly Fix[] = []): Diagnostic {
  return {
    range: range(line, from, to),
    severity: 'error',
    code: 'KD2001',
    message: 'wrong',
    help: 'do',
    fixes,
  };
}

describe('fixing all', () => {
  it('takes the only fix of each fault and leaves choices to a person', () => {
    const faults = [
      fault(1, 0, 4, [fix('a', 1, 0, 4, 'kd')]),
      fault(2, 0, 4, [fix('b', 2, 0, 4, 'x'), fix('c', 2, 0, 4, 'y')]),
      fault(3, 0, 4),
    ];
    expect(editsOfAllFixes(faults).map(({ newText }) => newText)).toEqual(['kd']);
  });

  it.each([
    ['overlapping', fix('b', 1, 2, 6, 'y')],
    ['equal', fix('b', 1, 0, 4, 'y')],
    ['insertions at one place', fix('b', 1, 0, 0, 'y')],
  ])('makes no two edits that collide: %s', (_name, second) => {
    const faults = [fault(1, 0, 4, [fix('a', 1, 0, 4, 'x')]), fault(1, 2, 6, [second])];
    expect(editsOfAllFixes(faults).map(({ newText }) => newText)).toEqual(['x']);
  });

  it('makes edits that follow each other without a gap', () => {
    const faults = [fault(1, 4, 8, [fix('a', 1, 4, 8, 'x')]), fault(1, 0, 4, [fix('b', 1, 0, 4, 'y')])];
    expect(editsOfAllFixes(faults)).toHaveLength(2);
  });

  it('gives document edits that a text document can apply', () => {
    const document = TextDocument.create('file:///a', 'kd-yaml', 1, 'abcd\nefgh\n');
    const faults = [fault(1, 0, 1, [fix('a', 1, 0, 1, 'E')]), fault(0, 1, 3, [fix('b', 0, 1, 3, '')])];
    expect(TextDocument.applyEdits(document, [...editsOfAllFixes(faults)])).toBe('ad\nEfgh\n');
  });
});

describe('code actions', () => {
  const faults = [
    fault(1, 0, 4, [fix('Rename', 1, 0, 4, 'kd')]),
    fault(5, 0, 4, [fix('Remove', 5, 0, 4, '')]),
  ];
  const at = (line: number, only?: string[]) =>
    codeActions(
      { uri: 'file:///a', file: '/a', version: 7, range: range(line, 2, 2), ...(only && { only }) },
      faults,
    );

  it('offer the fixes of the fault at the cursor, and one for all', () => {
    expect(at(1).map(({ title }) => title)).toEqual(['Rename', 'Fix all problems of this experiment']);
    expect(at(3).map(({ kind }) => kind)).toEqual([FIX_ALL_KIND]);
  });

  it('keep to the kinds that were asked for', () => {
    expect(at(1, ['quickfix']).map(({ title }) => title)).toEqual(['Rename']);
    expect(at(1, ['source.fixAll']).map(({ kind }) => kind)).toEqual([FIX_ALL_KIND]);
    expect(at(1, ['refactor'])).toEqual([]);
    expect(at(1, ['source.fix'])).toEqual([]);
  });

  it('name the version of the text they are for', () => {
    expect(at(1)[0]?.edit?.documentChanges).toEqual([
      { textDocument: { uri: 'file:///a', version: 7 }, edits: [{ range: range(1, 0, 4), newText: 'kd' }] },
    ]);
  });

  it('reach a fault at whose edge the cursor stands', () => {
    expect(touches(range(1, 0, 4), range(1, 4, 4))).toBe(true);
    expect(touches(range(1, 0, 4), range(1, 5, 5))).toBe(false);
    expect(touches(range(1, 2, 2), range(1, 0, 9))).toBe(true);
    expect(touches(range(1, 0, 4), range(2, 0, 0))).toBe(false);
  });
});

describe('code lenses', () => {
  const block = { kind: 'document', name: 'document', path: 'document', range: range(0, 0, 4) } as const;

  it('stand above the first line: Run, Queue, Dry run, Check, Panel, Effective', () => {
    const lenses = codeLenses('file:///a', [block], null);
    expect(lenses.map(({ command }) => command?.title)).toEqual([
      '$(play) Run',
      '$(list-ordered) Queue',
      '$(beaker) Dry run',
      '$(checklist) Check',
      '$(graph-line) Panel',
      '$(diff) Effective',
    ]);
    expect(lenses.every(({ command }) => command?.arguments?.[0] === 'file:///a')).toBe(true);
  });

  it('stand above a teacher and above the terms, each with what fits there', () => {
    const blocks = [
      { kind: 'teacher', name: 'large', path: 'models.large', range: range(3, 2, 7) },
      { kind: 'block', name: 'student', path: 'models.student', range: range(4, 2, 9) },
      { kind: 'match', name: 'match', path: 'distill.match', range: range(6, 2, 7) },
    ] as const;
    const lenses = codeLenses('file:///a', blocks, null);
    expect(lenses.map(({ range: { start }, command }) => [start.line, command?.command])).toEqual([
      [3, 'kd.trainTeacher'],
      [6, 'kd.suggestPair'],
    ]);
    expect(lenses[0]?.command?.arguments).toEqual([{ uri: 'file:///a', model: 'large' }]);
  });

  it('end with the last result', () => {
    const done = {
      record: recordOf('a', { results: { phases: [], verdict: BEATS } }),
      status: 'completed',
    } as const;
    const title = (last: Parameters<typeof codeLenses>[2]) =>
      codeLenses('file:///a', [block], last).at(-1)?.command?.title;
    expect(title(done)).toBe('Last: BEATS the baseline: +0.8 points accuracy [+0.3, +1.3]');
    expect(title({ record: recordOf('a', { progress: HALF_WAY }), status: 'running' })).toContain('42 %');
  });

  it('draw no icon that a run smuggled into its words, and stay on one line', () => {
    const message = `$(bug)\n${'x'.repeat(200)}`;
    const failed = recordOf('a', { failure: { code: 'KD4001', message, help: '' } });
    const title = codeLenses('u', [block], { record: failed, status: 'failed' }).at(-1)?.command?.title ?? '';
    expect(title).not.toContain('$(');
    expect(title).not.toContain('\n');
    expect(title.length).toBeLessThanOrEqual(80);
  });

  it('are absent where there is no document', () => {
    expect(codeLenses('u', [], null)).toEqual([]);
  });
});

describe('scheduled work', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is done once for a burst of requests, after the last of them', () => {
    const done: string[] = [];
    const schedule = new Schedule((key) => done.push(key));
    for (let stroke = 0; stroke < 5; stroke += 1) {
      schedule.request('a');
      vi.advanceTimersByTime(DEBOUNCE_MILLISECONDS - 1);
    }
    schedule.request('b');
    expect(done).toEqual([]);
    vi.advanceTimersByTime(DEBOUNCE_MILLISECONDS);
    expect(done).toEqual(['a', 'b']);
  });

  it('is not done for what was cancelled', () => {
    const done: string[] = [];
    const schedule = new Schedule((key) => done.push(key));
    schedule.request('a');
    schedule.request('b');
    schedule.cancel('a');
    vi.advanceTimersByTime(1000);
    expect(done).toEqual(['b']);
  });
});

describe('a defect in an answer', () => {
  it('is logged and costs that one answer', () => {
    const errors: string[] = [];
    const answer = guarded({ error: (message) => errors.push(message) }, 'hover', null, (text: string) => {
      if (text === 'bad') throw new Error('defect');
      return text;
    });
    expect(answer('bad')).toBeNull();
    expect(answer('good')).toBe('good');
    expect(errors[0]).toContain('hover: Error: defect');
  });
});

describe('translation', () => {
  it('puts the next step under the message and points to the other place', () => {
    const translated = toLspDiagnostic(
      {
        ...fault(1, 0, 4),
        relatedInformation: [{ file: '/a b.kd.yaml', range: range(0, 0, 1), message: 'here' }],
      },
      { uri: 'file:///x', file: '/x' },
    );
    expect(translated).toMatchObject({ severity: 1, code: 'KD2001', source: 'kd', message: 'wrong\ndo' });
    expect(translated.relatedInformation?.[0]?.location.uri).toBe('file:///a%20b.kd.yaml');
  });

  it('never gives the outline an empty name, which the editor refuses', () => {
    const part = {
      detail: '',
      kind: 'value',
      range: range(0, 0, 1),
      selectionRange: range(0, 0, 1),
    } as const;
    const symbol = toDocumentSymbol({ ...part, name: '', children: [{ ...part, name: 'kd', children: [] }] });
    expect(symbol.name).toBe('(empty)');
    expect(symbol.children?.[0]?.name).toBe('kd');
  });

  it('counts errors and warnings and names the first of the worst', () => {
    const warning: Diagnostic = { ...fault(0, 1, 2), severity: 'warning', message: 'odd' };
    expect(summarize([warning, fault(3, 4, 5)])).toEqual({
      errors: 1,
      warnings: 1,
      first: { line: 3, character: 4, message: 'wrong' },
    });
    expect(summarize([warning]).first?.message).toBe('odd');
    expect(summarize([]).first).toBeNull();
  });
});

describe('pages of the reference', () => {
  const language = withPages(configLanguage, join(import.meta.dirname, '../../docs'));
  const context = { file: null };
  const text = 'distill:\n  match: []\n  \n';

  /** The files that a text links. */
  function linkedFiles(markdown = ''): string[] {
    return [...markdown.matchAll(/\]\((file:[^)]+)\)/g)].map(([, url = '']) => fileURLToPath(url));
  }

  it('are links where a completion or a hover names them, and lie where these lead', () => {
    const scheme = language
      .complete(text, { line: 2, character: 2 }, context)
      .find(({ label }) => label === 'scheme');
    const hover = language.hover(text, { line: 1, character: 3 }, context);
    for (const files of [linkedFiles(scheme?.documentation), linkedFiles(hover?.markdown)]) {
      expect(files.map((file) => basename(file))).toEqual(['which-method.md']);
      expect(files.filter((file) => !existsSync(file))).toEqual([]);
    }
    expect(language.hover(text, { line: 3, character: 0 }, context)).toBeNull();
    const written = 'distill:\n  scheme: book\n  match:\n    - sp: {}\n';
    for (const [line, character, page] of [
      [1, 12, 'book.md'],
      [3, 7, 'sp.md'],
    ] as const) {
      const [file = '', ...others] = linkedFiles(
        language.hover(written, { line, character }, context)?.markdown,
      );
      expect([basename(file), existsSync(file), others]).toEqual([page, true, []]);
    }
  });

  it('are links in comments, and nowhere else', () => {
    const commented =
      '# Formula and limits: docs/methods/kd.md, docs/refiners/dam.md\nname: docs/methods/at.md\n';
    const links = language.links(commented, context);
    expect(links.map(({ target }) => ('file' in target ? basename(target.file) : ''))).toEqual([
      'kd.md',
      'dam.md',
    ]);
    const [line = ''] = commented.split('\n');
    expect(links.map(({ range }) => line.slice(range.start.character, range.end.character))).toEqual([
      'docs/methods/kd.md',
      'docs/refiners/dam.md',
    ]);
    for (const { target } of links) expect('file' in target && existsSync(target.file)).toBe(true);
  });

  it('come with the package', () => {
    const content = readFileSync(join(import.meta.dirname, '../package/expected-content.txt'), 'utf8');
    expect(content).toContain('extension/docs/which-method.md\n');
    expect(content).toContain('extension/docs/recipes/leakSafe.md\n');
  });
});

describe('the folders of the editor', () => {
  const folder = (uri: string) => ({ uri, name: uri });

  it('are those on a disk, as they come and go', () => {
    const workspace = new Workspace(directFacts());
    workspace.open([folder('file:///a'), folder('vscode-vfs://github/b')]);
    expect(workspace.contextOf('file:///a/x.kd.yaml')).toMatchObject({
      file: '/a/x.kd.yaml',
      workspaceFolders: ['/a'],
    });
    workspace.change([folder('file:///c')], [folder('file:///a')]);
    expect(workspace.contextOf('untitled:Untitled-1')).toMatchObject({
      file: null,
      workspaceFolders: ['/c'],
    });
  });

  it('are not shaken by an address that is none', () => {
    expect(pathOf('file:///a%20b')).toBe('/a b');
    expect(pathOf('file:///%zz')).toBeNull();
    expect(pathOf('file://other-host/a')).toBeNull();
    expect(pathOf('')).toBeNull();
  });
});
