import { element, type Child } from './dom.ts';

/** A cell: text, a control, or a cell that was made already because it has a look of its own. */
export type Cell = string | Node;

interface TableLook {
  /** Of the style sheet; default: a table of numbers. */
  readonly class?: string;
  /** What stands above the table for everybody; without it the caption is for screen readers alone. */
  readonly title?: string;
}

/**
 * A table in a region of its own that can be scrolled, by keys too. The first cell of a row names it; a head without text is the
 * corner of a table whose rows and columns have names.
 */
export function dataTable(
  caption: string,
  heads: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  { class: look = 'numbers', title }: TableLook = {},
): HTMLElement {
  return element(
    'div',
    { class: 'table-scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': caption } },
    element(
      'table',
      { class: look },
      title === undefined ? null : element('caption', {}, title),
      element('thead', {}, element('tr', {}, ...heads.map(headOf))),
      element(
        'tbody',
        {},
        ...rows.map(([name = '', ...cells]) => element('tr', {}, nameOf(name), ...cells.map(cellOf))),
      ),
    ),
  );
}

function headOf(head: Cell): HTMLElement {
  if (head instanceof HTMLTableCellElement) return head;
  return head === '' ? element('td') : element('th', { attributes: { scope: 'col' } }, head);
}

function nameOf(name: Cell): HTMLElement {
  return name instanceof HTMLTableCellElement ? name : element('th', { attributes: { scope: 'row' } }, name);
}

function cellOf(cell: Cell): HTMLElement {
  return cell instanceof HTMLTableCellElement ? cell : element('td', {}, cell);
}

/** A card with a title and what belongs to it. */
export function card(title: string, ...children: readonly Child[]): HTMLElement {
  return element('section', { class: 'card' }, element('h2', {}, title), ...children);
}

/** Names and values below one another. */
export function factList(facts: readonly (readonly [string, string])[]): HTMLElement {
  return element(
    'dl',
    { class: 'facts' },
    ...facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}
