import type { Drawing } from '../chart/drawing.ts';
import { RAW } from '../chart/table.ts';
import { element } from '../dom.ts';
import { countText } from '../format.ts';
import { strings } from '../strings.ts';
import { edgesOf } from './points.ts';

/** A screen reader and a page can take so many. */
const MOST_ROWS = 200;
const MOST_COLUMNS = 40;
const MOST_MARKS = 100;

/** The values of a chart as a table, and what its marks say; made when it is opened. */
export class PointTable {
  readonly element: HTMLDetailsElement;
  readonly #body = element('div', { class: 'table-scroll' });
  readonly #notes = element('div');
  readonly #marks = element('ul', { class: 'marks' });
  #drawing: Drawing | null = null;

  constructor() {
    this.element = element(
      'details',
      { class: 'data' },
      element('summary', {}, strings.asTable),
      this.#body,
      this.#notes,
      this.#marks,
    );
    this.#body.setAttribute('tabindex', '0');
    this.#body.setAttribute('role', 'region');
    this.element.addEventListener('toggle', () => this.#fill());
  }

  show(drawing: Drawing): void {
    this.#drawing = drawing;
    this.#fill();
  }

  #fill(): void {
    const drawing = this.#drawing;
    if (!this.element.open || !drawing) return;
    const lines = drawing.lines.filter(({ id }) => !id.endsWith(RAW));
    const columns = lines.slice(0, MOST_COLUMNS).map((line) => ({
      label: line.label,
      values: new Map(Array.from(line.points, (point) => [point.x, point])),
      edges: edgesOf(line.band),
    }));
    const all = [...new Set(columns.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
    const rows = all.slice(-MOST_ROWS);
    const cellOf = ({ values, edges }: (typeof columns)[number], x: number) => {
      const [point, edge] = [values.get(x), edges.get(x)];
      if (point === undefined) return '';
      const text = drawing.yText(point.raw ?? point.y);
      return edge === undefined
        ? text
        : strings.withBand(text, drawing.yText(edge.low), drawing.yText(edge.high));
    };
    const head = [drawing.xLabel, ...columns.map(({ label }) => label)].map((label) =>
      element('th', { attributes: { scope: 'col' } }, label),
    );
    const body = rows.map((x) =>
      element(
        'tr',
        {},
        element('th', { attributes: { scope: 'row' } }, drawing.xText(x)),
        ...columns.map((column) => element('td', {}, cellOf(column, x))),
      ),
    );
    this.#body.setAttribute('aria-label', strings.asTableOf(drawing.title));
    this.#body.replaceChildren(
      element(
        'table',
        { class: 'numbers' },
        element('thead', {}, element('tr', {}, ...head)),
        element('tbody', {}, ...body),
      ),
    );
    const notes = [
      ...(rows.length < all.length
        ? [strings.tableOfLast(countText(rows.length), countText(all.length))]
        : []),
      ...(columns.length < lines.length
        ? [strings.tableOfFirst(countText(columns.length), countText(lines.length))]
        : []),
    ];
    this.#notes.replaceChildren(...notes.map((note) => element('p', { class: 'note' }, note)));
    this.#marks.replaceChildren(
      ...(drawing.marks ?? [])
        .slice(-MOST_MARKS)
        .map(({ x, label }) => element('li', {}, strings.pointText(drawing.xText(x), label))),
    );
  }
}
