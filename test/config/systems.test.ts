import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { SYSTEMS as RESULTS } from '../../scripts/lib/results/systems.mjs';
import { describedBy, inferredNotes, isInferred } from '../../src/config/described.ts';
import { wordMarkdown } from '../../src/config/language/markdown.ts';
import { pageOf } from '../../src/config/page-of.ts';
import { RECIPES } from '../../src/config/recipes.ts';
import { experimentField } from '../../src/config/schema/experiment.ts';
import { SYSTEMS } from '../../src/config/systems.ts';
import { templateNames } from '../../src/runs/sample.ts';
import type { Field } from '../../src/schema/field.ts';

const root = join(import.meta.dirname, '../..');
const SAMPLE = join(root, 'media/sample');
/** Of the sample project, but of no paper's system. */
const OTHERS = /^(capacity-.+|layers|mnist|quick)$/;
/** Files that are a recipe, by its name, each with whether it is the template; the other has images in folders, as the paper has. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  leakSafe: ['media/sample/leak-safe.kd.yaml', 'test/training/fixtures/liver-fibrosis.kd.yaml'],
};

type Plain = Readonly<Record<string | number, unknown>> | undefined;

/** What a file says at the keys of a recipe, of a list the first element, of models the teacher; null where it says nothing. */
function valueAt(file: string, path: readonly string[]): unknown {
  const steps = path.map((step) => (step === '[]' ? 0 : step === '<name>' ? 'teacher' : step));
  const whole = parse(readFileSync(join(root, file), 'utf8')) as unknown;
  return steps.reduce((value, step) => (value as Plain)?.[step], whole) ?? null;
}

describe('the list of systems', () => {
  const templates = templateNames(SAMPLE);

  it('has every template of the sample project that is of a paper, and none that is not there', () => {
    const listed = new Set(SYSTEMS.flatMap((system) => system.templates));
    expect([...listed].filter((name) => !templates.includes(name))).toEqual([]);
    expect(templates.filter((name) => !OTHERS.test(name) && !listed.has(name))).toEqual([]);
  });

  it.each(SYSTEMS.map((system) => [system.title, system] as const))(
    '%s has pages, a config that is ready to run, and rows of the results',
    (_title, { pages, keys = [], templates: own, rows }) => {
      expect(Math.min(pages.length, own.length, rows.length)).toBeGreaterThan(0);
      for (const template of own) {
        const [header = ''] = readFileSync(join(SAMPLE, `${template}.kd.yaml`), 'utf8').split('\n\n');
        for (const page of pages) expect(header, template).toContain(`docs/${pageOf(page) ?? ''}`);
      }
      const known = new Set(RESULTS.map(({ name }) => name));
      expect(rows.filter((name) => !known.has(name))).toEqual([]);
      const reference = readFileSync(join(root, 'docs/config.md'), 'utf8');
      expect(keys.filter((key) => !reference.includes(`| \`${key.split('.').at(-1) ?? ''}\` |`))).toEqual([]);
    },
  );
});

describe.each(RECIPES.map((recipe) => [recipe.name, recipe] as const))('the recipe %s', (name, recipe) => {
  const [template = '', other = ''] = FILES[name] ?? [];

  it('is what its template says, but for what the page names', () => {
    expect(template).toContain(`/${recipe.template}.`);
    const said = recipe.settings.map(({ path }) => [path.join('.'), valueAt(template, path)]);
    const told = recipe.settings.map(({ path, value, inTemplate }) => [
      path.join('.'),
      inTemplate === undefined ? value : inTemplate.value,
    ]);
    expect(said).toEqual(told);
  });

  it('is what a whole training of its kind of data says, value by value', () => {
    const said = recipe.settings.map(({ path }) => [path.join('.'), valueAt(other, path)]);
    expect(said).toEqual(recipe.settings.map(({ path, value }) => [path.join('.'), value]));
  });

  it('has a row of the results', () => {
    expect(RESULTS.map((row) => row.name)).toContain(recipe.row);
  });
});

describe('what is inferred of a system', () => {
  /** The choices of the language whose words have pages, each with its words. */
  const words = new Map<string, readonly [names: string, field: Field]>();
  visitChoices(experimentField, ({ names, variants }) => {
    for (const [word, field] of Object.entries(variants))
      if (names !== undefined) words.set(word, [names, field]);
  });

  it.each([...new Set(SYSTEMS.flatMap(({ pages }) => pages))].filter((name) => words.has(name)))(
    '%s: stands in the hover too, with formula and paper, and is marked in the reference of the config',
    (name) => {
      const [names, field] = words.get(name) ?? ['', null];
      if (field === null) throw new Error('there is no such word');
      const described = describedBy(names, name);
      if (described === null) throw new Error(`${name} is not described`);
      const hover = wordMarkdown(name, field, names);
      expect(hover).toContain(`\`\`\`text\n${described.formula ?? ''}\n\`\`\``);
      for (const { title } of described.papers) expect(hover).toContain(title);
      expect(described.papers.length).toBeGreaterThan(0);
      for (const note of inferredNotes(described)) expect(hover).toContain(note);
      const row = readFileSync(join(root, 'docs/config.md'), 'utf8')
        .split('\n')
        .find((line) => line.startsWith(`| [${name}](`));
      expect(row?.includes('*Inferred in part.*')).toBe(isInferred(described));
    },
  );

  it('is asked of every page but that of a recipe, which has no word', () => {
    const without = SYSTEMS.flatMap(({ pages }) => pages).filter((name) => !words.has(name));
    expect(without).toEqual(RECIPES.map(({ name }) => name));
  });
});

type Choices = Extract<Field, { kind: 'variant' }>;

/** Goes through all choices of the language that the fields of a field hold. */
function visitChoices(field: Field, seen: (choices: Choices) => void): void {
  switch (field.kind) {
    case 'object':
      for (const inner of Object.values(field.fields)) visitChoices(inner, seen);
      return;
    case 'record':
      visitChoices(field.value, seen);
      return;
    case 'list':
      visitChoices(field.item, seen);
      return;
    case 'union':
      for (const option of field.options) visitChoices(option, seen);
      return;
    case 'variant':
      seen(field);
      for (const inner of Object.values(field.variants)) visitChoices(inner, seen);
      return;
    case 'tagged':
      for (const inner of Object.values(field.variants)) visitChoices(inner, seen);
      return;
    default:
  }
}
