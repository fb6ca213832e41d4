import { SYSTEMS, type System } from '../systems.ts';
import { pageOf } from '../page-of.ts';
import { outcomeText, type StoredResults } from './results.ts';
import { MADE, markdownTable } from './tables.ts';

/** Every system of a paper: its pages, what runs it, and what it came to. */
export function systemsPage(results: StoredResults): string {
  const rows = SYSTEMS.map((system) => [
    system.title,
    [...system.pages.map(linkOf), ...(system.keys ?? []).map(code)].join(', '),
    system.templates.map(code).join(', '),
    system.rows.map((name) => resultOf(name, results)).join(', '),
    system.known,
  ]);
  return [
    MADE,
    '',
    '# Systems of papers',
    '',
    'Each page has paper, formula, a figure of how data flow, the parameters with the source of each value, what is inferred, and limits. A ready config is',
    'written by `kd new --template NAME`. Results: against the same student alone, at equal budget, see [the results](results.md).',
    '',
    markdownTable(['system', 'explained by', 'ready configs', 'results', 'known from'], rows),
    '',
  ].join('\n');
}

/** Throws where a page is missing. */
function linkOf(name: string): string {
  const page = pageOf(name);
  if (page === null) throw new Error(`${name} has no page`);
  return `[${name}](${page})`;
}

function code(word: string): string {
  return `\`${word}\``;
}

function resultOf(name: System['rows'][number], { rows }: StoredResults): string {
  const row = rows.find((one) => one.name === name);
  return `${code(name)} ${row === undefined ? 'not run' : outcomeText(row)}`;
}
