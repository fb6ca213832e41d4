import type { AxesSpec } from './chart/axes.ts';
import { Axes } from './chart/axes.ts';
import type { ChartState, Drawing } from './chart/drawing.ts';
import { isSamePicture } from './chart/drawing.ts';
import type { Box } from './chart/gestures.ts';
import { listenTo } from './chart/gestures.ts';
import type { LinesToDraw } from './chart/line-layer.ts';
import { LineLayer } from './chart/line-layer.ts';
import { paintMarks, paintReferences } from './chart/paint.ts';
import { CanvasPen } from './chart/pen.ts';
import type { Found } from './chart/probe.ts';
import { marksNear, placesOf, pointsAt, pointsNear, pointText } from './chart/probe.ts';
import type { Range, Ranges } from './chart/projection.ts';
import { Projection } from './chart/projection.ts';
import type { Look } from './chart/ranges.ts';
import { ALL, moved, rangesOf, wholeX, zoomed } from './chart/ranges.ts';
import { Tooltip } from './chart/tooltip.ts';
import { element, setAttributes } from './dom.ts';
import { countText } from './format.ts';
import { strings } from './strings.ts';
import type { Palette } from './theme.ts';
import { faded, readPalette } from './theme.ts';

export interface ChartEvents {
  /** Told in words of the point that arrow keys have reached, or of the part that is shown now. */
  readonly onSay: (text: string) => void;
  readonly onLook: (isWhole: boolean) => void;
}

/** A screen reader and a box of values can take so many lines. */
const MOST_ROWS = 10;
const DOT_SIZE = 4.5;
/** After the curves were moved for the last time, the y axis fits what is in sight again. */
const SETTLE_MILLISECONDS = 200;

/** Curves that can be zoomed, moved and read, by mouse and by keys. */
export class LineChart {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #axes: Axes;
  readonly #layer: LineLayer;
  readonly #tooltip = new Tooltip();
  readonly #events: ChartEvents;
  #drawing: Drawing | null = null;
  #source: LinesToDraw = { lines: [], palette: readPalette() };
  #look: Look = ALL;
  /** While the curves are moved the y axis stands still. */
  #heldY: Range | null = null;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #found: readonly Found[] = [];
  #box: Box | null = null;
  #places: readonly number[] | null = null;
  #isWaiting = false;
  #needsAxes = false;

  constructor(events: ChartEvents) {
    this.#events = events;
    this.#canvas = element('canvas', { attributes: { role: 'img', tabindex: 0 } });
    this.element = element('div', { class: 'chart-area' }, this.#canvas, this.#tooltip.element);
    this.#layer = new LineLayer(() => this.#later('picture'));
    this.#axes = new Axes(this.#canvas, (context, projection) => this.#paint(context, projection));
    listenTo(this.#canvas, {
      onZoom: (axis, factor, around) => this.zoom(axis, factor, around),
      onPan: (across, down) => this.#pan(across, down),
      onBox: (box, isDone) => this.#takeBox(box, isDone),
      onReset: () => this.reset(),
      onPoint: (x, y) => this.#pointAt(x, y),
      onLeave: () => this.#lookAt([]),
      onStep: (by) => this.#step(by),
    });
  }

  draw(drawing: Drawing): void {
    const [before, places] = [this.#found[0]?.point.x, this.#drawing?.lines];
    this.#drawing = drawing;
    if (places !== drawing.lines) this.#places = null;
    if (!isSamePicture(this.#source.lines, drawing.lines)) {
      this.#source = { lines: drawing.lines, palette: this.#source.palette };
    }
    const { title, summary } = drawing;
    setAttributes(this.#canvas, { 'aria-label': `${title}. ${summary}. ${strings.chartHelp}` });
    this.#found = before === undefined ? [] : pointsAt(drawing.lines, before);
    this.#set();
  }

  /** Takes up the colours of a changed theme. */
  retheme(): void {
    this.#source = { lines: this.#source.lines, palette: readPalette() };
    this.#set();
  }

  /** Nearer (`factor` < 1) or further; around a place in pixels, or what is looked at, or the middle. */
  zoom(axis: 'x' | 'y', factor: number, around: number | null = null): void {
    const projection = this.#projection();
    if (!projection || !this.#drawing) return;
    const { x } = projection.ranges;
    const [point] = this.#found;
    if (axis === 'x') {
      const middle = point?.point.x ?? (x[0] + x[1]) / 2;
      const value = around === null ? middle : projection.valueAtX(around);
      this.#show({ ...this.#look, x: zoomed(x, wholeX(this.#drawing.lines), factor, value) });
    } else {
      const { top, bottom } = projection.area;
      const half = ((bottom - top) * factor) / 2;
      const center = (top + bottom) / 2;
      this.#show({
        ...this.#look,
        y: [projection.valueAtY(center + half), projection.valueAtY(center - half)],
      });
    }
  }

  /** Shows all. */
  reset(): void {
    this.#show(ALL);
  }

  /** What is to be seen now, for a file; null where nothing is. */
  get state(): ChartState | null {
    const { projection, ticks, size } = this.#axes;
    const drawing = this.#drawing;
    return drawing && projection ? { drawing, palette: this.#source.palette, projection, ticks, size } : null;
  }

  #show(look: Look): void {
    this.#look = look;
    this.#heldY = null;
    this.#later('axes');
    this.#events.onLook(look.x === null && look.y === null);
    const { projection } = this.#axes;
    const drawing = this.#drawing;
    if (!drawing || !projection) return;
    const [from, to] = look.x ?? wholeX(drawing.lines);
    this.#events.onSay(strings.partShown(drawing.xLabel, drawing.xText(from), drawing.xText(to)));
  }

  #pan(across: number, down: number): void {
    const projection = this.#projection();
    const { x, y } = this.#look;
    if (!projection || !this.#drawing || (x === null && y === null)) return;
    const { area, ranges } = projection;
    const valueX = projection.valueAtX(area.left) - projection.valueAtX(area.left + across);
    this.#heldY = y === null ? ranges.y : null;
    this.#look = {
      x: x && moved(x, wholeX(this.#drawing.lines), valueX),
      y:
        down === 0 ? y : y && [projection.valueAtY(area.bottom - down), projection.valueAtY(area.top - down)],
    };
    this.#lookAt([]);
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      this.#heldY = null;
      this.#later('axes');
    }, SETTLE_MILLISECONDS);
    this.#later('axes');
  }

  #takeBox(box: Box | null, isDone: boolean): void {
    const { projection } = this.#axes;
    this.#box = isDone ? null : box;
    this.#later('picture');
    if (!isDone || box === null || !projection) return;
    const { left, right, top, bottom } = projection.area;
    const inside = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
    const x = [box.left, box.right].map((pixel) => projection.valueAtX(inside(pixel, left, right)));
    const y = [box.bottom, box.top].map((pixel) => projection.valueAtY(inside(pixel, top, bottom)));
    const isWide = box.right - box.left > (right - left) / 50;
    const isHigh = box.bottom - box.top > (bottom - top) / 10;
    this.#show({
      x: isWide ? [x[0] ?? 0, x[1] ?? 1] : this.#look.x,
      y: isHigh ? [y[0] ?? 0, y[1] ?? 1] : this.#look.y,
    });
  }

  #pointAt(x: number, y: number): void {
    const { projection } = this.#axes;
    const drawing = this.#drawing;
    if (!projection || !drawing) return;
    this.#lookAt(pointsNear(drawing.lines, projection, x, y), y);
  }

  #step(by: number | 'first' | 'last'): void {
    const drawing = this.#drawing;
    const places = (this.#places ??= placesOf(drawing?.lines ?? []));
    if (!drawing || places.length === 0) return;
    const at = places.indexOf(this.#found[0]?.point.x ?? NaN);
    const last = places.length - 1;
    const from = at === -1 && typeof by === 'number' && by < 0 ? places.length : at;
    const next = by === 'first' ? 0 : by === 'last' ? last : Math.min(last, Math.max(0, from + by));
    const found = pointsAt(drawing.lines, places[next] ?? NaN);
    this.#bringIntoSight(places[next] ?? 0);
    this.#lookAt(found, 0);
    this.#events.onSay(this.#describe(found));
  }

  /** Follows the point that keys have reached beyond what is shown. */
  #bringIntoSight(x: number): void {
    const range = this.#look.x;
    if (range === null || !this.#drawing || (x >= range[0] && x <= range[1])) return;
    const by = x - (range[0] + range[1]) / 2;
    this.#look = { ...this.#look, x: moved(range, wholeX(this.#drawing.lines), by) };
    this.#set();
  }

  #lookAt(found: readonly Found[], y = 0): void {
    if (found.length === 0 && this.#found.length === 0) return;
    this.#found = found;
    this.#later('picture');
    const { projection, size } = this.#axes;
    const drawing = this.#drawing;
    const [first] = found;
    if (!first || !projection || !drawing) {
      this.#tooltip.hide();
      return;
    }
    const marks = marksNear(drawing.marks ?? [], projection, projection.x(first.point.x));
    const rows = found.slice(0, MOST_ROWS).map((one) => ({
      color: one.line.color,
      marker: one.line.marker,
      text: pointText(one, drawing.yText),
    }));
    const notes = [...moreThan(found), ...marks.slice(0, MOST_ROWS).map(({ label }) => label)];
    const title = drawing.pointTitle(first.point.x, first.point.epoch);
    this.#tooltip.show({ title, rows, notes }, projection.x(first.point.x), y, size.width);
  }

  #describe(found: readonly Found[]): string {
    const drawing = this.#drawing;
    const [first] = found;
    if (!drawing || !first) return '';
    const title = drawing.pointTitle(first.point.x, first.point.epoch);
    const values = found.slice(0, MOST_ROWS).map((one) => pointText(one, drawing.yText));
    const marks = (drawing.marks ?? []).filter(({ x }) => x === first.point.x).map(({ label }) => label);
    return [title, ...values, ...moreThan(found), ...marks].join('; ');
  }

  #ranges(drawing: Drawing): Ranges {
    return rangesOf(drawing, this.#heldY === null ? this.#look : { ...this.#look, y: this.#heldY });
  }

  /** Of what is to be seen, also where the next frame will show it first. */
  #projection(): Projection | null {
    const { projection } = this.#axes;
    return projection && this.#drawing && new Projection(this.#ranges(this.#drawing), projection.area);
  }

  #set(): void {
    const drawing = this.#drawing;
    if (!drawing) return;
    const { xLabel, xText, tickText } = drawing;
    const spec: AxesSpec = { ranges: this.#ranges(drawing), xLabel, xText, yText: tickText };
    this.#axes.set(spec, this.#source.palette);
  }

  #paint(context: CanvasRenderingContext2D, projection: Projection): void {
    const { palette } = this.#source;
    const pen = new CanvasPen(context);
    this.#layer.draw(context, projection, this.#source);
    pen.within(projection.area, () => {
      paintReferences(pen, this.#drawing?.references ?? [], projection, palette);
      paintMarks(pen, this.#drawing?.marks ?? [], projection, palette);
    });
    this.#paintFound(pen, projection, palette);
    if (this.#box) pen.box(this.#box, faded(palette.foreground, 0.15));
  }

  /** A line through what is looked at, and a dot on each point. */
  #paintFound(pen: CanvasPen, projection: Projection, palette: Palette): void {
    const [first] = this.#found;
    if (!first) return;
    const { top, bottom } = projection.area;
    const x = projection.x(first.point.x);
    pen.within(projection.area, () => {
      pen.line(Float32Array.of(x, top, x, bottom), { color: palette.muted, width: 1, dash: [] });
    });
    for (const { line, point } of this.#found.slice(0, MOST_ROWS)) {
      const y = projection.y(point.y);
      if (y >= top && y <= bottom)
        pen.marker(line.marker, projection.x(point.x), y, DOT_SIZE, palette.series[line.color]);
    }
  }

  /** With the next frame, once: the picture alone, or the axes too. */
  #later(what: 'axes' | 'picture'): void {
    this.#needsAxes ||= what === 'axes';
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    requestAnimationFrame(() => {
      const needsAxes = this.#needsAxes;
      [this.#isWaiting, this.#needsAxes] = [false, false];
      if (needsAxes) this.#set();
      else this.#axes.draw();
    });
  }
}

function moreThan(found: readonly Found[]): string[] {
  const more = found.length - MOST_ROWS;
  return more > 0 ? [strings.moreLines(countText(more))] : [];
}
