import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/config/check/check.ts';
import { completionsAt } from '../../src/config/language/completions.ts';
import { hoverAt } from '../../src/config/language/hover.ts';
import { blocks, symbols } from '../../src/config/language/outline.ts';
import { loadExperiment } from '../../src/config/load.ts';
import { createWorkspace, HEALTHY, type ConfigWorkspace } from './workspace.ts';

/** Generous: what is unbounded takes minutes or all memory. The machine may be busy. */
const BOUND_MILLISECONDS = 30_000;

let workspace: ConfigWorkspace;
beforeAll(() => {
  workspace = createWorkspace();
});
afterAll(() => workspace.remove());

const file = () => join(workspace.root, 'a.kd.yaml');
const codes = (text: string) =>
  new Set(checkConfig({ file: file(), text, root: workspace.root }).map(({ code }) => code));

const nine = (name: string) => `[${Array.from({ length: 9 }, () => `*${name}`).join(', ')}]`;
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...Array.from('bcdefghij', (name, index) => `${name}: &${name} ${nine('abcdefghi'.charAt(index))}`),
].join('\n');

describe('a hostile text', () => {
  it.each([
    ['of five megabytes', 'name: ' + 'x'.repeat(5_000_000), 'KD1011'],
    ['of a million brackets', '['.repeat(999_000), 'KD1010'],
    ['of braces in braces', '{a: '.repeat(200_000), 'KD1010'],
    ['of dashes in dashes', '- '.repeat(400_000), 'KD1010'],
    ['of question marks', '? '.repeat(400_000), 'KD1010'],
    [
      'that nests by indentation',
      Array.from({ length: 900 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'KD1010',
    ],
    ['of quotes', '"'.repeat(900_000), 'KD1009'],
    ['of commas', '[' + ','.repeat(900_000), 'KD1009'],
    ['of wrong escapes', `a: "${'\\q'.repeat(400_000)}"`, 'KD1009'],
    ['of keys', Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`).join('\n'), 'KD1009'],
    ['of closing braces', '}\n'.repeat(30_000), 'KD1001'],
    ['whose aliases explode', bomb, 'KD1009'],
    ['whose alias holds itself', 'name: &a [*a]', 'KD1008'],
    ['with a tag that would run code', 'name: !!js/function "function () { process.exit() }"', 'KD1007'],
    ['with a tag of Python', 'name: !!python/object/apply:os.system ["true"]', 'KD1007'],
    ['with NUL bytes', 'name: "a\0b"', 'KD1012'],
    ['with half of a surrogate pair', 'name: a\uD800b', 'KD1012'],
    ['with a path out of the root', HEALTHY.replace('data/train-images', '../../../../etc/passwd'), 'KD3002'],
    ['with an absolute path out of the root', HEALTHY.replace('data/train-images', '/etc/passwd'), 'KD3002'],
    ['with a NUL in a path', HEALTHY.replace('data/train-images', '"data/train\\0images"'), 'KD3001'],
    ['with a path of a megabyte', HEALTHY.replace('data/train-images', 'x/'.repeat(400_000)), 'KD3001'],
    ['with a base out of the root', 'extends: ../../../../etc/passwd', 'KD3002'],
    ['with a base that links out of the root', 'extends: data/link\n', 'KD3002'],
    ['with data that link out of the root', HEALTHY.replace('data/train-images', 'data/link'), 'KD3002'],
    ['with a merge key', HEALTHY.replace('train:\n', 'train:\n  <<: { epochs: 9 }\n'), 'KD1014'],
    ['with a list of merge keys', 'a: &a { x: 1 }\ntrain: { <<: [*a, *a] }\n', 'KD1014'],
    ['with a merge key in quotes', HEALTHY.replace('train:\n', 'train:\n  "<<": { epochs: 9 }\n'), 'KD2001'],
    ['with prototypes in a merge key', '<<: { __proto__: { polluted: true } }\n', 'KD1014'],
    [
      'with a prototype given by an alias',
      'a: &a { polluted: true }\n__proto__: *a\nconstructor: { prototype: *a }\n',
      'KD2001',
    ],
    [
      'with prototype names as models',
      HEALTHY.replace('models:\n', 'models:\n  constructor: { architecture: mlp }\n'),
      'KD2009',
    ],
    ['with prototype names as methods', HEALTHY.replace('- kd:', '- constructor:'), 'KD2202'],
    ['with prototype names as choices', HEALTHY.replace('format: idx', 'format: toString'), 'KD2005'],
    [
      'with prototype names as architectures',
      HEALTHY.replace('architecture: resnet8', 'architecture: __proto__'),
      'KD2005',
    ],
    ['with numbers beyond all bounds', HEALTHY.replace('epochs: 3', 'epochs: 1e999'), 'KD2004'],
    [
      'with a network that would fill the memory',
      HEALTHY.replace(
        'architecture: resnet8',
        'architecture: { resnet: { depth: 100000000, width: 100000000 } }',
      ),
      'KD2004',
    ],
    ['that is empty', '', 'KD1016'],
    ['of comments only', '# nothing\n', 'KD1016'],
    ['of one word', 'hello', 'KD1016'],
  ])('%s is reported in bounded time', (_, text, code) => {
    const start = performance.now();
    expect([...codes(text)]).toContain(code);
    expect(performance.now() - start).toBeLessThan(BOUND_MILLISECONDS);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('of five megabytes on the disk is not read', () => {
    const path = workspace.write('huge.kd.yaml', `${HEALTHY}# ${'x'.repeat(5_000_000)}`);
    expect(loadExperiment({ file: path }).diagnostics.map(({ code }) => code)).toEqual(['KD1011']);
  });

  it('shows at most 200 faults', () => {
    const text = `${HEALTHY}${Array.from({ length: 2000 }, (_, i) => `unknown${i}: 1`).join('\n')}`;
    expect(checkConfig({ file: file(), text, root: workspace.root })).toHaveLength(200);
  });
});

describe('any text', () => {
  const lines = HEALTHY.split('\n');
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...lines) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        '  - ',
        '{',
        '}',
        '[',
        ']',
        ': ',
        '"',
        "'",
        '\t',
        '&a',
        '*a',
        '!!x',
        '#',
        '|',
        '>-',
        '? ',
        '<<',
        '---',
        '%',
        '\r\n',
        '\0',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  );
  const text = fc
    .array(fc.tuple(piece, fc.constantFrom('\n', ' ', '')), { maxLength: 25 })
    .map((parts) => parts.flat().join(''));
  /** The healthy config with some characters replaced: close to what is typed. */
  const typed = fc
    .array(fc.tuple(fc.nat(HEALTHY.length), fc.nat(6), piece), { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((now, [at, length, put]) => now.slice(0, at) + put + now.slice(at + length), HEALTHY),
    );
  const any = fc.oneof(text, typed);

  it('is checked without a defect, and every range lies within it', () => {
    fc.assert(
      fc.property(any, (content) => {
        const lineCount = content.split(/\r\n|\r|\n/).length;
        const { diagnostics, experiment } = loadExperiment({
          file: file(),
          text: content,
          root: workspace.root,
        });
        expect(experiment === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
        for (const { range, message, fixes } of diagnostics) {
          expect(range.start.line).toBeLessThan(lineCount);
          expect(range.end.line).toBeLessThan(lineCount);
          expect(message).not.toBe('');
          expect(fixes.every(({ edits, title }) => edits.length > 0 && title !== '')).toBe(true);
        }
      }),
      { numRuns: 400, seed: 20_261_123 },
    );
  });

  it('is completed, explained and outlined without a defect', () => {
    const context = () => ({ file: file(), workspaceFolders: [workspace.root] });
    fc.assert(
      fc.property(any, fc.nat(20), fc.nat(60), (content, line, character) => {
        completionsAt(content, { line, character }, context());
        hoverAt(content, { line, character }, context());
        expect(blocks(content)[0]?.path).toBe('document');
        expect(symbols(content).every(({ name }) => name !== '')).toBe(true);
      }),
      { numRuns: 150, seed: 20_261_123 },
    );
  });
});
