import { element, type Child } from './dom.ts';

/** A cell: text, or a control. */
export type Cell = string | Node;

/** A table of numbers in a region of its own that can be scrolled, by keys too. The first cell of a row names it. */
export function dataTable(
  caption: string,
  heads: readonly Cell[],
  rows: readonly (readonly Cell[])[],
): HTMLElement {
  return element(
    'div',
    { class: 'table-scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': caption } },
    element(
      'table',
      { class: 'numbers' },
      element(
        'thead',
        {},
        element('tr', {}, ...heads.map((head) => element('th', { attributes: { scope: 'col' } }, head))),
      ),
      element(
        'tbody',
        {},
        ...rows.map(([name, ...cells]) =>
          element(
            'tr',
            {},
            element('th', { attributes: { scope: 'row' } }, name ?? ''),
            ...cells.map((cell) => element('td', {}, cell)),
          ),
        ),
      ),
    ),
  );
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
