import { csvLine } from '../../src/protocol/csv.ts';
import type { Saved } from '../save.ts';
import { readPalette } from '../theme.ts';
import type { Lettering, Pen } from './pen.ts';
import { pngOfSheet, svgOfSheet, type Sheet } from './sheet.ts';

const PADDING = 10;
const TITLE = 24;
/** Where what stands below the title begins, in pixels. */
export const LEFT = PADDING;
export const TOP = PADDING + TITLE;
export const ROW = 20;
/** Of its size. */
const LETTER_WIDTH = 0.62;
const LONGEST_NAME = 40;

/** What stands below the title, in the letters of the theme. */
export interface Layout {
  readonly right: number;
  readonly bottom: number;
  readonly draw: (pen: Pen, letters: Lettering) => void;
}

/** Of a file in CSV, the heads first. */
export type Table = readonly (readonly (string | number | undefined)[])[];

/** A picture of numbers in the formats that it can be kept in; it is laid out when it is asked for, in the colours of then. */
export function savedSheet(title: string, layout: () => Layout, table: () => Table): Saved {
  const sheet = () => titled(title, layout());
  return {
    name: title,
    png: () => pngOfSheet(sheet()),
    svg: () => svgOfSheet(sheet(), title),
    csv: () => table().map(csvLine).join(''),
  };
}

export function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

/** How wide the longest of some texts is, about. */
export function widthOf(texts: readonly string[]): number {
  const longest = texts.reduce((most, { length }) => Math.max(most, length), 0);
  return LETTER_WIDTH * readPalette().fontSize * longest;
}

function titled(title: string, { right, bottom, draw }: Layout): Sheet {
  const { foreground, background, fontSize, fontFamily } = readPalette();
  const width = Math.ceil(Math.max(right, LEFT + widthOf([title])) + PADDING);
  const height = Math.ceil(bottom + PADDING);
  const letters: Lettering = { color: foreground, size: fontSize, family: fontFamily, align: 'start' };
  return {
    width,
    height,
    draw: (pen) => {
      pen.box({ left: 0, top: 0, right: width, bottom: height }, background);
      pen.text(title, LEFT, TOP - TITLE / 2, { ...letters, isBold: true });
      draw(pen, letters);
    },
  };
}
