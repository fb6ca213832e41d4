import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { definitionAt, linksIn } from '../../src/config/language/definitions.ts';
import { referencesAt, renameableAt, renameAt } from '../../src/config/language/model-names.ts';
import { foldsIn, selectionsAt } from '../../src/config/language/structure.ts';
import { tokensIn } from '../../src/config/language/tokens.ts';
import { loadExperiment } from '../../src/config/load.ts';
import { UserError } from '../../src/protocol/errors.ts';
import { createWorkspace, HEALTHY, type ConfigWorkspace } from './workspace.ts';

let workspace: ConfigWorkspace;
beforeAll(() => {
  workspace = createWorkspace();
  workspace.write('models.kd.yaml', 'partial: true\nmodels:\n  teacher: { architecture: resnet20 }\n');
});
afterAll(() => workspace.remove());

const context = () => ({
  file: join(workspace.root, 'a.kd.yaml'),
  workspaceFolders: [workspace.root],
});

/** The text without the cursor `‸`, and where that stood. */
function atCursor(marked: string) {
  const text = marked.replace('‸', '');
  return { text, position: TextDocument.create('', '', 1, text).positionAt(marked.indexOf('‸')) };
}

const cut = (text: string, range: Parameters<TextDocument['getText']>[0]) =>
  TextDocument.create('', '', 1, text).getText(range);

function rename(marked: string, name: string): string {
  const { text, position } = atCursor(marked);
  return TextDocument.applyEdits(
    TextDocument.create('', '', 1, text),
    renameAt(text, position, name, context()),
  );
}

const WITH_PHASES = `${HEALTHY}phases:
  - { name: teacher, train: [teacher], loss: task, epochs: 2 }
  - { name: student, train: [student], freeze: [teacher], loss: distill, epochs: 3 }
  - { name: baseline, train: [{ student: fresh }], loss: task, epochs: 3 }
`;

describe('going to a definition', () => {
  it.each([
    ['a model that is named', 'distill:\n', 'distill:\n  from: tea‸cher\n', 'teacher'],
    ['an alias', 'compare: { seeds: [1, 2, 3] }', 'train2: &usual 1\ncompare: *us‸ual', 'usual'],
  ])('of %s leads to where it is described in this file', (_, from, to, name) => {
    const { text, position } = atCursor(HEALTHY.replace(from, to));
    const found = definitionAt(text, position, context());
    expect(found?.file).toBe(context().file);
    expect(cut(text, found?.range)).toBe(name);
    expect(found?.range.start).not.toEqual(position);
  });

  it('of a model of a base file leads there', () => {
    const { text, position } = atCursor(
      'extends: models.kd.yaml\ndistill: { from: teach‸er, match: [kd] }\n',
    );
    expect(definitionAt(text, position, context())).toEqual({
      file: join(workspace.root, 'models.kd.yaml'),
      range: { start: { line: 2, character: 2 }, end: { line: 2, character: 9 } },
    });
  });

  it.each([
    ['a base file', 'extends: ba‸se.kd.yaml\n', 'base.kd.yaml'],
    ['a data file', HEALTHY.replace('data/train-labels', 'data/train-la‸bels'), 'data/train-labels'],
    [
      'a run',
      HEALTHY.replace('architecture: resnet20, train: { epochs: 2 }', 'run: fini‸shed-1'),
      '.kd/runs/finished-1/config.yaml',
    ],
  ])('of %s opens the file', (_, marked, file) => {
    const { text, position } = atCursor(marked);
    expect(definitionAt(text, position, context())?.file).toBe(join(workspace.root, file));
  });

  it('leads nowhere outside the root, and from nothing', () => {
    const out = atCursor(HEALTHY.replace('data/train-images', '../outside/tra‸in-images'));
    expect(definitionAt(out.text, out.position, context())).toBeNull();
    const nothing = atCursor(HEALTHY.replace('epochs: 3', 'epo‸chs: 3'));
    expect(definitionAt(nothing.text, nothing.position, context())).toBeNull();
  });
});

describe('references', () => {
  it('are every place that names the model, its description among them', () => {
    const { text, position } = atCursor(WITH_PHASES.replace('  student:', '  stud‸ent:'));
    const found = referencesAt(text, position, context());
    expect(found.map(({ range }) => [range.start.line, cut(text, range)])).toEqual([
      [7, 'student'],
      [19, 'student'],
      [20, 'student'],
    ]);
  });

  it('of an anchor are its aliases', () => {
    const { text, position } = atCursor('a: &on‸e 1\nb: *one\nc: *two\n');
    expect(referencesAt(text, position, context()).map(({ range }) => cut(text, range))).toEqual([
      'one',
      'one',
    ]);
  });
});

describe('renaming', () => {
  it('gives a model its new name wherever it is named, and keeps the experiment the same', () => {
    const after = rename(WITH_PHASES.replace('distill:\n', 'distill:\n  from: teach‸er\n'), 'large');
    expect(after).not.toMatch(/\bteacher\b(?!,)/);
    expect(after).toContain('freeze: [large]');
    const { diagnostics } = loadExperiment({ ...context(), text: after });
    expect(diagnostics).toEqual([]);
  });

  it('writes out a role that the customary name alone had filled', () => {
    const after = rename(HEALTHY.replace('  student:', '  st‸udent:'), 'small');
    expect(after).toContain('distill:\n  to: small\n  match:');
    expect(loadExperiment({ ...context(), text: after }).diagnostics).toEqual([]);
  });

  it('renames anchors with their aliases', () => {
    expect(rename('a: &on‸e [1]\nb: *one\n', 'first')).toBe('a: &first [1]\nb: *first\n');
  });

  it.each([
    ['is taken', 'student', /there is a model "student" already/],
    ['JavaScript reserves', '__proto__', /cannot be the name of a model/],
    ['begins with a digit', '1st', /cannot be the name of a model/],
  ])('refuses a name that %s', (_, name, message) => {
    expect(() => rename(HEALTHY.replace('  teacher:', '  teach‸er:'), name)).toThrow(UserError);
    expect(() => rename(HEALTHY.replace('  teacher:', '  teach‸er:'), name)).toThrow(message);
  });

  it('refuses a model that a base file describes', () => {
    const marked = 'extends: models.kd.yaml\ndistill: { from: teach‸er, match: [kd] }\n';
    expect(() => rename(marked, 'large')).toThrow(/is described in .*models\.kd\.yaml/);
  });

  it('is offered for names alone', () => {
    const at = (marked: string) => {
      const { text, position } = atCursor(marked);
      const range = renameableAt(text, position, context());
      return range === null ? null : cut(text, range);
    };
    expect(at(HEALTHY.replace('  teacher:', '  teach‸er:'))).toBe('teacher');
    expect(at(HEALTHY.replace('epochs: 3', 'epo‸chs: 3'))).toBeNull();
    expect(at(HEALTHY.replace('stage2', 'sta‸ge2'))).toBeNull();
  });
});

describe('links', () => {
  it('lead to files that exist, to the config of a run, and from layers to the panel', () => {
    const text = HEALTHY.replace('architecture: resnet20, train: { epochs: 2 }', 'run: finished-1').replace(
      'data/test-labels',
      'data/missing',
    );
    const links = linksIn(text, context());
    expect(
      links.map(({ range, target }) => [cut(text, range), 'file' in target ? target.file : 'panel']),
    ).toEqual([
      ['data/train-images', join(workspace.root, 'data/train-images')],
      ['data/train-labels', join(workspace.root, 'data/train-labels')],
      ['data/test-images', join(workspace.root, 'data/test-images')],
      ['finished-1', join(workspace.root, '.kd/runs/finished-1/config.yaml')],
      ...['stage2', 'stage2', 'stage3', 'stage3'].map((layer) => [layer, 'panel']),
    ]);
  });
});

describe('folding and selecting', () => {
  it('folds blocks, items and runs of comments', () => {
    const text = '# a\n# b\ntrain:\n  epochs: 3\n  # one alone\n  ema:\n    decay: 0.9\n\nname: x\n';
    expect(foldsIn(text)).toEqual([
      { startLine: 0, endLine: 1, kind: 'comment' },
      { startLine: 2, endLine: 6, kind: 'region' },
      { startLine: 5, endLine: 6, kind: 'region' },
    ]);
  });

  it('grows from the word to its entry, the block and the file', () => {
    const { text, position } = atCursor('train:\n  epochs: 3\n  ema: { decay: 0.‸9 }\n');
    const [ranges = []] = selectionsAt(text, [position]);
    expect(ranges.map((range) => cut(text, range).trimEnd())).toEqual([
      '',
      '0.9',
      'decay: 0.9',
      '{ decay: 0.9 }',
      'ema: { decay: 0.9 }',
      'epochs: 3\n  ema: { decay: 0.9 }',
      'train:\n  epochs: 3\n  ema: { decay: 0.9 }',
    ]);
  });

  it('copes with a text that cannot be read, for any position', () => {
    const broken = readFileSync(join(import.meta.dirname, 'corpus/KD1003-brace-open.kd.yaml'), 'utf8');
    expect(Array.isArray(foldsIn(broken))).toBe(true);
    expect(selectionsAt('a: [', [{ line: 9, character: 9 }])).toHaveLength(1);
  });
});

describe('colours by meaning', () => {
  it('tell models, methods, layers and words apart', () => {
    const tokens = tokensIn(HEALTHY, context());
    const typeOf = (line: number, word: string) =>
      tokens.find(({ range }) => range.start.line === line && cut(HEALTHY, range) === word)?.type;
    expect(typeOf(2, 'idx')).toBe('enumMember');
    expect(tokens.find(({ declares }) => declares)).toMatchObject({
      type: 'class',
      range: { start: { line: 6 } },
    });
    expect(typeOf(10, 'kd')).toBe('function');
    expect(typeOf(10, 'temperature')).toBe('property');
    expect(typeOf(10, '0.9')).toBe('number');
    expect(typeOf(11, 'stage2')).toBe('variable');
  });

  it('come in the order of the text, none over another', () => {
    const text = `${WITH_PHASES}x: &a [1, 2]\ny: *a\n`;
    const tokens = tokensIn(text, context());
    const document = TextDocument.create('', '', 1, text);
    const stretches = tokens.map(({ range }) => [
      document.offsetAt(range.start),
      document.offsetAt(range.end),
    ]);
    expect(stretches.every(([start = 0], index) => start >= (stretches[index - 1]?.[1] ?? 0))).toBe(true);
  });
});
