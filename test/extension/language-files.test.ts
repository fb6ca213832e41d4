import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { experimentField } from '../../src/config/schema/experiment.ts';

interface Rule {
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly patterns?: readonly Rule[];
}

const grammar = JSON.parse(readFileSync('media/kd-yaml.tmLanguage.json', 'utf8')) as {
  readonly patterns: readonly Rule[];
  readonly repository: Readonly<Record<string, Rule>>;
};
const configuration = JSON.parse(readFileSync('media/kd-yaml.language-configuration.json', 'utf8')) as {
  readonly indentationRules: Readonly<Record<'increaseIndentPattern' | 'decreaseIndentPattern', string>>;
  readonly onEnterRules: readonly { readonly beforeText: string }[];
};

function flatten(rules: readonly Rule[]): readonly Rule[] {
  return rules.flatMap((rule) => [rule, ...flatten(rule.patterns ?? [])]);
}
const rules = flatten([...grammar.patterns, ...Object.values(grammar.repository)]);

/** The rule of that name as JavaScript reads it; the editor's Oniguruma agrees on what is used here. */
function pattern(name: string): RegExp {
  return new RegExp(grammar.repository[name]?.match ?? 'missing');
}

describe('the grammar', () => {
  it('knows every section of the language and no other', () => {
    const sections = /\(([\w|]+)\)/.exec(grammar.repository['section']?.match ?? '')?.[1]?.split('|');
    expect(sections?.sort()).toEqual(Object.keys(experimentField.fields).sort());
  });

  it('refers only to rules that exist, and uses every rule', () => {
    const included = rules.flatMap(({ include }) => (include === undefined ? [] : [include.slice(1)]));
    expect(new Set(included)).toEqual(new Set(Object.keys(grammar.repository)));
  });

  it('has patterns that compile', () => {
    for (const { match, begin, end } of rules) {
      for (const source of [match, begin, end]) if (source !== undefined) new RegExp(source);
    }
  });

  it.each([
    ['a: 1', 'a'],
    ['  - kd: { temperature: 4 }', 'kd'],
    ['{ temperature: 4 }', 'temperature'],
    ['"a b": 1', '"a b"'],
    ['5x: y', '5x'],
  ])('takes the key of %s', (line, key) => {
    expect(pattern('key').exec(line)?.[1]).toBe(key);
  });

  it.each(['file: data/a:b', 'http://x', '# a: b'.slice(0, 3)])('sees no second key in %s', (line) => {
    const rest = line.replace(/^file: /, '');
    expect(pattern('key').exec(rest)).toBeNull();
  });

  it('takes a sign for a comment only behind a space', () => {
    expect(pattern('comment').test('a # b')).toBe(true);
    expect(pattern('comment').test('kd#2')).toBe(false);
  });
});

describe('the indentation of a new line', () => {
  const increases = new RegExp(configuration.indentationRules.increaseIndentPattern);

  it.each(['models:', '  teacher:   # trained first', '- kd:', '  - at: '])('goes in behind %s', (line) => {
    expect(increases.test(line)).toBe(true);
  });

  it.each(['name: x', '# models:', '  - relu', 'scheme: offline # as usual:x', '"a:"'])(
    'stays behind %s',
    (line) => {
      expect(increases.test(line)).toBe(false);
    },
  );

  it('goes in twice behind the key of a list entry', () => {
    const [rule] = configuration.onEnterRules;
    expect(new RegExp(rule?.beforeText ?? 'missing').test('    - at:')).toBe(true);
    expect(new RegExp(rule?.beforeText ?? 'missing').test('    at:')).toBe(false);
  });
});
