import type { GeneratorLoss } from '../../methods/data-free/generator-loss.ts';
import { generatorLosses } from '../../methods/data-free/index.ts';
import { catalogue } from '../../methods/index.ts';
import type { ModelModule } from '../../models/modules/module.ts';
import { modules } from '../../models/modules/index.ts';
import type { ArchitectureFamily } from '../../models/zoo/family.ts';
import { ZOO } from '../../models/zoo/zoo.ts';
import { refiners } from '../../methods/refine/index.ts';
import type { Refiner } from '../../methods/refiner.ts';
import type { Field } from '../../schema/field.ts';
import { schemes } from '../../schemes/index.ts';
import type { Scheme } from '../../schemes/scheme.ts';
import { methodMarkdown, paperLines } from '../language/markdown.ts';
import { pageOf } from '../page-of.ts';
import { RECIPES } from '../recipes.ts';
import { REMARKS } from '../remarks.ts';
import { FIGURES } from './figures.ts';
import { resultSection } from './result-section.ts';
import { costText, outcomeText, type StoredResults } from './results.ts';
import { MADE, markdownTable, table } from './tables.ts';

/** A page for every method, refiner, module and generator's loss, by its path, with what it came to in the stored results. */
export function methodPages(results: StoredResults): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ['docs/methods/README.md', indexPage(results)],
    ...catalogue.map((method) => {
      const text = methodMarkdown(method).split('\n').slice(2).join('\n');
      return [
        `docs/methods/${method.name}.md`,
        page(method, text, results, 'None beside those of every term.'),
      ] as const;
    }),
    ...refiners.map(
      (refiner) =>
        [`docs/refiners/${refiner.name}.md`, page(refiner, refinerText(refiner), results)] as const,
    ),
    ...modules.map(
      (module) => [`docs/modules/${module.name}.md`, page(module, moduleText(module), results)] as const,
    ),
    ...schemes
      .filter(({ papers }) => papers !== undefined)
      .map(
        (scheme) =>
          [`docs/schemes/${scheme.name}.md`, page(asPage(scheme), schemeText(scheme), results)] as const,
      ),
    ...ZOO.filter(({ formula }) => formula !== undefined).map(
      (family) =>
        [
          `docs/models/${family.name}.md`,
          page({ ...family, parameters: family.settings }, familyText(family), results),
        ] as const,
    ),
    ...generatorLosses.map(
      (loss) => [`docs/generators/${loss.name}.md`, page(loss, generatorText(loss), results)] as const,
    ),
  ]);
}

interface Described {
  readonly name: string;
  /** The data flow, as text. */
  readonly figure?: string;
  readonly parameters: { readonly fields: Readonly<Record<string, Field>> };
  readonly notes?: readonly string[];
  readonly papers?: readonly unknown[];
}

function page(
  { name, figure = FIGURES[name], parameters: { fields }, notes: own = [], papers = [] }: Described,
  text: string,
  results: StoredResults,
  none = 'None.',
): string {
  const notes = [...own, ...(REMARKS[name] ?? [])];
  return [
    MADE,
    '',
    `# ${name}`,
    '',
    text,
    '',
    ...(figure === undefined ? [] : ['## Data flow', '', '```text', figure, '```', '']),
    '## Parameters',
    '',
    Object.keys(fields).length === 0 ? none : table(fields),
    '',
    ...(notes.length === 0 ? [] : ['## Notes', '', ...notes.map((note) => `- ${note}`), '']),
    ...resultSection(
      results.rows.filter(({ covers, stale }) => covers === name && !stale),
      results,
      papers.length > 0,
    ),
  ].join('\n');
}

/** All of the catalogue on one page. */
function indexPage(results: StoredResults): string {
  const line = (
    { name, summary, row }: { name: string; summary: string; row?: string },
    group: string,
  ): readonly string[] => {
    const rows = results.rows.filter(
      ({ covers, stale, ...stored }) => (row === undefined ? covers === name : stored.name === row) && !stale,
    );
    return [
      `[${name}](${`../${pageOf(name) ?? ''}`.replace('../methods/', '')})`,
      summary,
      group,
      rows.map(costText).filter(Boolean).join(', '),
      rows.map(outcomeText).join(', '),
    ];
  };
  const lines = [
    ...catalogue.map((method) => line(method, method.knowledge)),
    ...refiners.map((refiner) => line(refiner, 'refiner')),
    ...modules.map((module) => line(module, 'module')),
    ...schemes.filter(({ papers }) => papers !== undefined).map((scheme) => line(scheme, 'scheme')),
    ...ZOO.filter(({ formula }) => formula !== undefined).map((family) => line(family, 'architecture')),
    ...RECIPES.map((recipe) => line(recipe, 'recipe')),
    ...generatorLosses.map((loss) => line(loss, 'generator')),
  ];
  return [
    MADE,
    '',
    '# The catalogue of methods',
    '',
    'Step: its time over that of plain `kd`. Result: against the same student alone, see [the results](../results.md). By papers: [systems](../systems.md).',
    '',
    markdownTable(['method', 'meaning', 'group', 'step', 'result'], lines),
    '',
  ].join('\n');
}

function asPage({ name, settings, notes, figure }: Scheme): Described {
  return {
    name,
    parameters: settings,
    ...(notes === undefined ? {} : { notes }),
    ...(figure === undefined ? {} : { figure }),
  };
}

function schemeText(scheme: Scheme): string {
  return [
    scheme.summary,
    '',
    ...fenced(scheme.formula),
    scheme.doc,
    '',
    ...paperLines({ papers: scheme.papers ?? [] }),
  ].join('\n');
}

function familyText(family: ArchitectureFamily): string {
  return [family.summary, '', ...fenced(family.formula), ...paperLines({ papers: [family.paper] })].join(
    '\n',
  );
}

function fenced(text: string | undefined): string[] {
  return text === undefined ? [] : ['```text', text, '```', ''];
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
    ...(refiner.search === undefined ? [] : [`- searches, in turns on validation: ${refiner.search.doc}`]),
    '',
    ...paperLines(refiner),
  ].join('\n');
}

function moduleText(module: ModelModule): string {
  return [
    module.summary,
    '',
    '```text',
    module.formula,
    '```',
    '',
    '- stands under `models.<name>.modules` and belongs to that model in every scheme',
    `- exported: ${module.exported}`,
    '',
    ...paperLines(module),
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
