import type { Saved } from '../save.ts';
import { LEFT, ROW, savedSheet, shortened, TOP, widthOf, type Layout } from './titled-sheet.ts';

/** A table whose cells are shaded by their number, as a picture. */
interface Grid {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly value: (row: number, column: number) => number;
  readonly cell: (row: number, column: number) => GridCell;
}

interface GridCell {
  readonly background: string;
  /** Left out: the colour alone. */
  readonly number?: { readonly text: string; readonly color: string };
}

const PLAIN_CELL = 16;
const NUMBERED_CELL = 46;

/** A grid in the formats in which it can be kept: as it looks, and every value with all its digits. */
export function savedGrid(grid: Grid): Saved {
  const { title, rows, columns, value } = grid;
  return savedSheet(
    title,
    () => layoutOf(grid),
    () => [
      ['', ...columns],
      ...rows.map((name, row) => [name, ...columns.map((_, column) => value(row, column))]),
    ],
  );
}

function layoutOf({ rows, columns, cell }: Grid): Layout {
  const isNumbered = rows.length > 0 && columns.length > 0 && cell(0, 0).number !== undefined;
  const [across, down] = isNumbered ? [NUMBERED_CELL, ROW] : [PLAIN_CELL, PLAIN_CELL];
  const left = LEFT + widthOf(rows.map(shortened)) + 6;
  const top = TOP + widthOf(columns.map(shortened)) + 6;
  const middle = (row: number) => top + (row + 0.5) * down;
  const center = (column: number) => left + (column + 0.5) * across;
  return {
    right: left + across * columns.length,
    bottom: top + down * rows.length,
    draw: (pen, letters) => {
      rows.forEach((name, row) =>
        pen.text(shortened(name), left - 6, middle(row), { ...letters, align: 'end' }),
      );
      columns.forEach((name, column) =>
        pen.text(shortened(name), center(column), top - 6, { ...letters, turned: -90 }),
      );
      for (let row = 0; row < rows.length; row += 1) {
        for (let column = 0; column < columns.length; column += 1) {
          const { background, number } = cell(row, column);
          const [x, y] = [left + column * across, top + row * down];
          pen.box({ left: x, top: y, right: x + across - 1, bottom: y + down - 1 }, background);
          if (number !== undefined)
            pen.text(number.text, center(column), middle(row), {
              ...{ ...letters, color: number.color, align: 'middle' },
            });
        }
      }
    },
  };
}
