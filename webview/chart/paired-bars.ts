import { csvLine } from '../../src/protocol/csv.ts';
import type { Saved } from '../save.ts';
import { readPalette, type ColorName } from '../theme.ts';
import type { Lettering, Pen } from './pen.ts';
import { LETTER_WIDTH, PADDING, ROW, savedSheet, shortened, TITLE, type Sheet } from './sheet.ts';

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
  readonly rows: readonly { readonly name: string; readonly values: readonly [number, number] }[];
  /** Beside the bars. */
  readonly picture?: HTMLCanvasElement;
}

const COLORS: readonly [ColorName, ColorName] = ['blue', 'orange'];
const BAR = 12;
const REACH = 120;
const NUMBER = 64;
const PICTURE = 96;
const SPACE = 8;

export function savedPairedBars(bars: PairedBars): Saved {
  const table = () => [
    [...bars.names, ...bars.heads],
    ...bars.groups.flatMap(({ title, rows }) => rows.map(({ name, values }) => [title, name, ...values])),
  ];
  return savedSheet(
    bars.title,
    () => sheetOf(bars),
    () => table().map(csvLine).join(''),
  );
}

function sheetOf({ title, heads, groups, most, text }: PairedBars): Sheet {
  const { foreground, muted, background, series, fontSize, fontFamily } = readPalette();
  const letter = LETTER_WIDTH * fontSize;
  const names = groups.flatMap(({ rows }) => rows.map(({ name }) => shortened(name).length));
  const pictures = groups.some(({ picture }) => picture !== undefined) ? PICTURE + SPACE : 0;
  const left = PADDING + pictures + letter * names.reduce((a, b) => Math.max(a, b), 0) + SPACE;
  const across = REACH + NUMBER;
  const longest = [title, ...groups.map((group) => group.title)].reduce((a, b) => Math.max(a, b.length), 0);
  const width = Math.ceil(Math.max(left + 2 * across, PADDING + letter * longest) + PADDING);
  const heightOf = ({ rows, picture }: BarGroup) =>
    ROW + Math.max(rows.length * ROW, picture === undefined ? 0 : PICTURE) + SPACE;
  const top = PADDING + TITLE + ROW;
  const height = top + groups.reduce((sum, group) => sum + heightOf(group), 0) + PADDING;
  const letters: Lettering = { color: foreground, size: fontSize, family: fontFamily, align: 'start' };
  const draw = (pen: Pen) => {
    pen.box({ left: 0, top: 0, right: width, bottom: height }, background);
    pen.text(title, PADDING, PADDING + TITLE / 2, { ...letters, isBold: true });
    heads.forEach((head, side) => pen.text(shortened(head), left + side * across, top - ROW / 2, letters));
    let y = top;
    for (const group of groups) {
      pen.text(group.title, PADDING, y + ROW / 2, { ...letters, color: muted });
      const first = y + ROW;
      if (group.picture !== undefined)
        pen.image(group.picture, {
          ...{ left: PADDING, top: first, right: PADDING + PICTURE, bottom: first + PICTURE },
        });
      group.rows.forEach(({ name, values }, row) => {
        const middle = first + (row + 0.5) * ROW;
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
      });
      y += heightOf(group);
    }
  };
  return { width, height, draw };
}
