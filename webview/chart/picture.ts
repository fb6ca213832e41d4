import type { ChartState } from './drawing.ts';
import type { Line } from '../curves/line.ts';
import { DOTTED } from '../curves/line.ts';
import { LINE_WIDTH, paintAllLines, paintMarks, paintReferences } from './paint.ts';
import type { Lettering, Pen } from './pen.ts';
import { pngOfSheet, svgOfSheet, type Sheet } from './sheet.ts';

const PADDING = 10;
const ROW = 20;
const SAMPLE_WIDTH = 30;
const MOST_LEGEND_ROWS = 30;

/** A legend entry with its place. */
interface Entry {
  readonly line: Line | null;
  readonly reference: ChartState['drawing']['references'][number] | null;
  readonly text: string;
  readonly x: number;
  readonly row: number;
}

/** The chart as it is to be seen, with its title and legend on the background of the editor, as the text of an SVG file. */
export function svgOf(state: ChartState): string {
  const { title, summary } = state.drawing;
  return svgOfSheet(sheetOf(state), `${title}. ${summary}`);
}

/** The same as PNG, in base64; empty where the browser cannot make one. */
export function pngOf(state: ChartState): string {
  return pngOfSheet(sheetOf(state));
}

function sheetOf(state: ChartState): Sheet {
  const plan = planOf(state);
  return {
    width: state.size.width,
    height: plan.height,
    draw: (pen) => drawPicture(pen, state, plan),
  };
}

interface Plan {
  readonly entries: readonly Entry[];
  readonly height: number;
}

function planOf({ drawing, palette, size }: ChartState): Plan {
  const widthOf = measurer(`${palette.fontSize}px ${palette.fontFamily}`);
  const lines = new Map(
    drawing.lines.filter(({ role }) => role === 'main').map((line) => [line.label, line]),
  );
  const named = [
    ...[...lines.values()].map((line) => ({ line, reference: null, text: line.label })),
    ...drawing.references.map((reference) => ({ line: null, reference, text: reference.label })),
  ];
  const entries: Entry[] = [];
  let [x, row] = [PADDING, 0];
  for (const one of named) {
    const width = SAMPLE_WIDTH + 6 + widthOf(one.text) + 16;
    if (x > PADDING && x + width > size.width) [x, row] = [PADDING, row + 1];
    if (row === MOST_LEGEND_ROWS) break;
    entries.push({ ...one, x, row });
    x += width;
  }
  const rows = (entries.at(-1)?.row ?? -1) + 1;
  return { entries, height: Math.ceil(ROW + 2 * PADDING + size.height + rows * ROW) };
}

function drawPicture(pen: Pen, state: ChartState, { entries, height }: Plan): void {
  const { drawing, palette, ticks, size } = state;
  const down = ROW + PADDING;
  const projection = state.projection.movedDown(down);
  const { area } = projection;
  const letters: Lettering = {
    color: palette.muted,
    size: palette.fontSize,
    family: palette.fontFamily,
    align: 'middle',
  };
  pen.box({ left: 0, top: 0, right: size.width, bottom: height }, palette.background);
  pen.text(drawing.title, PADDING, PADDING + ROW / 2, {
    ...letters,
    color: palette.foreground,
    size: palette.fontSize + 2,
    align: 'start',
    isBold: true,
  });
  const grid = { color: palette.grid, width: 1, dash: [] };
  for (const { pixel, label } of ticks.y) {
    pen.line(Float32Array.of(area.left, pixel + down, area.right, pixel + down), grid);
    pen.text(label, area.left - 6, pixel + down, { ...letters, align: 'end' });
  }
  for (const { pixel, label } of ticks.x) {
    pen.line(Float32Array.of(pixel, area.top, pixel, area.bottom), grid);
    pen.text(label, pixel, area.bottom + ROW / 2, letters);
  }
  pen.text(drawing.xLabel, (area.left + area.right) / 2, down + size.height - ROW / 2, letters);
  pen.within(area, () => {
    paintAllLines(pen, drawing.lines, projection, palette);
    paintReferences(pen, drawing.references, projection, palette);
    paintMarks(pen, drawing.marks ?? [], projection, palette);
  });
  for (const entry of entries)
    drawEntry(pen, entry, down + size.height + PADDING / 2 + ROW * (entry.row + 0.5), state, letters);
}

function drawEntry(
  pen: Pen,
  { line, reference, text, x }: Entry,
  y: number,
  { palette }: ChartState,
  letters: Lettering,
): void {
  const color = palette.series[line?.color ?? reference?.color ?? 'foreground'];
  pen.line(Float32Array.of(x, y, x + SAMPLE_WIDTH, y), {
    color,
    width: LINE_WIDTH,
    dash: line?.dash ?? DOTTED,
  });
  if (line) pen.marker(line.marker, x + SAMPLE_WIDTH / 2, y, 3.5, color);
  pen.text(text, x + SAMPLE_WIDTH + 6, y, { ...letters, color: palette.foreground, align: 'start' });
}

function measurer(font: string): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return (text) => text.length * 7;
  context.font = font;
  return (text) => context.measureText(text).width;
}
