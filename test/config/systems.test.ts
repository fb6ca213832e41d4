import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { SYSTEMS as RESULTS } from '../../scripts/lib/results/systems.mjs';
import { RECIPES } from '../../src/config/recipes.ts';
import { SYSTEMS } from '../../src/config/systems.ts';
import { templateNames } from '../../src/runs/sample.ts';

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

  it('has a header that names its page, and a row of the results', () => {
    expect(readFileSync(join(root, template), 'utf8').split('\n\n')[0]).toContain(`docs/recipes/${name}.md`);
    expect(RESULTS.map((row) => row.name)).toContain(recipe.row);
  });
});
