import type { Saved } from '../save.ts';
import type { Pen } from './pen.ts';
import type { Area } from './projection.ts';
import { LEFT, ROW, savedSheet, shortened, TOP, widthOf, type Layout, type Table } from './titled-sheet.ts';

/** Small pictures in rows and columns, such as one image after several epochs. */
interface PictureTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly Cell[] }[];
  /** What the pictures are of, the heads first. */
  readonly table: () => Table;
}

/** Draws within its area. */
type Cell = (pen: Pen, area: Area) => void;

const SIDE = 96;
const SPACE = 8;

export function savedPictures(pictures: PictureTable): Saved {
  return savedSheet(pictures.title, () => layoutOf(pictures), pictures.table);
}

function layoutOf({ columns, rows }: PictureTable): Layout {
  const across = Math.max(SIDE, widthOf(columns.map(shortened))) + SPACE;
  const down = SIDE + SPACE;
  const left = LEFT + widthOf(rows.map(({ name }) => shortened(name))) + SPACE;
  const top = TOP + ROW;
  return {
    right: left + across * columns.length,
    bottom: top + down * rows.length,
    draw: (pen, letters) => {
      columns.forEach((name, column) =>
        pen.text(shortened(name), left + column * across, top - ROW / 2, letters),
      );
      rows.forEach(({ name, cells }, row) => {
        const y = top + row * down;
        pen.text(shortened(name), left - SPACE, y + SIDE / 2, { ...letters, align: 'end' });
        cells.forEach((cell, column) => {
          const x = left + column * across;
          cell(pen, { left: x, top: y, right: x + SIDE, bottom: y + SIDE });
        });
      });
    },
  };
}
