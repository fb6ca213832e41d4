import type { GeneratorLoss } from '../../methods/data-free/generator-loss.ts';
import { generatorLosses } from '../../methods/data-free/index.ts';
import { catalogue } from '../../methods/index.ts';
import { refiners } from '../../methods/refine/index.ts';
import type { Refiner } from '../../methods/refiner.ts';
import type { Field } from '../../schema/field.ts';
import { methodMarkdown, paperLines } from '../language/markdown.ts';
import { MADE, table } from './tables.ts';

/** A page for every method, refiner and generator's loss, by its path. */
export function methodPages(): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...catalogue.map((method) => {
      const text = methodMarkdown(method).split('\n').slice(2).join('\n');
      return [
        `docs/methods/${method.name}.md`,
        page(method, text, 'None beside those of every term.'),
      ] as const;
    }),
    ...refiners.map(
      (refiner) => [`docs/refiners/${refiner.name}.md`, page(refiner, refinerText(refiner))] as const,
    ),
    ...generatorLosses.map(
      (loss) => [`docs/generators/${loss.name}.md`, page(loss, generatorText(loss))] as const,
    ),
  ]);
}

interface Described {
  readonly name: string;
  readonly parameters: { readonly fields: Readonly<Record<string, Field>> };
  readonly notes?: readonly string[];
}

function page({ name, parameters: { fields }, notes = [] }: Described, text: string, none = 'None.'): string {
  return [
    MADE,
    '',
    `# ${name}`,
    '',
    text,
    '',
    '## Parameters',
    '',
    Object.keys(fields).length === 0 ? none : table(fields),
    '',
    ...(notes.length === 0 ? [] : ['## Notes', '', ...notes.map((note) => `- ${note}`), '']),
  ].join('\n');
}

function refinerText(refiner: Refiner): string {
  return [
    refiner.summary,
    '',
    '```text',
    refiner.formula,
    '```',
    '',
    `- changes: the ${refiner.changes} of teacher and student, before a term compares them`,
    '',
    ...paperLines(refiner),
  ].join('\n');
}

function generatorText({ studentLoss, recipe, readsStudent, ...loss }: GeneratorLoss): string {
  return [
    loss.summary,
    '',
    '```text',
    loss.formula,
    '```',
    '',
    `- reads: the teacher${readsStudent ? ' and the student, which it plays against' : ' alone'}`,
    `- the student learns by: [${studentLoss.method}](../methods/${studentLoss.method}.md) (${studentLoss.source})`,
    `- steps: ${recipe.studentSteps} of the student to ${recipe.generatorSteps} of the generator, from ${recipe.latent} random numbers (${recipe.source})`,
    '',
    ...paperLines(loss),
  ].join('\n');
}
