import { dataTable } from '../data-table.ts';
import { element } from '../dom.ts';

/** Rows that a table of the largest cells has. */
export const MOST_CELLS = 20;

/** A table that is folded away below its picture, which it says again. */
export function foldedTable(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  return element('details', { class: 'data' }, element('summary', {}, title), dataTable(title, heads, rows));
}
