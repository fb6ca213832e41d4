import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';
import { formatEdits } from '../../src/config/language/format.ts';
import { HEALTHY } from './workspace.ts';

const format = (text: string): string =>
  TextDocument.applyEdits(TextDocument.create('', '', 1, text), formatEdits(text));

describe('formatting', () => {
  it.each([
    [
      'indentation',
      'train:\n    epochs: 3\n    ema:\n        decay: 0.9\n',
      'train:\n  epochs: 3\n  ema:\n    decay: 0.9\n',
    ],
    ['lists', 'match:\n- kd\n-   at: {weight: 3}\n', 'match:\n  - kd\n  - at: { weight: 3 }\n'],
    ['brackets', 'a: {b:   1,c: [1,2 , 3]}\n', 'a: { b: 1, c: [1, 2, 3] }\n'],
    ['spaces at the end of lines', 'a: 1   \nb: 2\n', 'a: 1\nb: 2\n'],
    ['more than one empty line', 'a: 1\n\n\n\nb: 2\n', 'a: 1\n\nb: 2\n'],
    ['a missing last line end', 'a: 1', 'a: 1\n'],
    ['Windows line ends, which stay', 'a:\r\n    b: 1\r\n', 'a:\r\n  b: 1\r\n'],
  ])('evens %s', (_, before, after) => {
    expect(format(before)).toBe(after);
  });

  it.each([
    ['comments', '# top\na: 1 # behind\n# between\nb:\n  # inside\n  c: 2\n# end\n'],
    ['the order of keys', 'train: 1\ndata: 2\nname: 3\n'],
    ['how numbers are written', 'a: 1.0e-3\nb: 0x10\nc: 1_000\nd: 5.0e-4\ne: 010\n'],
    ['quotes', 'a: "x"\nb: \'y\'\nc: "1"\n'],
    ['nothing and its names', 'a:\nb: ~\nc: null\nd: ""\n'],
    ['anchors and aliases', 'a: &x [1, 2]\nb: *x\n'],
    ['a healthy config', HEALTHY],
  ])('keeps %s', (_, text) => {
    expect(format(text)).toBe(text);
  });

  it('leaves a text with faults as it is', () => {
    for (const text of ['a: [1, 2\n', 'a: "b\n', 'a: *nowhere\n', 'a: !!js/function "f"\n', '', '# only\n']) {
      expect(formatEdits(text), text).toEqual([]);
    }
  });

  it('changes no meaning and loses no comment of any file of the corpus, and is done after once', () => {
    const folder = join(import.meta.dirname, 'corpus');
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'utf8').replace(/[⟦⟧]/g, '');
      const once = format(text);
      expect(format(once), name).toBe(once);
      if (once === text) continue;
      expect(parse(once), name).toEqual(parse(text));
      expect(once.match(/#.*/g), name).toEqual(text.match(/#.*/g));
    }
  });

  it('changes the lines alone that differ', () => {
    const [edit] = formatEdits('a: 1\nb:   2\nc: 3\n');
    expect(edit?.range).toEqual({ start: { line: 1, character: 0 }, end: { line: 2, character: 0 } });
  });
});
