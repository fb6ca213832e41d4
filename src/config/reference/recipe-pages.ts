import type { Field } from '../../schema/field.ts';
import { paperLines } from '../language/markdown.ts';
import { RECIPES, type Recipe, type RecipeSetting } from '../recipes.ts';
import { experimentField } from '../schema/experiment.ts';
import { own } from '../schema/navigate.ts';
import { scheduleField } from '../schema/schedule.ts';
import { valueText } from '../schema/words.ts';
import { resultSection } from './result-section.ts';
import type { StoredResults } from './results.ts';
import { MADE, markdownTable } from './tables.ts';

/** A page for every recipe, by its path. */
export function recipePages(results: StoredResults): Readonly<Record<string, string>> {
  return Object.fromEntries(
    RECIPES.map((recipe) => [`docs/recipes/${recipe.name}.md`, recipePage(recipe, results)]),
  );
}

function recipePage(recipe: Recipe, results: StoredResults): string {
  const { name, summary, formula, papers, template, figure, settings, notes, row } = recipe;
  return [
    MADE,
    '',
    `# ${name}`,
    '',
    summary,
    '',
    '```text',
    formula,
    '```',
    '',
    '- a recipe: it has no word of its own, its settings make it',
    `- \`kd new --template ${template}\` writes it, ready to run`,
    '',
    ...paperLines({ papers }),
    '',
    '## Data flow',
    '',
    '```text',
    figure,
    '```',
    '',
    '## Parameters',
    '',
    markdownTable(['key', 'meaning', 'value', 'in the template', 'source'], settings.map(cellsOf)),
    '',
    '## Notes',
    '',
    ...notes.map((note) => `- ${note}`),
    '',
    ...resultSection(
      results.rows.filter((one) => one.name === row && !one.stale),
      results,
      true,
    ),
  ].join('\n');
}

function cellsOf({ path, value, source, inTemplate }: RecipeSetting): readonly string[] {
  const other =
    inTemplate === undefined
      ? ''
      : `${inTemplate.value === null ? 'left out' : `\`${valueText(inTemplate.value)}\``}: ${inTemplate.because}`;
  const key = path.join('.').replaceAll('.[]', '[]');
  return [`\`${key}\``, fieldOf(path).doc, `\`${valueText(value)}\``, other, source];
}

/** The field that a recipe names. Throws where the language has none. */
function fieldOf(path: readonly string[]): Field {
  const found = path.reduce<Field | undefined>((field, key) => field && below(field, key), experimentField);
  if (found === undefined) throw new Error(`the experiment file has no ${path.join('.')}`);
  return found;
}

/** Below a key, whatever is written there. */
function below(field: Field, key: string): Field | undefined {
  switch (field.kind) {
    case 'object':
      return own(field.fields, key);
    case 'record':
      return field.value;
    case 'list':
      return field.item;
    case 'variant':
      return own(field.variants, key);
    case 'tagged':
      return firstOf(Object.values(field.variants), key);
    case 'union':
      return firstOf(field.options, key);
    case 'number':
      return field.schedulable ? below(scheduleField(field), key) : undefined;
    case 'boolean':
    case 'text':
    case 'choice':
    case 'later':
      return undefined;
  }
}

function firstOf(fields: readonly Field[], key: string): Field | undefined {
  return fields.map((field) => below(field, key)).find((found) => found !== undefined);
}
