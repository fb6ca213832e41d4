import { element } from '../dom.ts';
import { countText } from '../format.ts';
import { strings } from '../strings.ts';
import type { Drawing } from '../chart.ts';

/** A screen reader and a page can take so many rows. */
const MOST_ROWS = 200;

/** The values of a chart as a table, made when it is opened. */
export class PointTable {
  readonly element: HTMLDetailsElement;
  readonly #body = element('div', { class: 'table-scroll' });
  #drawing: Drawing | null = null;

  constructor() {
    this.element = element('details', { class: 'data' }, element('summary', {}, strings.asTable), this.#body);
    this.element.addEventListener('toggle', () => this.#fill());
  }

  show(drawing: Drawing): void {
    this.#drawing = drawing;
    this.#fill();
  }

  #fill(): void {
    const drawing = this.#drawing;
    if (!this.element.open || !drawing) return;
    const columns = drawing.lines.map((line) => ({
      label: line.label,
      values: new Map(line.points.map((point) => [point.x, point])),
    }));
    const all = [...new Set(columns.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
    const rows = all.slice(-MOST_ROWS);
    const head = element(
      'tr',
      {},
      ...[drawing.xLabel, ...columns.map(({ label }) => label)].map((label) =>
        element('th', { attributes: { scope: 'col' } }, label),
      ),
    );
    const body = rows.map((x) =>
      element(
        'tr',
        {},
        element('th', { attributes: { scope: 'row' } }, drawing.xText(x)),
        ...columns.map(({ values }) => {
          const point = values.get(x);
          return element('td', {}, point === undefined ? '' : drawing.yText(point.y));
        }),
      ),
    );
    this.#body.replaceChildren(
      element('table', { class: 'numbers' }, element('thead', {}, head), element('tbody', {}, ...body)),
      ...(rows.length < all.length
        ? [
            element(
              'p',
              { class: 'note' },
              strings.tableOfLast(countText(rows.length), countText(all.length)),
            ),
          ]
        : []),
    );
    this.#body.setAttribute('tabindex', '0');
    this.#body.setAttribute('role', 'region');
    this.#body.setAttribute('aria-label', strings.asTable);
  }
}
