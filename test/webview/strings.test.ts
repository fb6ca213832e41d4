import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/diagnosis/index.ts';
import { filled, sayIn } from '../../src/protocol/say.ts';
import { localised, readTranslations, templateOf, templatesOf } from '../../webview/localise.ts';
import { gapEnglish } from '../../webview/gap/strings.ts';
import { english } from '../../webview/strings.ts';
import { textsInSource } from './texts-in-source.ts';

const ROOT = join(import.meta.dirname, '../..');
const ALL = { ...english, gap: gapEnglish };
const BUNDLE = join(ROOT, 'l10n', 'bundle.l10n.json');

/** Every text that is given something, with its place among the strings. */
function makers(of: object, place = ''): { name: string; make: (...given: never[]) => string }[] {
  return Object.entries(of).flatMap(([name, entry]: [string, unknown]) => {
    if (typeof entry === 'function')
      return [{ name: `${place}${name}`, make: entry as (...given: never[]) => string }];
    return typeof entry === 'object' && entry !== null ? makers(entry, `${place}${name}.`) : [];
  });
}

test.each(makers(ALL))('$name only puts what it is given in its place', ({ make }) => {
  const given = Array.from({ length: make.length }, (_, index) => `«${'x'.repeat(index)}»`);
  const template = templateOf(make);
  given.forEach((_, index) => expect(template).toContain(`{${index}}`));
  const made = (make as unknown as (...all: readonly string[]) => string)(...given);
  expect(filled(template, given)).toBe(made);
});

describe('in another language', () => {
  const own = {
    plain: 'Run',
    nested: { one: 'One' },
    given: (a: string, b: number) => `${a} of ${b}`,
    missing: 'Not translated',
  };
  const german = localised(own, { Run: 'Lauf', One: 'Eins', '{0} of {1}': '{1}, davon {0}' });

  test('texts are looked up by their English form, and what is missing stays English', () => {
    expect([german.plain, german.nested.one, german.given('2', 5), german.missing]).toEqual([
      'Lauf',
      'Eins',
      '5, davon 2',
      'Not translated',
    ]);
  });

  test('what a text is given is never looked into', () => {
    expect(german.given('{1}', 7)).toBe('7, davon {1}');
  });
});

describe('a sentence of the code', () => {
  test('is looked up by its template, and English where it is not translated', () => {
    const say = sayIn({ 'Train for {0} epochs': '{0} Epochen trainieren' });
    expect([say`Train for ${8} epochs`, say`of ${'{1}'}, ${2}`]).toEqual([
      '8 Epochen trainieren',
      'of {1}, 2',
    ]);
  });

  test('is found by its template, also what the host itself says', () => {
    const texts = textsInSource();
    expect(texts).toContain('Train the teacher for {0} epochs');
    expect(texts).toContain('saved as {0}');
  });
});

test('a page takes the translations of all texts, also of the longest: otherwise all would stay English', () => {
  const written = readFileSync(BUNDLE, 'utf8');
  expect(readTranslations(written)).toEqual(JSON.parse(written));
});

test('translators find every text of the panel in l10n/bundle.l10n.json', () => {
  const ofRules = RULES.flatMap(({ title, source }) => [title, source]);
  const texts = [...new Set([...templatesOf(ALL), ...ofRules, ...textsInSource()])].sort();
  const written = `${JSON.stringify(Object.fromEntries(texts.map((text) => [text, text])), null, 2)}\n`;
  if (process.env['KD_UPDATE_EXPECTED'] === '1') writeFileSync(BUNDLE, written);
  const kept = existsSync(BUNDLE) ? (JSON.parse(readFileSync(BUNDLE, 'utf8')) as Record<string, string>) : {};
  expect(texts.filter((text) => !Object.hasOwn(kept, text))).toEqual([]);
});
