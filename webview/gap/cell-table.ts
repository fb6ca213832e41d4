import { element } from '../dom.ts';

/** Rows that a table of the largest cells has. */
export const MOST_CELLS = 20;

/** A table that is folded away below its picture, which it says again. */
export function foldedTable(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  return element(
    'details',
    { class: 'data' },
    element('summary', {}, title),
    element(
      'div',
      { class: 'table-scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': title } },
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
          ...rows.map(([first = '', ...rest]) =>
            element(
              'tr',
              {},
              element('th', { attributes: { scope: 'row' } }, first),
              ...rest.map((text) => element('td', {}, text)),
            ),
          ),
        ),
      ),
    ),
  );
}
