import { createHash } from 'node:crypto';
import type { Block, ReportDocument, Section } from './document.ts';
import { directionOf, escapeMarkup } from '../protocol/markup.ts';
import { tag } from './svg.ts';
import { STYLE } from './style.ts';
import type { Table } from './table.ts';

/**
 * A report as one page that needs nothing else: no script at all, one style sheet of its own under a policy that lets nothing
 * in, drawings inline. All text of runs is escaped.
 */
export function htmlPage({ title, subtitle, language, sections }: ReportDocument): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="${escapeMarkup(language)}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeMarkup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header><h1>${escapeMarkup(title)}</h1><p class="muted">${escapeMarkup(subtitle)}</p></header>
${sections.map(sectionHtml).join('\n')}
</main>
</body>
</html>
`;
}

function sectionHtml({ title, blocks }: Section): string {
  return tag('section', {}, tag('h2', {}, escapeMarkup(title)), ...blocks.map(blockHtml));
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return tag('p', {}, escapeMarkup(block.text));
    case 'verdict':
      return tag(
        'p',
        { class: `verdict ${block.word.toLowerCase().replace(/\s+/gu, '-')}` },
        tag('strong', {}, escapeMarkup(block.word)),
        ` ${escapeMarkup(block.text)}`,
      );
    case 'list':
      return tag('ul', {}, ...block.items.map((item) => tag('li', {}, escapeMarkup(item))), '');
    case 'facts':
      return tag(
        'dl',
        {},
        ...block.facts.map(([name, value]) =>
          tag('div', {}, tag('dt', {}, escapeMarkup(name)), tag('dd', {}, escapeMarkup(value))),
        ),
        '',
      );
    case 'table':
      return tableHtml(block.table);
    case 'figure':
      return tag('figure', {}, block.svg, tag('figcaption', {}, escapeMarkup(block.caption)));
    case 'code':
      return tag(
        'details',
        {},
        tag('summary', {}, escapeMarkup(block.summary)),
        tag('pre', {}, tag('code', {}, escapeMarkup(block.text))),
      );
  }
}

function tableHtml({ title, head, rows, numbers }: Table): string {
  const kind = (column: number) => (numbers.includes(column) ? { class: 'number' } : {});
  const heads = head.map((name, column) => tag('th', { scope: 'col', ...kind(column) }, escapeMarkup(name)));
  const lines = rows.map((row) =>
    tag('tr', {}, ...row.map((cell, column) => tag('td', kind(column), escapeMarkup(cell)))),
  );
  return tag(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title },
    tag(
      'table',
      {},
      tag('caption', {}, escapeMarkup(title)),
      tag('thead', {}, tag('tr', {}, ...heads)),
      tag('tbody', {}, ...lines, ''),
    ),
  );
}
