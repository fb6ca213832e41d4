import type { Saved } from '../save.ts';
import { readPalette, type ColorName } from '../theme.ts';
import { LEFT, ROW, savedSheet, shortened, TOP, widthOf, type Layout, type Table } from './titled-sheet.ts';

/** Bars to both sides of zero, one below the other. */
export interface Bars {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly value: number }[];
  readonly text: (value: number) => string;
  readonly colors: { readonly below: ColorName; readonly above: ColorName };
  /** What the bars are of, the heads first. */
  readonly table: Table;
}

const BAR = 12;
/** To each side of zero. */
const REACH = 160;
const NUMBERS = 60;

export function savedBars(bars: Bars): Saved {
  return savedSheet(
    bars.title,
    () => layoutOf(bars),
    () => bars.table,
  );
}

function layoutOf({ rows, text, colors }: Bars): Layout {
  const { muted, series } = readPalette();
  const left = LEFT + widthOf(rows.map(({ name }) => shortened(name))) + 8;
  const zero = left + REACH;
  const bottom = TOP + ROW * rows.length;
  const widest = rows.reduce((most, { value }) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
  return {
    right: zero + REACH + NUMBERS,
    bottom,
    draw: (pen, letters) => {
      rows.forEach(({ name, value }, row) => {
        const middle = TOP + (row + 0.5) * ROW;
        const end = zero + (widest === 0 || Number.isNaN(value) ? 0 : (value / widest) * REACH);
        pen.text(shortened(name), left - 8, middle, { ...letters, align: 'end' });
        const [from, to] = [Math.min(zero, end), Math.max(zero, end)];
        const color = series[value < 0 ? colors.below : colors.above];
        pen.box({ left: from, top: middle - BAR / 2, right: to, bottom: middle + BAR / 2 }, color);
        pen.text(text(value), zero + REACH + 8, middle, letters);
      });
      pen.line(Float32Array.of(zero, TOP, zero, bottom), { color: muted, width: 1, dash: [] });
    },
  };
}
