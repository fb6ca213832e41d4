import type { Saved } from '../save.ts';
import { readPalette, type ColorName } from '../theme.ts';
import type { Lettering, Pen } from './pen.ts';
import { LEFT, ROW, savedSheet, shortened, TOP, widthOf, type Layout } from './titled-sheet.ts';

/** Groups of bars from zero on, two beside each other in every row, such as what teacher and student say of some samples. */
interface PairedBars {
  readonly title: string;
  readonly heads: readonly [string, string];
  readonly groups: readonly BarGroup[];
  /** The value of a bar as long as it can be. */
  readonly most: number;
  readonly text: (value: number) => string;
  /** Of what its first row is called in CSV: `sample`, `class`. */
  readonly names: readonly [group: string, row: string];
}

export interface BarGroup {
  readonly title: string;
  readonly rows: readonly BarRow[];
  /** Beside the bars. */
  readonly picture?: HTMLCanvasElement;
}

interface BarRow {
  readonly name: string;
  readonly values: readonly [number, number];
}

const COLORS: readonly [ColorName, ColorName] = ['blue', 'orange'];
const BAR = 12;
const REACH = 120;
const NUMBER = 64;
const PICTURE = 96;
const SPACE = 8;

export function savedPairedBars(bars: PairedBars): Saved {
  return savedSheet(
    bars.title,
    () => layoutOf(bars),
    () => [
      [...bars.names, ...bars.heads],
      ...bars.groups.flatMap(({ title, rows }) => rows.map(({ name, values }) => [title, name, ...values])),
    ],
  );
}

function layoutOf({ heads, groups, most, text }: PairedBars): Layout {
  const { muted, series } = readPalette();
  const names = groups.flatMap(({ rows }) => rows.map(({ name }) => shortened(name)));
  const pictures = groups.some(({ picture }) => picture !== undefined) ? PICTURE + SPACE : 0;
  const left = LEFT + pictures + widthOf(names) + SPACE;
  const across = REACH + NUMBER;
  const top = TOP + ROW;
  const drawRow = (pen: Pen, letters: Lettering, { name, values }: BarRow, middle: number) => {
    pen.text(shortened(name), left - SPACE, middle, { ...letters, align: 'end' });
    values.forEach((value, side) => {
      const from = left + side * across;
      const share = most > 0 && Number.isFinite(value) ? Math.min(1, Math.max(0, value / most)) : 0;
      pen.box(
        { left: from, top: middle - BAR / 2, right: from + share * REACH, bottom: middle + BAR / 2 },
        series[COLORS[side] ?? 'blue'],
      );
      pen.text(text(value), from + REACH + SPACE, middle, letters);
    });
  };
  return {
    right: Math.max(left + 2 * across, LEFT + widthOf(groups.map(({ title }) => title))),
    bottom: groups.reduce((y, group) => y + heightOf(group), top),
    draw: (pen, letters) => {
      heads.forEach((head, side) => pen.text(shortened(head), left + side * across, top - ROW / 2, letters));
      let y = top;
      for (const group of groups) {
        const { title, rows, picture } = group;
        pen.text(title, LEFT, y + ROW / 2, { ...letters, color: muted });
        const first = y + ROW;
        if (picture !== undefined)
          pen.image(picture, { left: LEFT, top: first, right: LEFT + PICTURE, bottom: first + PICTURE });
        rows.forEach((row, at) => drawRow(pen, letters, row, first + (at + 0.5) * ROW));
        y += heightOf(group);
      }
    },
  };
}

function heightOf({ rows, picture }: BarGroup): number {
  return ROW + Math.max(rows.length * ROW, picture === undefined ? 0 : PICTURE) + SPACE;
}
