import type { Field } from '../../schema/field.ts';
import { adapterField } from '../../methods/adapter-choice.ts';
import { catalogue } from '../../methods/index.ts';
import { PROBLEMS } from '../../protocol/problems/index.ts';
import { CODES } from '../codes.ts';
import { describedBy, isInferred } from '../described.ts';
import { pageOf } from '../page-of.ts';
import { experimentField } from '../schema/experiment.ts';
import { tagField } from '../schema/navigate.ts';
import { optimizers } from '../schema/optimizers.ts';
import { scheduleField } from '../schema/schedule.ts';
import { jsonSchema } from './json-schema.ts';
import { methodPages } from './method-pages.ts';
import { recipePages } from './recipe-pages.ts';
import { resultsPage } from './results-page.ts';
import type { StoredResults } from './results.ts';
import { systemsPage } from './systems-page.ts';
import { MADE, markdownTable, table } from './tables.ts';
import { whichMethodPage } from './which-method.ts';

/**
 * Every page of the reference by its path in the repository.
 *
 * @param results what `docs/results.json` holds
 */
export function referenceFiles(results: StoredResults): Readonly<Record<string, string>> {
  return {
    'docs/config.md': configPage(),
    'docs/diagnostics.md': diagnosticsPage(),
    'docs/problems.md': problemsPage(),
    ...methodPages(results),
    ...recipePages(results),
    'docs/systems.md': systemsPage(results),
    'docs/which-method.md': whichMethodPage(),
    'docs/results.md': resultsPage(results),
    'media/schema.json': `${JSON.stringify(jsonSchema(), null, 2)}\n`,
  };
}

function configPage(): string {
  const sections = Object.entries(experimentField.fields).flatMap(([key, field]) => sectionsOf(key, field));
  return [
    MADE,
    '',
    '# The experiment file',
    '',
    'A file `*.kd.yaml` in YAML 1.2: plain data of at most 1 MB, 32 levels and 50,000 elements. Paths are relative to the file that',
    'they stand in and may not leave the root: the nearest folder above with `.kd`, else the workspace folder, else the nearest with',
    "`.git`, else the file's own folder.",
    '',
    'A choice is a word (`optimizer: adam`) or that word with its settings (`optimizer: { adam: { learningRate: 0.001 } }`).',
    'A number that may vary over time takes a [schedule](#schedules) in its place. With `extends`, maps are merged key by key, lists are',
    "replaced, and another choice replaces the base's choice with its settings. `kd run --set path=value` changes one value.",
    '',
    table(experimentField.fields),
    '',
    ...sections,
    ...schedules(),
    '',
  ].join('\n');
}

/** A heading for every key that holds more keys, and below it those keys. */
function sectionsOf(path: string, field: Field): string[] {
  switch (field.kind) {
    case 'object':
      return section(path, field.doc, field.fields);
    case 'record':
      return [`## ${path}`, '', field.doc, '', ...sectionsOf(`${path}.<name>`, field.value)];
    case 'list':
      return sectionsOf(`${path}[]`, field.item);
    case 'union':
      return field.options.flatMap((option) => sectionsOf(path, option));
    case 'variant':
      // What is said of it elsewhere is not said again for each phase.
      if (path.startsWith('phases') && field.names === 'method')
        return seeAlso(path, field, 'distill.match[]');
      if (path.startsWith('phases') && field.variants === optimizers)
        return seeAlso(path, field, 'train.optimizer');
      return [
        `## ${path}`,
        '',
        field.doc,
        '',
        variantTable(field.variants, field.names),
        ...variantSections(path, field),
      ];
    case 'tagged':
      return [
        `## ${path}`,
        '',
        field.doc,
        '',
        table({ [field.tag]: tagField(field) }),
        '',
        variantTable(field.variants),
        ...variantSections(`${path}, ${field.tag}`, field, ': '),
      ];
    case 'number':
    case 'boolean':
    case 'text':
    case 'choice':
    case 'later':
      return [];
  }
}

function seeAlso(path: string, { doc }: Field, other: string): string[] {
  const anchor = other.replaceAll(/[^a-z]/gi, '').toLowerCase();
  return [`## ${path}`, '', `${doc} Words and keys as in [${other}](#${anchor}).`, ''];
}

function section(path: string, doc: string, fields: Readonly<Record<string, Field>>): string[] {
  if (Object.keys(fields).length === 0) return [];
  const inner = Object.entries(fields).flatMap(([key, field]) => sectionsOf(`${path}.${key}`, field));
  return [`## ${path}`, '', doc, '', table(fields), '', ...inner];
}

function variantSections(
  path: string,
  field: Extract<Field, { kind: 'variant' | 'tagged' }>,
  separator = '.',
): string[] {
  // Methods have pages of their own.
  if (field.kind === 'variant' && field.names === 'method') return ['', ...termSection(field)];
  const sections = Object.entries(field.variants).flatMap(([word, settings]) =>
    settings.kind === 'later' ? [] : section(`${path}${separator}${word}`, settings.doc, settings.fields),
  );
  return ['', ...sections];
}

/** What every term takes; `pairs` only those that match layers. */
function termSection({ variants }: Extract<Field, { kind: 'variant' }>): string[] {
  const term = catalogue.find((method) => method.needs.pairs !== undefined);
  const settings = term === undefined ? undefined : variants[term.name];
  if (term === undefined || settings?.kind !== 'object') return [];
  const common = Object.entries(settings.fields).filter(
    ([key]) => !Object.hasOwn(term.parameters.fields, key),
  );
  const shown = common.map(
    ([key, field]) => [key, key === 'weight' ? withoutDefault(field) : field] as const,
  );
  const choosing = catalogue.flatMap(({ name, adapters }) => (adapters === true ? [`\`${name}\``] : []));
  return [
    '## Keys of every term',
    '',
    "Beside the method's own; `pairs` only where the method compares layers.",
    '',
    table(Object.fromEntries(shown)),
    '',
    '## Adapter of a pair',
    '',
    `A pair of a term may be written with names, \`{ teacher: stage2, student: stage1, adapter: conv1x1 }\`. ${adapterField.doc} Of the methods ${choosing.join(', ')}; the others fit shapes in a way of their own.`,
    '',
    variantTable(adapterField.variants),
    '',
    table(adapterField.variants.conv1x1.fields),
    '',
  ];
}

/** Each method has its own default. */
function withoutDefault(field: Field): Field {
  const entries = Object.entries(field).filter(([key]) => key !== 'default' && key !== 'source');
  return { ...(Object.fromEntries(entries) as unknown as Field), optional: true };
}

/** Words with their meaning, linked where they have a page, and marked where something of it is inferred. */
function variantTable(variants: Readonly<Record<string, Field>>, names?: string): string {
  const rows = Object.entries(variants).map(([word, field]) => {
    if (field.kind === 'later') return [`\`${word}\``, `${field.doc} *Not available in this version.*`];
    const described = describedBy(names, word);
    const page = described === null ? null : pageOf(word);
    const meaning = isInferred(described) ? `${field.doc} *Inferred in part.*` : field.doc;
    return [page === null ? `\`${word}\`` : `[${word}](${page})`, meaning];
  });
  return markdownTable(['word', 'meaning'], rows);
}

function schedules(): string[] {
  const { variants } = scheduleField({ kind: 'number', integer: false, schedulable: true, doc: 'A number.' });
  return [
    '## Schedules',
    '',
    'In place of a number that may vary. Lengths and milestones count from the start of the phase.',
    '',
    ...variantSections('schedule', { kind: 'variant', variants, doc: '' }),
  ];
}

function diagnosticsPage(): string {
  const entries = Object.entries(CODES).map(([code, { title, severity, meaning, wrong, right }]) =>
    [
      `## ${code}`,
      '',
      `**${title}** (${severity})`,
      '',
      meaning,
      '',
      '```yaml',
      `# not`,
      wrong,
      '',
      '# but',
      right,
      '```',
    ].join('\n'),
  );
  return [
    MADE,
    '',
    '# Diagnostics of the experiment file',
    '',
    'What the editor underlines and `kd check` prints.',
    '',
    entries.join('\n\n'),
    '',
  ].join('\n');
}

function problemsPage(): string {
  const entries = Object.entries(PROBLEMS).map(([code, { title, meaning, nextStep }]) =>
    [`## ${code}`, '', `**${title}**`, '', meaning, '', `Next: ${nextStep}`].join('\n'),
  );
  return [
    MADE,
    '',
    '# Problems of a run or a command',
    '',
    'What ends a run, or keeps a command from its work: KD40xx training, KD50xx the run directory and the engine, KD51xx the editor,',
    'KD60xx compiling and running steps, KD70xx the command line. Those of the experiment file: [diagnostics](diagnostics.md).',
    '',
    entries.join('\n\n'),
    '',
  ].join('\n');
}
