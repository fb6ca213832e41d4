import { Chart, LinearScale, LogarithmicScale, type ChartOptions, type Plugin, type Scale } from 'chart.js';
import type { Palette } from '../theme.ts';
import { faded } from '../theme.ts';
import type { Area, Range, Ranges } from './projection.ts';
import { Projection } from './projection.ts';

/**
 * The frame of a chart is laid out by chart.js: its size, axes and grid. The curves are drawn by `paint.ts`, since a hundred
 * of them move too slowly as chart.js' own. Nothing else knows of the library.
 */
Chart.register(LinearScale, LogarithmicScale);

export interface AxesSpec {
  readonly ranges: Ranges;
  readonly xLabel: string;
  readonly xText: (x: number) => string;
  readonly yText: (y: number) => string;
}

/** Where an axis has a number, in pixels, and the number. */
export interface Tick {
  readonly pixel: number;
  readonly label: string;
}

const MOST_TICKS = 8;

export class Axes {
  readonly #chart: Chart<'line'>;
  #spec: AxesSpec | null = null;
  #palette: Palette | null = null;

  /** @param paint draws the curves; called whenever the frame is drawn, also after a change of size */
  constructor(
    canvas: HTMLCanvasElement,
    paint: (context: CanvasRenderingContext2D, projection: Projection) => void,
  ) {
    const curves: Plugin<'line'> = {
      id: 'curves',
      afterDraw: (chart) => {
        const { projection } = this;
        if (projection) paint(chart.ctx, projection);
      },
    };
    this.#chart = new Chart(canvas, {
      type: 'line',
      data: { datasets: [] },
      options: { animation: false, events: [] },
      plugins: [curves],
    });
  }

  /** Null before the first drawing, and where there is no room for one. */
  get projection(): Projection | null {
    if (this.#spec === null) return null;
    const { left, top, right, bottom } = (this.#chart.chartArea as Area | undefined) ?? NOWHERE;
    return right - left < 1 || bottom - top < 1
      ? null
      : new Projection(this.#spec.ranges, { left, top, right, bottom });
  }

  get ticks(): { readonly x: readonly Tick[]; readonly y: readonly Tick[] } {
    return { x: this.#ticksOf('x'), y: this.#ticksOf('y') };
  }

  get size(): { readonly width: number; readonly height: number } {
    return { width: this.#chart.width, height: this.#chart.height };
  }

  /**
   * To lay out a frame makes half a megabyte of small objects, and a drag asks for one with each frame: where it stays as it is, only
   * the picture is drawn anew, and where the curves move to the side, their axis moves alone.
   */
  set(spec: AxesSpec, palette: Palette): void {
    const before = palette === this.#palette ? this.#spec : null;
    const scale = this.#chart.scales['x'];
    [this.#spec, this.#palette] = [spec, palette];
    if (before === null || scale === undefined || !isSameFrame(before, spec)) {
      this.#chart.options = optionsOf(spec, palette);
      this.#chart.update('none');
      return;
    }
    if (!isSameRange(before.ranges.x, spec.ranges.x)) this.#move(scale, spec.ranges.x);
    this.#chart.draw();
  }

  /** As a layout does it, for one axis and within the place that it has. */
  #move(scale: Scale, [min, max]: Range): void {
    const { left, right, top, bottom, width, height } = scale;
    const beside = { left, right: this.#chart.width - right, top: 0, bottom: 0, width, height };
    // The options of the chart themselves: its next layout starts from here.
    Object.assign(scale.options, { min, max });
    scale.init(scale.options);
    scale.beforeLayout?.();
    scale.update(scale.maxWidth, scale.maxHeight, beside);
    Object.assign(scale, { left, right, top, bottom, width, height });
    scale.configure();
  }

  /** Draws the frame and the curves once more. */
  draw(): void {
    this.#chart.draw();
  }

  #ticksOf(axis: 'x' | 'y'): Tick[] {
    const scale = this.#chart.scales[axis];
    return (scale?.ticks ?? []).flatMap(({ label }, index) =>
      typeof label === 'string' && label !== '' ? [{ pixel: scale?.getPixelForTick(index) ?? 0, label }] : [],
    );
  }
}

/** Whether all but the place along the x axis is as it was. */
function isSameFrame(before: AxesSpec, now: AxesSpec): boolean {
  return (
    before.ranges.isLogarithmic === now.ranges.isLogarithmic &&
    isSameRange(before.ranges.y, now.ranges.y) &&
    before.xLabel === now.xLabel &&
    before.xText === now.xText &&
    before.yText === now.yText
  );
}

function isSameRange(before: Range, now: Range): boolean {
  return before[0] === now[0] && before[1] === now[1];
}

const NOWHERE: Area = { left: 0, top: 0, right: 0, bottom: 0 };

function optionsOf({ ranges, xLabel, xText, yText }: AxesSpec, palette: Palette): ChartOptions<'line'> {
  const { muted, grid, fontFamily, fontSize, isHighContrast } = palette;
  const font = { family: fontFamily, size: fontSize };
  const axis = {
    border: { color: grid },
    grid: { color: isHighContrast ? faded(grid, 0.4) : grid, tickLength: 4 },
  };
  const ticks = { color: muted, font, maxRotation: 0, autoSkipPadding: 12, includeBounds: false };
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    events: [],
    layout: { padding: { top: 6, right: 14 } },
    scales: {
      x: {
        ...axis,
        type: 'linear',
        min: ranges.x[0],
        max: ranges.x[1],
        // Labels at the ends would change the width of the picture while it is moved.
        afterFit: (scale) => {
          scale.paddingLeft = 0;
          scale.paddingRight = 0;
        },
        title: { display: true, text: xLabel, color: muted, font },
        ticks: { ...ticks, callback: (value) => xText(Number(value)) },
      },
      y: {
        ...axis,
        type: ranges.isLogarithmic ? 'logarithmic' : 'linear',
        min: ranges.y[0],
        max: ranges.y[1],
        ticks: { ...ticks, maxTicksLimit: MOST_TICKS, callback: (value) => yText(Number(value)) },
      },
    },
  };
}
