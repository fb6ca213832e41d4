import type { RunTableRow } from '../../src/protocol/panel-compare.ts';
import { element, setAttributes } from '../dom.ts';
import { checkBox } from '../fields.ts';
import { countText } from '../format.ts';
import { button } from '../toolkit.ts';
import type { Group } from './arrange.ts';
import type { CompareChoices } from './choices.ts';
import { COLUMNS, type Column } from './columns.ts';
import { compareStrings } from './strings.ts';

/** More rows are drawn when asked for. */
const ROWS_AT_FIRST = 200;

interface TableEvents {
  readonly onSort: (id: string) => void;
  readonly onChoose: (row: RunTableRow, isChosen: boolean) => void;
  readonly onStar: (row: RunTableRow) => void;
  readonly onOpen: (row: RunTableRow) => void;
}

/** All runs as a table: a row is chosen, starred and opened; a column sorts. */
export class RunTable {
  readonly element = element('div', {
    class: 'table-scroll run-table',
    attributes: { role: 'region', tabindex: 0, 'aria-label': compareStrings.table },
  });
  readonly #events: TableEvents;
  #known = '';
  #showsAll = false;

  constructor(events: TableEvents) {
    this.#events = events;
  }

  /** @param shown directory of the run that the panel shows */
  show(groups: readonly Group[], choices: CompareChoices, shown: string | null): void {
    const now = JSON.stringify([groups, choices, shown, this.#showsAll]);
    if (now === this.#known) return;
    this.#known = now;
    const focused = (document.activeElement as HTMLElement | null)?.closest<HTMLElement>('[data-key]')
      ?.dataset['key'];
    const columns = COLUMNS.filter(({ id }, at) => at === 0 || choices.columns.includes(id));
    const all = groups.reduce((sum, { rows }) => sum + rows.length, 0);
    let left = this.#showsAll ? Infinity : ROWS_AT_FIRST;
    const bodies = groups.map((group) => {
      const rows = group.rows.slice(0, Math.max(0, left));
      left -= rows.length;
      return element(
        'tbody',
        {},
        ...(group.name === null ? [] : [groupRow(group.name, group.rows.length, columns.length)]),
        ...rows.map((row) => this.#row(row, columns, choices, shown)),
      );
    });
    const more = button(compareStrings.showMore(countText(all)), () => {
      this.#showsAll = true;
      this.show(groups, choices, shown);
    });
    this.element.replaceChildren(
      element(
        'table',
        { class: 'numbers runs' },
        element('thead', {}, element('tr', {}, ...columns.map((column) => this.#head(column, choices)))),
        ...bodies,
      ),
      ...(all > ROWS_AT_FIRST && !this.#showsAll ? [more.element] : []),
    );
    // What had the focus has been drawn anew.
    if (focused !== undefined)
      this.element.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #head(column: Column, { sort, isDescending }: CompareChoices): HTMLElement {
    const name = compareStrings.column[column.id];
    const isSorted = sort === column.id;
    const arrow = isSorted ? (isDescending ? ' ▾' : ' ▴') : '';
    const control = element(
      'button',
      {
        class: 'row-button',
        attributes: { type: 'button', title: compareStrings.sortBy(name), 'data-key': `sort ${column.id}` },
        on: { click: () => this.#events.onSort(column.id) },
      },
      name,
      element('span', { attributes: { 'aria-hidden': 'true' } }, arrow),
    );
    const head = element(
      'th',
      { class: column.isNumber ? '' : 'words', attributes: { scope: 'col' } },
      control,
    );
    if (isSorted) setAttributes(head, { 'aria-sort': isDescending ? 'descending' : 'ascending' });
    return head;
  }

  #row(
    row: RunTableRow,
    columns: readonly Column[],
    { chosen }: CompareChoices,
    shown: string | null,
  ): HTMLElement {
    const [, ...others] = columns;
    const made = element(
      'tr',
      { class: row.directory === shown ? 'chosen' : '' },
      this.#name(row, chosen.includes(row.directory)),
      ...others.map((column) => {
        const text = column.text(row);
        return element('td', { class: column.isNumber ? '' : 'words', attributes: { title: text } }, text);
      }),
    );
    if (row.directory === shown) setAttributes(made, { 'aria-current': 'true' });
    return made;
  }

  #name(row: RunTableRow, isChosen: boolean): HTMLElement {
    const { id, directory, labels } = row;
    const box = checkBox(compareStrings.select(id), (isOn) => this.#events.onChoose(row, isOn), true);
    setAttributes(box.element, { 'data-key': `choose ${directory}` });
    box.set(isChosen);
    const star = element(
      'button',
      {
        class: 'star',
        attributes: {
          type: 'button',
          'aria-pressed': String(labels.starred),
          'aria-label': compareStrings.star(id),
          'data-key': `star ${directory}`,
        },
        on: { click: () => this.#events.onStar(row) },
      },
      labels.starred ? '★' : '☆',
    );
    const open = element(
      'button',
      {
        class: 'row-button',
        attributes: { type: 'button', title: compareStrings.open(id), 'data-key': `open ${directory}` },
        on: { click: () => this.#events.onOpen(row) },
      },
      id,
    );
    return element(
      'th',
      { attributes: { scope: 'row' } },
      element('span', { class: 'run-name' }, box.element, star, open),
    );
  }
}

function groupRow(name: string, count: number, columns: number): HTMLElement {
  return element(
    'tr',
    { class: 'group-row' },
    element(
      'th',
      { attributes: { scope: 'rowgroup', colspan: columns } },
      compareStrings.runsOf(name, countText(count)),
    ),
  );
}
