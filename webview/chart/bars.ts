import { csvLine } from '../../src/protocol/csv.ts';
import type { Saved } from '../save.ts';
import { readPalette, type ColorName } from '../theme.ts';
import type { Lettering, Pen } from './pen.ts';
import { LETTER_WIDTH, PADDING, ROW, savedSheet, shortened, TITLE, type Sheet } from './sheet.ts';

/** Bars to both sides of zero, one below the other. */
export interface Bars {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly value: number }[];
  readonly text: (value: number) => string;
  readonly colors: { readonly below: ColorName; readonly above: ColorName };
  /** What the bars are of, the heads first. */
  readonly table: readonly (readonly (string | number | undefined)[])[];
}

const BAR = 12;
/** To each side of zero. */
const REACH = 160;
const NUMBERS = 60;

export function savedBars(bars: Bars): Saved {
  return savedSheet(
    bars.title,
    () => sheetOf(bars),
    () => bars.table.map(csvLine).join(''),
  );
}

function sheetOf({ title, rows, text, colors }: Bars): Sheet {
  const { foreground, muted, background, series, fontSize, fontFamily } = readPalette();
  const letter = LETTER_WIDTH * fontSize;
  const names = letter * rows.reduce((most, { name }) => Math.max(most, shortened(name).length), 0);
  const left = PADDING + names + 8;
  const zero = left + REACH;
  const width = Math.ceil(Math.max(zero + REACH + NUMBERS, letter * title.length + PADDING) + PADDING);
  const height = PADDING + TITLE + ROW * rows.length + PADDING;
  const widest = rows.reduce((most, { value }) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
  const letters: Lettering = { color: foreground, size: fontSize, family: fontFamily, align: 'start' };
  const draw = (pen: Pen) => {
    pen.box({ left: 0, top: 0, right: width, bottom: height }, background);
    pen.text(title, PADDING, PADDING + TITLE / 2, { ...letters, isBold: true });
    rows.forEach(({ name, value }, row) => {
      const middle = PADDING + TITLE + (row + 0.5) * ROW;
      const end = zero + (widest === 0 || Number.isNaN(value) ? 0 : (value / widest) * REACH);
      pen.text(shortened(name), left - 8, middle, { ...letters, align: 'end' });
      const [from, to] = [Math.min(zero, end), Math.max(zero, end)];
      const color = series[value < 0 ? colors.below : colors.above];
      pen.box({ left: from, top: middle - BAR / 2, right: to, bottom: middle + BAR / 2 }, color);
      pen.text(text(value), zero + REACH + 8, middle, letters);
    });
    const [top, bottom] = [PADDING + TITLE, height - PADDING];
    pen.line(Float32Array.of(zero, top, zero, bottom), { color: muted, width: 1, dash: [] });
  };
  return { width, height, draw };
}
