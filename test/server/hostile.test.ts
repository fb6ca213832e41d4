import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { configLanguage } from '../../src/server/config-language.ts';
import { toDocumentSymbol, toLspDiagnostic } from '../../src/server/translate.ts';
import { bundleServer, type ServerBundle } from './bundle.ts';
import { ServerClient } from './client.ts';
import { createProject, HEALTHY, type Project } from './project.ts';

const SEED = 20_260_101;
const SEQUENCES = 12;
const MEGABYTE = 1_000_000;

let bundle: ServerBundle;
let project: Project;
let client: ServerClient;
let document = 0;

beforeAll(async () => {
  bundle = await bundleServer();
  project = createProject();
  client = await ServerClient.start(bundle.path, [project.folder]);
});
afterAll(() => {
  client.dispose();
  project.remove();
  bundle.remove();
});

function newUri(): string {
  document += 1;
  return project.uri(`${document}.kd.yaml`);
}

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
for (let level = 1; level < 12; level += 1) {
  const [here, above] = [String.fromCharCode(97 + level), String.fromCharCode(96 + level)];
  bomb.push(`${here}: &${here} [${Array.from({ length: 10 }, () => `*${above}`).join(', ')}]`);
}

/** Texts that have taken down parsers, each with what must be said about it. */
const HOSTILE: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['only a comment', '# later\n'],
  ['tabs', HEALTHY.replaceAll('  ', '\t')],
  ['a key twice', `${HEALTHY}train: { epochs: 1 }\n`],
  ['5 MB', `${HEALTHY}${'# filler that goes on and on\n'.repeat((5 * MEGABYTE) / 29)}`],
  ['5 MB in one line', `name: ${'x'.repeat(5 * MEGABYTE)}`],
  ['ten thousand brackets', `data: ${'['.repeat(10_000)}`],
  ['ten thousand braces', '{a: '.repeat(10_000)],
  [
    'ten thousand levels of blocks',
    Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  ],
  ['aliases that multiply', bomb.join('\n')],
  ['an alias to itself', 'a: &a [*a]\n'],
  ['an alias to nothing', 'data: *nowhere\n'],
  ['a tag that runs code', 'name: !!js/function "function () { process.exit(1) }"\n'],
  ['merge keys', 'base: &b { epochs: 1 }\ntrain:\n  <<: *b\n'],
  ['names of prototypes', '__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }\n'],
  ['NUL bytes', `name: a\0b\n${HEALTHY}`],
  ['half a character', 'name: "\ud800"\nmodels: { "\udc00": 1 }\n'],
  ['several documents', `${HEALTHY}---\n${HEALTHY}`],
  ['a path out of the workspace', HEALTHY.replace('train-images', '../../../../etc/passwd')],
  ['numbers beyond numbers', HEALTHY.replace('epochs: 3', 'epochs: 1e999')],
];

describe('a hostile text', () => {
  it.each(HOSTILE)('is reported and does not harm the server: %s', async (_name, text) => {
    const uri = newUri();
    const found = await client.open(uri, text);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ message, code }) => message !== '' && /^KD\d{4}$/.test(String(code)))).toBe(true);
    const range = { start: { line: 0, character: 0 }, end: { line: 5, character: 0 } };
    for (const position of [range.start, { line: 2, character: 7 }, { line: 1e9, character: 1e9 }]) {
      expect(Array.isArray(await client.complete(uri, position))).toBe(true);
      await client.hover(uri, position);
    }
    await client.actions(uri, range);
    await client.symbols(uri);
    await client.lenses(uri);
    await client.close(uri);
    expect(client.process.exitCode).toBeNull();
    expect(client.stderr.filter((line) => line.includes('Error'))).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('is survived also where the editor itself talks nonsense', async () => {
    const uri = newUri();
    await client.open(uri, HEALTHY);
    await client.notify('textDocument/didChange', {
      textDocument: { uri: newUri(), version: 2 },
      contentChanges: [],
    });
    await client.notify('textDocument/didClose', { textDocument: { uri: 'file:///%zz' } });
    await client.notify('kd/unknown', [1, null]);
    const published = client.diagnostics(uri, 3);
    await client.change(uri, 3, [
      { range: { start: { line: -5, character: -5 }, end: { line: 0, character: 0 } }, text: '' },
      { range: { start: { line: 1e6, character: 0 }, end: { line: 0, character: 1e6 } }, text: '' },
      { text: HEALTHY.replace('momentum', 'momentun') },
    ]);
    expect(await published).toHaveLength(1);
    await expect(client.request('kd/unknown', {})).rejects.toThrow();
    expect(await client.hover('file:///%zz', { line: 0, character: 0 })).toBeNull();
  });
});

describe('a long series of edits', () => {
  /** Pieces that change what the text means: lines, brackets, pairs of UTF-16 units, line ends of all kinds. */
  const piece = fc.constantFrom(
    '\n',
    '\r\n',
    '\r',
    ' ',
    '  ',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    '#',
    '😀',
    'x',
    'kd',
    'epochs: 3',
  );
  const edit = fc.record({
    from: fc.nat(),
    length: fc.nat({ max: 12 }),
    text: fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')),
  });

  it('leaves the server with the text of the editor', async () => {
    const property = fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 40 }), async (edits) => {
      const uri = newUri();
      await client.open(uri, HEALTHY);
      let text = HEALTHY;
      let version = 1;
      for (const { from, length, text: inserted } of edits) {
        const before = TextDocument.create(uri, '', version, text);
        // Twice converted: a position never stands between the two halves of a line end.
        const start = before.positionAt(from % (text.length + 1));
        const end = before.positionAt(Math.min(text.length, before.offsetAt(start) + length));
        const [first, last] = [
          before.offsetAt(start),
          Math.max(before.offsetAt(start), before.offsetAt(end)),
        ];
        text = text.slice(0, first) + inserted + text.slice(last);
        version += 1;
        await client.change(uri, version, [
          { range: { start, end: before.positionAt(last) }, text: inserted },
        ]);
      }
      const found = await client.diagnostics(uri, version);
      const context = { file: project.path(`${document}.kd.yaml`), workspaceFolders: [project.folder] };
      const wanted = configLanguage
        .check(text, context)
        .map((diagnostic) => toLspDiagnostic(diagnostic, { uri, file: context.file }));
      expect(found).toEqual(JSON.parse(JSON.stringify(wanted)));
      const symbols = configLanguage.symbols(text).map(toDocumentSymbol);
      expect(await client.symbols(uri)).toEqual(JSON.parse(JSON.stringify(symbols)));
      await client.close(uri);
    });
    await fc.assert(property, { seed: SEED, numRuns: SEQUENCES });
  });
});
