import {
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
  type ChartDataset,
  type ChartOptions,
  type Plugin,
} from 'chart.js';
import type { Line, ReferenceLine } from './curves/line.ts';
import { element, setAttributes } from './dom.ts';
import type { Palette } from './theme.ts';
import { readPalette } from './theme.ts';

/** Curves are drawn by chart.js; nothing else knows of it. */
Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, Tooltip);
// The legend is made of buttons beside the picture, which a keyboard can reach.
Chart.unregister(Legend);

export interface Drawing {
  readonly lines: readonly Line[];
  readonly references: readonly ReferenceLine[];
  readonly isLogarithmic: boolean;
  readonly xLabel: string;
  readonly xText: (x: number) => string;
  readonly yText: (y: number) => string;
  /** Shorter than `yText`: the unit stands in the title. */
  readonly tickText: (y: number) => string;
  /** No value can be higher: the axis ends there. */
  readonly highest?: number;
  /** What stands above the values of a point. */
  readonly pointTitle: (x: number, epoch: number) => string;
  /** The picture in words. */
  readonly summary: string;
}

interface DrawnPoint {
  readonly x: number;
  readonly y: number;
  readonly epoch: number;
}
type Dataset = ChartDataset<'line', DrawnPoint[]>;

const MARKERS_ON_A_LINE = 10;
const LINE_WIDTH = 1.75;
/** Share of an axis within which a value counts as being at its end. */
const NEAR = 0.1;

export class LineChart {
  readonly element: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #chart: Chart<'line', DrawnPoint[]>;
  #drawing: Drawing | null = null;
  #palette: Palette = readPalette();
  #cursor = -1;

  /** @param onPoint told in words of the point that arrow keys have reached */
  constructor(onPoint: (text: string) => void) {
    this.#canvas = element('canvas', { attributes: { role: 'img', tabindex: 0 } });
    this.element = element('div', { class: 'chart-area' }, this.#canvas);
    this.#canvas.addEventListener('keydown', (event) => this.#onKey(event, onPoint));
    this.#canvas.addEventListener('blur', () => this.#pointAt(-1));
    this.#chart = new Chart(this.#canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {},
      plugins: [this.#referencePlugin()],
    });
  }

  draw(drawing: Drawing): void {
    this.#drawing = drawing;
    this.#redraw();
  }

  /** Takes up the colours of a changed theme. */
  retheme(): void {
    this.#palette = readPalette();
    this.#redraw();
  }

  /** The picture on the background of the editor: PNG, base64. */
  png(): string {
    const copy = element('canvas');
    copy.width = this.#canvas.width;
    copy.height = this.#canvas.height;
    const context = copy.getContext('2d');
    if (!context) return '';
    context.fillStyle = this.#palette.background;
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(this.#canvas, 0, 0);
    return copy.toDataURL('image/png').replace(/^[^,]*,/u, '');
  }

  #redraw(): void {
    const drawing = this.#drawing;
    if (!drawing) return;
    setAttributes(this.#canvas, { 'aria-label': drawing.summary });
    this.#chart.data.datasets = drawing.lines.map((line) => this.#dataset(line));
    this.#chart.options = this.#options(drawing);
    this.#chart.update('none');
    if (this.#cursor !== -1) this.#pointAt(this.#cursor);
  }

  #dataset(line: Line): Dataset {
    const color = this.#palette.series[line.color];
    const isMain = line.role === 'main';
    const stride = Math.ceil(line.points.length / MARKERS_ON_A_LINE);
    return {
      label: line.label,
      data: line.points.map(({ x, y, epoch }) => ({ x, y, epoch })),
      borderColor: isMain ? color : faded(color),
      backgroundColor: isMain ? color : faded(color),
      borderWidth: isMain ? LINE_WIDTH : 1,
      borderDash: [...line.dash],
      pointStyle: line.marker,
      pointRadius: line.points.map((_, index) =>
        isMain && index % stride === 0 ? 3 : line.points.length === 1 ? 3 : 0,
      ),
      pointHoverRadius: 5,
      pointHitRadius: 6,
      order: isMain ? 0 : 1,
    };
  }

  #options(drawing: Drawing): ChartOptions<'line'> {
    const {
      muted,
      grid,
      foreground,
      tooltipBackground,
      tooltipBorder,
      fontFamily,
      fontSize,
      isHighContrast,
    } = this.#palette;
    const font = { family: fontFamily, size: fontSize };
    const axis = {
      border: { color: grid },
      grid: { color: isHighContrast ? faded(grid) : grid, tickLength: 4 },
      ticks: { color: muted, font, maxRotation: 0, autoSkipPadding: 12 },
    };
    const references = drawing.references.map(({ value }) => value);
    return {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      parsing: false,
      layout: { padding: { top: 6, right: 8 } },
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: {
        x: {
          ...axis,
          type: 'linear',
          bounds: 'data',
          min: 0,
          title: { display: true, text: drawing.xLabel, color: muted, font },
          ticks: {
            ...axis.ticks,
            precision: 0,
            includeBounds: false,
            callback: (value) => drawing.xText(Number(value)),
          },
        },
        y: {
          ...axis,
          type: drawing.isLogarithmic ? 'logarithmic' : 'linear',
          grace: drawing.isLogarithmic ? 0 : '4%',
          ...(references.length > 0 && {
            suggestedMin: Math.min(...references),
            suggestedMax: Math.max(...references),
          }),
          ticks: { ...axis.ticks, maxTicksLimit: 8, callback: (value) => drawing.tickText(Number(value)) },
          ...limitsOf(drawing),
        },
      },
      plugins: {
        tooltip: {
          backgroundColor: tooltipBackground,
          borderColor: tooltipBorder,
          borderWidth: 1,
          cornerRadius: 2,
          padding: 8,
          titleColor: foreground,
          bodyColor: foreground,
          titleFont: { ...font, weight: 'bold' },
          bodyFont: font,
          usePointStyle: true,
          boxPadding: 4,
          callbacks: {
            title: ([item]) => {
              const point = item?.raw as DrawnPoint | undefined;
              return point ? drawing.pointTitle(point.x, point.epoch) : '';
            },
            label: (item) => ` ${item.dataset.label ?? ''}: ${drawing.yText((item.raw as DrawnPoint).y)}`,
          },
        },
      },
    };
  }

  #referencePlugin(): Plugin<'line'> {
    return {
      id: 'references',
      afterDatasetsDraw: (chart) => {
        const scale = chart.scales['y'];
        if (!scale) return;
        const { ctx, chartArea } = chart;
        for (const { value, color } of this.#drawing?.references ?? []) {
          const y = scale.getPixelForValue(value);
          if (!Number.isFinite(y) || y < chartArea.top || y > chartArea.bottom) continue;
          ctx.save();
          ctx.strokeStyle = this.#palette.series[color];
          ctx.lineWidth = LINE_WIDTH;
          ctx.setLineDash([2, 3]);
          ctx.beginPath();
          ctx.moveTo(chartArea.left, y);
          ctx.lineTo(chartArea.right, y);
          ctx.stroke();
          ctx.restore();
        }
      },
    };
  }

  #onKey(event: KeyboardEvent, onPoint: (text: string) => void): void {
    const all = this.#positions();
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: this.#cursor + 1,
      ArrowLeft: this.#cursor === -1 ? all.length - 1 : this.#cursor - 1,
      Home: 0,
      End: all.length - 1,
      PageDown: this.#cursor + 10,
      PageUp: this.#cursor - 10,
    };
    if (event.key === 'Escape') this.#pointAt(-1);
    const next = moves[event.key];
    if (next === undefined || all.length === 0) return;
    event.preventDefault();
    this.#pointAt(Math.min(all.length - 1, Math.max(0, next)));
    onPoint(this.#describe(all[this.#cursor] ?? Number.NaN));
  }

  /** Every x at which a line has a point. */
  #positions(): number[] {
    const lines = this.#drawing?.lines ?? [];
    return [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  }

  #pointAt(index: number): void {
    this.#cursor = index;
    const x = this.#positions()[index];
    const active = this.#chart.data.datasets.flatMap(({ data }, datasetIndex) => {
      const at = data.findIndex((point) => point.x === x && Number.isFinite(point.y));
      return at === -1 ? [] : [{ datasetIndex, index: at }];
    });
    this.#chart.setActiveElements(active);
    this.#chart.tooltip?.setActiveElements(active, { x: 0, y: 0 });
    this.#chart.update('none');
  }

  #describe(x: number): string {
    const drawing = this.#drawing;
    if (!drawing) return '';
    const found = drawing.lines.flatMap(({ label, points }) => {
      const point = points.find((one) => one.x === x);
      return point ? [{ label, point }] : [];
    });
    const title = drawing.pointTitle(x, found[0]?.point.epoch ?? 0);
    return [title, ...found.map(({ label, point }) => `${label}: ${drawing.yText(point.y)}`)].join('; ');
  }
}

/** The axis leaves no room for values that cannot be: below zero where none is, beyond the highest possible. */
function limitsOf({ lines, highest, isLogarithmic }: Drawing): { min?: number; max?: number } {
  if (isLogarithmic) return {};
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y)).filter((y) => Number.isFinite(y));
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return {
    ...(low >= 0 && low < NEAR * high && { min: 0 }),
    ...(highest !== undefined && high > (1 - NEAR) * highest && high <= highest && { max: highest }),
  };
}

/** The same colour, so that what matters more stands out. */
function faded(color: string): string {
  return `color-mix(in srgb, ${color} 40%, transparent)`;
}
