import type { Block, ReportDocument, Section } from './document.ts';
import { markdownTable, markdownText } from './table.ts';

/** A report as Markdown. Text of runs is shown as text; in place of a drawing stands its table. */
export function markdownPage({ title, subtitle, sections }: ReportDocument): string {
  return `# ${markdownText(title)}\n\n${markdownText(subtitle)}\n\n${sections.map(sectionText).join('\n\n')}\n`;
}

function sectionText({ title, blocks }: Section): string {
  return [`## ${markdownText(title)}`, ...blocks.map(blockText)].join('\n\n');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return markdownText(block.text);
    case 'verdict':
      return `**${markdownText(block.word)}** ${markdownText(block.text)}`;
    case 'list':
      return block.items.map((item) => `- ${markdownText(item)}`).join('\n');
    case 'facts':
      return block.facts.map(([name, value]) => `- ${markdownText(name)}: ${markdownText(value)}`).join('\n');
    case 'table':
      return `${markdownText(block.table.title)}\n\n${markdownTable(block.table)}`;
    case 'figure':
      return [
        markdownText(block.caption),
        ...(block.table === null || block.table.rows.length === 0 ? [] : [markdownTable(block.table)]),
      ].join('\n\n');
    case 'code':
      return `${markdownText(block.summary)}\n\n${fenced(block.text)}`;
  }
}

/** A fence longer than any in the text, so that the text cannot end it. */
function fenced(text: string): string {
  const longest = [...text.matchAll(/`{3,}/gu)].reduce((most, [run]) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}yaml\n${text.trimEnd()}\n${fence}`;
}
