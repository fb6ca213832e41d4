import { SITUATIONS, TOPICS, type Topic } from '../guide.ts';
import { pageOf } from '../page-of.ts';
import { MADE, markdownTable } from './tables.ts';

/** Where to begin, and what the field has found, statement by statement with its source. */
export function whichMethodPage(): string {
  const rows = SITUATIONS.map(({ have, begin, compare }) => [have, linked(begin), linked(compare)]);
  return [
    MADE,
    '',
    '# Which method when',
    '',
    'Findings on other networks and other data, each with its source. The verdict of your own run decides; what each method did for one small student stands in',
    '[the results](results.md). Whole systems of papers, each with a config that is ready to run: [systems](systems.md).',
    '',
    markdownTable(['you have', 'begin with', 'then compare'], rows),
    '',
    ...TOPICS.flatMap(topicLines),
    '## What to be wary of',
    '',
    '- One seed says nothing; a verdict takes three (`compare.seeds`). Without the same student alone there is no gain to speak of (`compare.baseline`).',
    '- Released scripts that choose their epoch on the test split flatter their method. Here validation chooses, and the test split is read once.',
    '- A term whose share of the gradient is below a thousandth does nothing; the dry run and the curves show it.',
    '',
  ].join('\n');
}

function topicLines({ title, statements, here }: Topic): readonly string[] {
  const lines = statements.map(({ text, source }) => `- ${text} (${source})`);
  return [`## ${title}`, '', ...lines, '', `Here: ${linked(here)}`, ''];
}

/** What has a page becomes a link to it. */
function linked(text: string): string {
  return text.replaceAll(/`([A-Za-z\d]+)`/g, (whole, word: string) => {
    const page = pageOf(word);
    return page === null ? whole : `[\`${word}\`](${page})`;
  });
}
