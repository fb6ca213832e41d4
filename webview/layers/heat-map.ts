import { savedGrid } from '../chart/grid.ts';
import { element, setText } from '../dom.ts';
import { similarityText } from '../format.ts';
import { strings } from '../strings.ts';
import type { LayerPairNames } from '../../src/protocol/records.ts';
import type { Saved } from '../save.ts';
import { shader, type Shader } from '../shade.ts';
import type { SimilarityTable } from './pairs.ts';

/** Beyond, a cell is too small for its number; the line below and a screen reader still tell it. */
const MOST_COLUMNS_WITH_NUMBERS = 24;

export interface HeatMapActions {
  /** Writes the pair of a cell into the experiment. */
  readonly insert: (pair: LayerPairNames) => void;
  /** Chooses the pair of a cell, or takes it back. */
  readonly toggle: (pair: LayerPairNames) => void;
}

/** A table whose cells are shaded by their value: its own text equivalent. One cell is in the tab order. */
export class HeatMap {
  readonly element: HTMLElement;
  readonly #scroll = element('div', { class: 'heat-scroll' });
  readonly #readout = element('p', { class: 'readout' }, strings.heatHint);
  readonly #actions: HeatMapActions;
  #table: SimilarityTable | null = null;
  /** Null: pairs cannot be chosen here. */
  #chosen: readonly LayerPairNames[] | null = null;
  #known = '';
  #row = 0;
  #column = 0;

  constructor(actions: HeatMapActions) {
    this.#actions = actions;
    this.element = element('div', {}, this.#scroll, this.#readout);
    this.#scroll.addEventListener('keydown', (event) => this.#onKey(event));
    this.#scroll.addEventListener('click', (event) => this.#toggleAt(event.target));
    this.#scroll.addEventListener('focusin', (event) => this.#onFocus(event.target));
    this.#scroll.addEventListener('pointerover', (event) => this.#read(event.target));
  }

  /** @param chosen pairs that are marked; null: pairs cannot be chosen here */
  show(table: SimilarityTable, chosen: readonly LayerPairNames[] | null): void {
    const now = JSON.stringify([table, chosen]);
    if (now === this.#known) return;
    this.#known = now;
    this.#table = table;
    this.#chosen = chosen;
    if (placeOf(document.activeElement) === null)
      setText(this.#readout, chosen === null ? strings.heatHintAlone : strings.heatHint);
    this.#row = Math.min(this.#row, table.teacherLayers.length - 1);
    this.#column = Math.min(this.#column, table.studentLayers.length - 1);
    this.#fill(table);
  }

  retheme(): void {
    if (this.#table) this.#fill(this.#table);
  }

  /** What is shown now, for files; null: nothing. */
  get saved(): Saved | null {
    const table = this.#table;
    if (table === null) return null;
    const shade = shader('blue');
    const value = (row: number, column: number) => table.values[row]?.[column] ?? Number.NaN;
    return savedGrid({
      title: `${strings.heatMap}, ${strings.measures[table.measure]}`,
      rows: table.teacherLayers,
      columns: table.studentLayers,
      value,
      cell: (row, column) => {
        const { background, text } = shade(value(row, column));
        return { background, number: { text: similarityText(value(row, column)), color: text } };
      },
    });
  }

  #fill(table: SimilarityTable): void {
    const hadFocus = this.#scroll.contains(document.activeElement);
    const hasNumbers = table.studentLayers.length <= MOST_COLUMNS_WITH_NUMBERS;
    const shade = shader('blue');
    const heads = table.studentLayers.map((layer) =>
      element('th', { class: 'heat-column', attributes: { scope: 'col' } }, element('span', {}, layer)),
    );
    const corner = element(
      'td',
      { class: 'heat-corner' },
      element('span', {}, strings.teacherLayers),
      element('span', {}, strings.studentLayers),
    );
    const rows = table.teacherLayers.map((layer, row) =>
      element(
        'tr',
        {},
        element('th', { class: 'heat-row', attributes: { scope: 'row' } }, layer),
        ...table.studentLayers.map((_, column) => this.#cell(table, row, column, hasNumbers, shade)),
      ),
    );
    this.#scroll.replaceChildren(
      element(
        'table',
        { class: hasNumbers ? 'heat' : 'heat heat-dense', attributes: { role: 'grid' } },
        element('caption', { class: 'spoken' }, `${strings.heatMap}. ${strings.measures[table.measure]}`),
        element('thead', {}, element('tr', {}, corner, ...heads)),
        element('tbody', {}, ...rows),
      ),
    );
    if (hadFocus) this.#cellAt(this.#row, this.#column)?.focus();
  }

  #cell(table: SimilarityTable, row: number, column: number, hasNumber: boolean, shade: Shader): HTMLElement {
    const value = table.values[row]?.[column] ?? Number.NaN;
    const isCurrent = row === this.#row && column === this.#column;
    const isChosen = this.#isChosen(table, row, column);
    const cell = element(
      'td',
      { class: isChosen ? 'heat-chosen' : '', attributes: { tabindex: isCurrent ? 0 : -1 } },
      hasNumber ? similarityText(value) : element('span', { class: 'spoken' }, similarityText(value)),
      isChosen ? element('span', { class: 'spoken' }, ` ${strings.heatChosen}`) : null,
    );
    cell.dataset['row'] = String(row);
    cell.dataset['column'] = String(column);
    const { background, text } = shade(value);
    cell.style.backgroundColor = background;
    cell.style.color = text;
    return cell;
  }

  #onKey(event: KeyboardEvent): void {
    const table = this.#table;
    if (!table) return;
    const [lastRow, lastColumn] = [table.teacherLayers.length - 1, table.studentLayers.length - 1];
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [this.#row - 1, this.#column],
      ArrowDown: [this.#row + 1, this.#column],
      ArrowLeft: [this.#row, this.#column - 1],
      ArrowRight: [this.#row, this.#column + 1],
      Home: [this.#row, 0],
      End: [this.#row, lastColumn],
    };
    const pair = pairAt(table, this.#row, this.#column);
    if (event.key === 'Enter' && pair !== null) this.#actions.insert(pair);
    if (event.key === ' ') {
      event.preventDefault();
      this.#toggleAt(event.target);
    }
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const row = Math.min(lastRow, Math.max(0, move[0]));
    const column = Math.min(lastColumn, Math.max(0, move[1]));
    this.#cellAt(row, column)?.focus();
  }

  #onFocus(target: EventTarget | null): void {
    const cell = placeOf(target);
    if (!cell) return;
    this.#cellAt(this.#row, this.#column)?.setAttribute('tabindex', '-1');
    [this.#row, this.#column] = cell;
    this.#cellAt(this.#row, this.#column)?.setAttribute('tabindex', '0');
    this.#read(target);
  }

  #read(target: EventTarget | null): void {
    const place = placeOf(target);
    const table = this.#table;
    if (!place || !table) return;
    const [row, column] = place;
    const error = table.errors[row]?.[column] ?? Number.NaN;
    const mean = similarityText(table.values[row]?.[column] ?? Number.NaN);
    const value = Number.isFinite(error) ? strings.withError(mean, similarityText(error)) : mean;
    setText(
      this.#readout,
      strings.heatCell(table.teacherLayers[row] ?? '', table.studentLayers[column] ?? '', value),
    );
  }

  #toggleAt(target: EventTarget | null): void {
    const place = placeOf(target);
    const pair = place === null || this.#table === null ? null : pairAt(this.#table, ...place);
    if (pair !== null && this.#chosen !== null) this.#actions.toggle(pair);
  }

  #isChosen(table: SimilarityTable, row: number, column: number): boolean {
    const pair = pairAt(table, row, column);
    return (this.#chosen ?? []).some(
      ({ teacher, student }) => teacher === pair?.teacher && student === pair.student,
    );
  }

  #cellAt(row: number, column: number): HTMLElement | null {
    return this.#scroll.querySelector<HTMLElement>(`td[data-row="${row}"][data-column="${column}"]`);
  }
}

function pairAt(table: SimilarityTable, row: number, column: number): LayerPairNames | null {
  const [teacher, student] = [table.teacherLayers[row], table.studentLayers[column]];
  return teacher === undefined || student === undefined ? null : { teacher, student };
}

function placeOf(target: EventTarget | null): readonly [number, number] | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>('td[data-row]') : null;
  return cell ? [Number(cell.dataset['row']), Number(cell.dataset['column'])] : null;
}
