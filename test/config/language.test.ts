import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionsAt } from '../../src/config/language/completions.ts';
import { hoverAt } from '../../src/config/language/hover.ts';
import { blocks, locateKey, symbols } from '../../src/config/language/outline.ts';
import type { ConfigSymbol } from '../../src/config/language/types.ts';
import { Source } from '../../src/config/syntax/source.ts';
import { createWorkspace, HEALTHY, type ConfigWorkspace } from './workspace.ts';

let workspace: ConfigWorkspace;
beforeAll(() => {
  workspace = createWorkspace();
});
afterAll(() => workspace.remove());

/** The text without the cursor `‸`, and where that stood. */
function atCursor(marked: string) {
  const offset = marked.indexOf('‸');
  const text = marked.replace('‸', '');
  return { text, position: new Source('', text).positionAt(offset) };
}

function complete(marked: string) {
  const { text, position } = atCursor(marked);
  return completionsAt(text, position, {
    file: join(workspace.root, 'a.kd.yaml'),
    workspaceFolders: [workspace.root],
  });
}

const labels = (marked: string) => complete(marked).map(({ label }) => label);

function hover(marked: string): string {
  const { text, position } = atCursor(marked);
  const found = hoverAt(text, position, {
    file: join(workspace.root, 'a.kd.yaml'),
    workspaceFolders: [workspace.root],
  });
  return found?.markdown ?? '';
}

const put = (from: string, to: string): string => HEALTHY.replace(from, to);

describe('completion', () => {
  it('offers modules, their settings and the layers of their own model', () => {
    const models = (modules: string) =>
      put('student: { architecture: resnet8 }', `student: { architecture: resnet8, modules: ${modules} }`);
    expect(labels(models('[‸]'))).toEqual(['vam', 'quantize', 'prune', 'bayesian', 'ctc', 'joints']);
    expect(labels(models('[{ quantize: { ‸ } }]'))).toEqual([
      'bits',
      'activationBits',
      'activationRange',
      'ends',
    ]);
    const layers = labels(models('[{ vam: { at: [‸] } }]'));
    expect(layers.slice(0, 2)).toEqual(['stem', 'stage1.block0']);
    expect(layers).toContain('stage3');
    expect(layers).not.toContain('stage3.block2');
    expect(hover(models('[{ va‸m: { at: [stage3] } }]'))).toContain('Weighs blocks of channels');
    expect(hover(models('[quan‸tize]'))).toContain('inferred');
    expect(hover(models('[{ vam: { at: [sta‸ge3] } }]'))).toContain('in student');
  });

  it('offers required keys first', () => {
    expect(labels('‸').slice(0, 4)).toEqual(['data', 'models', 'distill', 'train']);
    expect(labels('train:\n  ‸')).toEqual([
      'epochs',
      'batchSize',
      'optimizer',
      'gradientClipping',
      'gradientAccumulation',
      'ema',
      'seed',
      'selectBy',
      'earlyStopping',
      'classWeights',
      'labelSmoothing',
      'mixup',
      'cutmix',
    ]);
  });

  it('leaves out keys that are there, and keys that those exclude', () => {
    expect(labels('train:\n  epochs: 3\n  ‸\n')).not.toContain('epochs');
    expect(labels('models:\n  student:\n    run: latest\n    ‸')).not.toContain('architecture');
  });

  it('replaces the word at the cursor alone', () => {
    const { text, position } = atCursor('train:\n  bat‸ch: 3\n');
    const found = completionsAt(text, position, { file: null }).find(({ label }) => label === 'batchSize');
    expect(found).toMatchObject({
      insertText: 'batchSize',
      range: { start: { line: 1, character: 2 }, end: { line: 1, character: 7 } },
    });
  });

  it.each([
    ['after a colon', 'train:\n  optimizer: ‸\n', 'adam'],
    ['within open braces', 'train: { optimizer: { sgd: { ‸', 'momentum'],
    ['for a map or a word, the word', 'train:\n  gradientClipping: ‸\n', 'none'],
    ['for a map or a word, the keys', 'train: { gradientClipping: { ‸', 'norm'],
    ['below a key that takes a map or a word', 'train:\n  ema:\n    ‸\n', 'decay'],
    ['behind braces that were never closed', 'train: { epochs: 3\nengine:\n  device: ‸', 'eager'],
    ['behind a quote that was never closed', 'name: "a\ntrain:\n  ‸', 'epochs'],
    ['in a half-written key', 'trai‸', 'train'],
    ['in an empty list item', put('    - at:', '    - ‸\n    - at:'), 'fitnet'],
    ['in a half-written list item', put('    - at:', '    - fit‸\n    - at:'), 'fitnet'],
    ['where a list begins', 'distill:\n  match:\n    ‸', 'kd'],
    ['for a tag', 'data:\n  format: ‸', 'image-folder'],
    ['for keys that depend on a tag', 'data:\n  format: image-folder\n  ‸', 'size'],
    ['for settings of a method', put('temperature: 4, ', '‸'), 'temperature'],
    ['for words of an architecture', put('architecture: resnet8', 'architecture: ‸'), 'wrn-16-2'],
    ['for a number that has no default', 'train:\n  epochs: ‸', '30'],
    ['for a schedule', put('weight: 1000', 'weight: ‸'), 'cosine'],
    ['for keys of a schedule', put('weight: 1000', 'weight: { cosine: { ‸ } }'), 'over'],
    ['for layers of the teacher', put('[[stage2,', '[[‸,'), 'stage3'],
    ['for layers of the student', put('stage2]', '‸]'), 'stage1.block0'],
    ['for models', put('distill:\n', 'distill:\n  from: ‸\n'), 'teacher'],
    ['for runs', put('architecture: resnet20', 'run: ‸'), 'finished-1'],
    ['for files', put('inputs: data/train-images', 'inputs: data/tr‸'), 'data/train-images'],
    ['for phases', 'phases:\n  - ‸', 'name'],
    ['in Windows text', put('    - at:', '    - ‸\n    - at:').replaceAll('\n', '\r\n'), 'fitnet'],
    ['after characters of two code units', 'name: "🎓🎓"\ntrain: { ‸ }', 'epochs'],
  ])('knows what fits %s', (_, text, label) => {
    expect(labels(text)).toContain(label);
  });

  it('tells the shapes of layers, each of its own model', () => {
    const teacher = complete(put('[[stage2,', '[[‸,')).find(({ label }) => label === 'stage2.block2');
    expect(teacher).toMatchObject({ kind: 'layer', detail: '14 x 14 x 32 (height, width, channels)' });
    expect(labels(put('stage2]', '‸]'))).not.toContain('stage2.block2');
  });

  it('writes whole terms, as a map where it stands in brackets', () => {
    const inBlock = complete('distill:\n  match:\n    - ‸').find(({ label }) => label === 'kd');
    const inFlow = complete('distill: { match: [ ‸ ] }').find(({ label }) => label === 'kd');
    expect(inBlock).toMatchObject({
      kind: 'method',
      snippet: true,
      insertText: 'kd: { weight: ${1:0.9}, temperature: ${2:4} }$0',
    });
    expect(inFlow?.insertText).toBe('{ kd: { weight: ${1:0.9}, temperature: ${2:4} } }$0');
  });

  it('is silent in comments and outside the root', () => {
    expect(labels('train: # ‸')).toEqual([]);
    expect(labels(put('inputs: data/train-images', 'inputs: ../../‸'))).toEqual([]);
  });

  it('offers nothing that this version cannot run', () => {
    expect(labels('task: ‸')).toEqual(['classification', 'reconstruction']);
    expect(labels('models:\n  a:\n    ‸')).not.toContain('book');
  });
});

describe('a hover', () => {
  it.each([
    ['a key', put('  epochs: 3', '  epo‸chs: 3'), ['whole number from 1', '(epochs)', 'required']],
    ['a parameter', put('temperature: 4', 'temp‸erature: 4'), ['default: `4`', 'source:', 'above 0']],
    ['a method', put('- kd:', '- k‸d:'), ['log pᵀ', 'arXiv:1503.02531', 'weight: 0.9']],
    [
      'a layer of the teacher',
      put('[[stage2', '[[sta‸ge2'),
      ['stage2.block2.relu2', '14 x 14 x 32', 'teacher (resnet20)'],
    ],
    ['a layer of the student', put('stage2]', 'stage‸2]'), ['stage2.block0.relu2', 'student (resnet8)']],
    ['a model', put('  student:', '  stu‸dent:'), ['resnet8', '28 x 28 x 1', 'trainable parameters']],
    ['an architecture', put('resnet8', 'resn‸et8'), ['Residual network of 8 layers']],
    ['a word', put('format: idx', 'format: i‸dx'), ['MNIST']],
    ['a number', put('epochs: 3', 'epochs: ‸3'), ['Times the training split is gone through']],
  ])('explains %s', (_, text, parts) => {
    for (const part of parts) expect(hover(text)).toContain(part);
  });

  it('is absent between words', () => {
    expect(hover(`${HEALTHY}\n\n‸`)).toBe('');
  });
});

describe('the outline', () => {
  it('tells models and terms from plain keys', () => {
    const outline = symbols(HEALTHY);
    const names = (name: string) =>
      outline.find((symbol) => symbol.name === name)?.children.map((one) => `${one.kind} ${one.name}`);
    expect(names('models')).toEqual(['model teacher', 'model student']);
    const match = outline.find(({ name }) => name === 'distill')?.children[0];
    expect(match?.children.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['term kd', 'term at']);
  });

  it('keeps every selection within its block, and every child within its parent', () => {
    const before = (a: { line: number; character: number }, b: { line: number; character: number }) =>
      a.line < b.line || (a.line === b.line && a.character <= b.character);
    const visit = (list: readonly ConfigSymbol[]): void => {
      for (const { range, selectionRange, children } of list) {
        expect(before(range.start, selectionRange.start) && before(selectionRange.end, range.end)).toBe(true);
        for (const one of children)
          expect(before(range.start, one.range.start) && before(one.range.end, range.end)).toBe(true);
        visit(children);
      }
    };
    visit(symbols(HEALTHY));
  });

  it('knows where the blocks begin, and always the document', () => {
    expect(blocks(HEALTHY).map(({ path, range }) => `${path} ${range.start.line}`)).toEqual([
      'document 0',
      'models.teacher 6',
      'models.student 7',
      'distill.match 9',
      'train 13',
      'compare 16',
    ]);
    expect(blocks('')).toHaveLength(1);
  });

  it('finds a key by its path', () => {
    expect(locateKey(HEALTHY, 'distill.match[1].at.pairs')).toMatchObject({
      start: { line: 11, character: 26 },
    });
    expect(locateKey(HEALTHY, 'distill.match[7]')).toBeNull();
  });
});
