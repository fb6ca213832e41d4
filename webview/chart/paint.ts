import type { Line, Mark, MarkKind, Marker, ReferenceLine } from '../curves/line.ts';
import { DOTTED } from '../curves/line.ts';
import type { ColorName, Palette } from '../theme.ts';
import { faded } from '../theme.ts';
import type { Pen } from './pen.ts';
import type { Projection } from './projection.ts';
import { pathOf, visibleSlice } from './trace.ts';

export const LINE_WIDTH = 1.75;
const MARKER_SIZE = 3;
const MARKERS_ON_A_LINE = 10;
const BACKGROUND_ALPHA = 0.4;
const BAND_ALPHA = 0.18;
/** Beyond so many lines all are drawn thinner: those of one pixel are drawn several times as fast, where there is no graphics card. */
const MANY_LINES = 12;
const THIN_WIDTH = 1;

/** Draws lines from the back to the front, and pauses after each, so that a long picture can be drawn bit by bit. */
export function* paintLines(
  pen: Pen,
  lines: readonly Line[],
  projection: Projection,
  palette: Palette,
): Generator<void, void, void> {
  for (const line of lines) {
    if (line.band) paintBand(pen, line, projection, palette);
  }
  const width = lines.length > MANY_LINES ? THIN_WIDTH : LINE_WIDTH;
  const inFront = (line: Line) => line.role === 'main';
  for (const line of [...lines.filter((one) => !inFront(one)), ...lines.filter(inFront)]) {
    const color = palette.series[line.color];
    const stroke = inFront(line)
      ? { color, width, dash: line.dash }
      : { color: faded(color, BACKGROUND_ALPHA), width: 1, dash: line.dash };
    pen.line(pathOf(line.points, projection), stroke);
    if (inFront(line)) paintMarkers(pen, line, projection, color);
    yield;
  }
}

/** All of it at once. */
export function paintAllLines(...picture: Parameters<typeof paintLines>): void {
  const steps = paintLines(...picture);
  while (steps.next().done !== true);
}

export function paintReferences(
  pen: Pen,
  references: readonly ReferenceLine[],
  projection: Projection,
  palette: Palette,
): void {
  const { left, right, top, bottom } = projection.area;
  for (const { value, color } of references) {
    const y = projection.y(value);
    if (!(y >= top && y <= bottom)) continue;
    const stroke = { color: palette.series[color], width: LINE_WIDTH, dash: DOTTED };
    pen.line(Float32Array.of(left, y, right, y), stroke);
  }
}

/** What a mark looks like; its colour is never all that tells it from others. */
export const MARK_LOOKS: Readonly<Record<MarkKind, { readonly marker: Marker; readonly color: ColorName }>> =
  {
    phase: { marker: 'rectRot', color: 'foreground' },
    checkpoint: { marker: 'circle', color: 'foreground' },
    guard: { marker: 'star', color: 'red' },
    warning: { marker: 'triangle', color: 'yellow' },
    resume: { marker: 'rect', color: 'blue' },
  };
/** Half of what a mark takes at the foot of the picture. */
export const MARK_SIZE = 3.5;
const LINE_THROUGH: readonly MarkKind[] = ['phase', 'guard', 'resume'];

/** Marks at the foot of the picture; what matters for the curves also as a line through it. */
export function paintMarks(pen: Pen, marks: readonly Mark[], projection: Projection, palette: Palette): void {
  const { left, right, top, bottom } = projection.area;
  for (const { x, kind } of marks) {
    const at = projection.x(x);
    if (!(at >= left - 1 && at <= right + 1)) continue;
    const { marker, color } = MARK_LOOKS[kind];
    if (LINE_THROUGH.includes(kind)) {
      const stroke = { color: faded(palette.series[color], BACKGROUND_ALPHA), width: 1, dash: [1, 3] };
      pen.line(Float32Array.of(at, top, at, bottom), stroke);
    }
    pen.marker(marker, at, bottom - MARK_SIZE - 1, MARK_SIZE - 0.5, palette.series[color]);
  }
}

function paintBand(pen: Pen, line: Line, projection: Projection, palette: Palette): void {
  if (!line.band) return;
  const { xs, lows, highs } = line.band;
  const rows = [...xs.keys()].filter((row) => Number.isFinite(lows[row]) && Number.isFinite(highs[row]));
  if (rows.length < 2) return;
  const color = palette.series[line.color];
  const lowest = projection.area.bottom;
  const corner = (values: Float64Array, row: number) => {
    const y = projection.y(values[row] ?? NaN);
    return [projection.x(xs[row] ?? NaN), Number.isNaN(y) ? lowest : y];
  };
  const upper = rows.flatMap((row) => corner(highs, row));
  const lower = rows.toReversed().flatMap((row) => corner(lows, row));
  pen.fill(Float32Array.from([...upper, ...lower]), faded(color, BAND_ALPHA));
  if (!palette.isHighContrast) return;
  const stroke = { color, width: 1, dash: [1, 2] };
  pen.line(Float32Array.from(upper), stroke);
  pen.line(Float32Array.from(lower), stroke);
}

/** Some ten markers on what is seen of a line, at points that do not change while one moves along it. */
function paintMarkers(pen: Pen, { points, marker }: Line, projection: Projection, color: string): void {
  const [from, to] = visibleSlice(points, projection.ranges.x);
  const stride = 2 ** Math.ceil(Math.log2(Math.max(1, (to - from) / MARKERS_ON_A_LINE)));
  const { left, right, top, bottom } = projection.area;
  for (let index = Math.ceil(from / stride) * stride; index < to; index += stride) {
    const value = points.ys[index] ?? NaN;
    const [x, y] = [
      projection.x(points.xs[index] ?? NaN),
      Number.isFinite(value) ? projection.y(value) : NaN,
    ];
    const isSeen =
      x >= left - MARKER_SIZE &&
      x <= right + MARKER_SIZE &&
      y >= top - MARKER_SIZE &&
      y <= bottom + MARKER_SIZE;
    if (isSeen) pen.marker(marker, x, y, MARKER_SIZE, color);
  }
}
