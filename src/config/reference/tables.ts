import type { Field } from '../../schema/field.ts';
import { defaultOf, mayBeLeftOut } from '../schema/defaults.ts';
import { typeText, valueText } from '../schema/words.ts';

/** First line of every page. */
export const MADE = '<!-- Made from the schema by scripts/make-docs.mjs. -->';

/** Keys of a map with their meaning, type, default and its source. */
export function table(fields: Readonly<Record<string, Field>>): string {
  const rows = Object.entries(fields).map(([key, field]) => {
    if (field.kind === 'later') return [`\`${key}\``, field.doc, '', '*not available in this version*', ''];
    const value = defaultOf(field);
    const usual = mayBeLeftOut(field)
      ? value === undefined || field.kind === 'object'
        ? ''
        : `\`${valueText(value)}\``
      : '**required**';
    return [`\`${key}\``, field.doc, typeText(field), usual, field.source ?? ''];
  });
  return markdownTable(['key', 'meaning', 'takes', 'default', 'source'], rows);
}

/** A table without the columns that are empty throughout. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = head.map((_, column) => rows.some((row) => (row[column] ?? '') !== ''));
  const line = (cells: readonly string[]) =>
    `| ${cells
      .filter((_, column) => used[column])
      .map(escapeCell)
      .join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
