import { savedGrid } from '../chart/grid.ts';
import { element, setAttributes, setText } from '../dom.ts';
import type { Saved } from '../save.ts';
import { channelsOf, readPalette } from '../theme.ts';
import { gapStrings as strings } from './strings.ts';

/** What a matrix shows: cells by row and column, from −1 to 1 or 0 to 1 of its colours. */
export interface MatrixContent {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Share of the strongest colour; below 0 the other one. */
  readonly shade: (row: number, column: number) => number;
  /** What a cell is shaded by. */
  readonly value: (row: number, column: number) => number;
  /** A cell in words. */
  readonly text: (row: number, column: number) => string;
}

const LARGEST_CELL = 30;
const SMALLEST_CELL = 3;
/** Cells from this size on have their names beside them. */
const NAMED_CELL = 11;
/** Pixels around a name, and of one of its letters. */
const BESIDE_NAMES = 10;
const LETTER = 7;
const LONGEST_NAME = 9;

/** A matrix as a picture whose cells are reached by pointer and arrow keys and told in words below it. */
export class MatrixPicture {
  readonly element: HTMLElement;
  readonly #canvas = element('canvas', { class: 'matrix', attributes: { role: 'img', tabindex: 0 } });
  readonly #readout = element('p', { class: 'readout' }, strings.matrixHint);
  readonly #say: (text: string) => void;
  #content: MatrixContent | null = null;
  #row = 0;
  #column = 0;
  #isPointed = false;
  /** Of the last drawing: pixels there were, of a cell, and of the names beside it. */
  #width = 0;
  #cell = 1;
  #left = 0;
  #top = 0;

  /** @param say told of cells that arrow keys have reached */
  constructor(say: (text: string) => void) {
    this.#say = say;
    this.element = element('div', { class: 'matrix-area' }, this.#canvas, this.#readout);
    this.#canvas.addEventListener('keydown', (event) => this.#onKey(event));
    this.#canvas.addEventListener('pointermove', (event) => this.#onPointer(event));
    this.#canvas.addEventListener('focus', () => this.#point(this.#row, this.#column));
    this.#canvas.addEventListener('blur', () => {
      this.#isPointed = false;
      this.#draw();
    });
    // A frame later, so that drawing anew is no part of the layout that is observed.
    const resized = () => {
      if (this.element.clientWidth !== this.#width) this.#draw();
    };
    new ResizeObserver(() => requestAnimationFrame(resized)).observe(this.element);
  }

  show(content: MatrixContent): void {
    this.#content = content;
    this.#row = Math.min(this.#row, Math.max(0, content.rows.length - 1));
    this.#column = Math.min(this.#column, Math.max(0, content.columns.length - 1));
    setAttributes(this.#canvas, {
      'aria-label': strings.matrixSummary(
        content.title,
        String(content.rows.length),
        String(content.columns.length),
      ),
    });
    setText(this.#readout, strings.matrixHint);
    this.#draw();
  }

  retheme(): void {
    this.#draw();
  }

  /** What is shown now, for files; null: nothing. */
  get saved(): Saved | null {
    const content = this.#content;
    if (content === null) return null;
    const color = colors();
    return savedGrid({
      ...content,
      cell: (row, column) => ({ background: color(content.shade(row, column)) }),
    });
  }

  #draw(): void {
    const content = this.#content;
    const context = this.#canvas.getContext('2d');
    const available = this.element.clientWidth;
    if (content === null || context === null || available === 0) return;
    this.#width = available;
    const [rows, columns] = [content.rows.length, content.columns.length];
    const fit = (names: number) => Math.floor((available - names) / Math.max(1, columns));
    const longest = (names: readonly string[]) =>
      BESIDE_NAMES + LETTER * names.reduce((most, name) => Math.max(most, shortened(name).length), 0);
    const beside = longest(content.rows);
    const hasNames = fit(beside) >= NAMED_CELL;
    [this.#left, this.#top] = hasNames ? [beside, longest(content.columns)] : [0, 0];
    this.#cell = Math.min(LARGEST_CELL, Math.max(SMALLEST_CELL, fit(this.#left)));
    const [width, height] = [this.#left + this.#cell * columns + 2, this.#top + this.#cell * rows + 2];
    const ratio = devicePixelRatio;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.setProperty('--matrix-width', `${width}px`);
    context.scale(ratio, ratio);
    const palette = readPalette();
    const color = colors();
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        context.fillStyle = color(content.shade(row, column));
        context.fillRect(
          this.#left + column * this.#cell,
          this.#top + row * this.#cell,
          this.#cell - 1,
          this.#cell - 1,
        );
      }
    }
    if (hasNames) this.#drawNames(context, content, palette.foreground, palette.fontFamily);
    context.strokeStyle = palette.grid;
    context.strokeRect(this.#left - 0.5, this.#top - 0.5, this.#cell * columns + 1, this.#cell * rows + 1);
    if (!this.#isPointed) return;
    context.strokeStyle = palette.foreground;
    context.lineWidth = 2;
    context.strokeRect(
      this.#left + this.#column * this.#cell,
      this.#top + this.#row * this.#cell,
      this.#cell,
      this.#cell,
    );
  }

  #drawNames(context: CanvasRenderingContext2D, content: MatrixContent, color: string, family: string): void {
    const size = Math.min(12, this.#cell - 1);
    context.fillStyle = color;
    context.font = `${size}px ${family}`;
    context.textBaseline = 'middle';
    context.textAlign = 'end';
    const middle = (at: number) => at * this.#cell + this.#cell / 2;
    content.rows.forEach((name, row) =>
      context.fillText(shortened(name), this.#left - 4, this.#top + middle(row)),
    );
    context.textAlign = 'start';
    content.columns.forEach((name, column) => {
      context.save();
      context.translate(this.#left + middle(column), this.#top - 4);
      context.rotate(-Math.PI / 2);
      context.fillText(shortened(name), 0, 0);
      context.restore();
    });
  }

  #onKey(event: KeyboardEvent): void {
    const content = this.#content;
    if (content === null) return;
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [this.#row - 1, this.#column],
      ArrowDown: [this.#row + 1, this.#column],
      ArrowLeft: [this.#row, this.#column - 1],
      ArrowRight: [this.#row, this.#column + 1],
      Home: [this.#row, 0],
      End: [this.#row, content.columns.length - 1],
      PageUp: [0, this.#column],
      PageDown: [content.rows.length - 1, this.#column],
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.#point(move[0], move[1]);
    this.#say(content.text(this.#row, this.#column));
  }

  #onPointer({ offsetX, offsetY }: PointerEvent): void {
    // Where the page makes the picture smaller, pointers do so too.
    const scale = this.#canvas.width / devicePixelRatio / Math.max(1, this.#canvas.clientWidth);
    const column = Math.floor((offsetX * scale - this.#left) / this.#cell);
    const row = Math.floor((offsetY * scale - this.#top) / this.#cell);
    if (column >= 0 && row >= 0) this.#point(row, column);
  }

  #point(row: number, column: number): void {
    const content = this.#content;
    if (content === null || content.rows.length === 0 || content.columns.length === 0) return;
    this.#row = Math.min(content.rows.length - 1, Math.max(0, row));
    this.#column = Math.min(content.columns.length - 1, Math.max(0, column));
    this.#isPointed = true;
    setText(this.#readout, content.text(this.#row, this.#column));
    this.#draw();
  }
}

function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

/** From the background of the editor to the theme's blue, and to its orange below 0. */
function colors(): (share: number) => string {
  const { background, series } = readPalette();
  const [base, high, low] = [channelsOf(background), channelsOf(series.blue), channelsOf(series.orange)];
  return (share) => {
    const end = share < 0 ? low : high;
    const part = Number.isFinite(share) ? Math.min(1, Math.abs(share)) : 1;
    const mixed = base.map((channel, at) => Math.round(channel + part * ((end[at] ?? 0) - channel)));
    return `rgb(${mixed.join(' ')})`;
  };
}
