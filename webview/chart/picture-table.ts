import { csvLine } from '../../src/protocol/csv.ts';
import type { Saved } from '../save.ts';
import { readPalette } from '../theme.ts';
import type { Lettering, Pen } from './pen.ts';
import type { Area } from './projection.ts';
import { LETTER_WIDTH, PADDING, ROW, savedSheet, shortened, TITLE, type Sheet } from './sheet.ts';

/** Small pictures in rows and columns, such as one image after several epochs. */
interface PictureTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly Cell[] }[];
  /** What the pictures are of, the heads first. */
  readonly table: () => readonly (readonly (string | number | undefined)[])[];
}

/** Draws within its area. */
type Cell = (pen: Pen, area: Area) => void;

const SIDE = 96;
const SPACE = 8;

export function savedPictures(pictures: PictureTable): Saved {
  return savedSheet(
    pictures.title,
    () => sheetOf(pictures),
    () => pictures.table().map(csvLine).join(''),
  );
}

function sheetOf({ title, columns, rows }: PictureTable): Sheet {
  const { foreground, background, fontSize, fontFamily } = readPalette();
  const letter = LETTER_WIDTH * fontSize;
  const widest = (names: readonly string[]) =>
    letter * names.reduce((most, name) => Math.max(most, shortened(name).length), 0);
  const across = Math.max(SIDE, widest(columns)) + SPACE;
  const down = SIDE + SPACE;
  const left = PADDING + widest(rows.map(({ name }) => name)) + SPACE;
  const top = PADDING + TITLE + ROW;
  const width = Math.ceil(
    Math.max(left + across * columns.length, PADDING + letter * title.length) + PADDING,
  );
  const height = top + down * rows.length + PADDING;
  const letters: Lettering = { color: foreground, size: fontSize, family: fontFamily, align: 'start' };
  const draw = (pen: Pen) => {
    pen.box({ left: 0, top: 0, right: width, bottom: height }, background);
    pen.text(title, PADDING, PADDING + TITLE / 2, { ...letters, isBold: true });
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
  };
  return { width, height, draw };
}
