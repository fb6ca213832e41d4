import type { Drawing } from './chart/drawing.ts';
import { LineChart } from './chart.ts';
import { pngOf, svgOf } from './chart/picture.ts';
import { csvOf } from './chart/table.ts';
import { remarksOn, summaryOf } from './curves/describe.ts';
import { LegendView, runGroup } from './curves/legend.ts';
import type { Line } from './curves/line.ts';
import { PointTable } from './curves/point-table.ts';
import { element, setHidden, setText } from './dom.ts';
import type { Save } from './save.ts';
import { SaveButtons } from './save.ts';
import { strings } from './strings.ts';
import { button } from './toolkit.ts';

export type CardContent = Omit<Drawing, 'summary'> & {
  /** What is said where no line has a point. */
  readonly emptyText?: string;
};

const ZOOM_STEP = 0.5;

/** A chart with all that belongs to it: legend, zoom, files, remarks, the same as a table. */
export class ChartCard {
  readonly element: HTMLElement;
  readonly #chart: LineChart;
  readonly #legend: LegendView;
  readonly #table = new PointTable();
  readonly #remarks = element('ul', { class: 'remarks' });
  readonly #empty = element('p', { class: 'note chart-empty' });
  readonly #tools: HTMLElement;
  /** Groups of lines that the person switched; others are as they come. */
  readonly #switched = new Map<string, boolean>();
  #content: CardContent | null = null;
  #hiddenAtFirst: ReadonlySet<string> = new Set();

  /**
   * @param head what stands above: a title or controls
   * @param onPoint told of points reached by keys
   * @param save keeps the chart as PNG, SVG or CSV; without it there are no buttons for that
   */
  constructor(head: HTMLElement, onPoint: (text: string) => void, save?: Save) {
    const whole = button(strings.zoomReset, () => this.#chart.reset(), 'secondary', strings.zoomResetSpoken);
    whole.enable(false);
    this.#chart = new LineChart({ onSay: onPoint, onLook: (isWhole) => whole.enable(!isWhole) });
    this.#legend = new LegendView((group) => this.#toggle(group));
    const zoom = element(
      'div',
      { class: 'actions', attributes: { role: 'group', 'aria-label': strings.zoom } },
      button(strings.zoomIn, () => this.#chart.zoom('x', ZOOM_STEP), 'secondary', strings.zoomInSpoken)
        .element,
      button(strings.zoomOut, () => this.#chart.zoom('x', 1 / ZOOM_STEP), 'secondary', strings.zoomOutSpoken)
        .element,
      whole.element,
    );
    this.#tools = element('div', { class: 'chart-tools' }, zoom, ...(save ? [this.#saveButtons(save)] : []));
    this.element = element(
      'section',
      { class: 'card' },
      head,
      this.#legend.element,
      this.#chart.element,
      this.#empty,
      this.#remarks,
      this.#tools,
      this.#table.element,
    );
  }

  /** @param hiddenAtFirst groups that show only when asked for */
  show(content: CardContent, hiddenAtFirst: ReadonlySet<string> = new Set()): void {
    this.#content = content;
    this.#hiddenAtFirst = hiddenAtFirst;
    this.#draw();
  }

  retheme(): void {
    this.#chart.retheme();
  }

  #saveButtons(save: Save): HTMLElement {
    return new SaveButtons(save, () => {
      const { state } = this.#chart;
      if (!state) return null;
      return {
        name: state.drawing.title,
        png: () => pngOf(state),
        svg: () => svgOf(state),
        csv: () => csvOf(state.drawing),
      };
    }).element;
  }

  #toggle(group: string): void {
    this.#switched.set(group, !this.#isHidden(group));
    this.#draw();
  }

  #isHidden(group: string): boolean {
    return this.#switched.get(group) ?? this.#hiddenAtFirst.has(group);
  }

  #draw(): void {
    const content = this.#content;
    if (!content) return;
    const groups = new Set(
      content.lines.flatMap(({ group, run }) => [group, ...(run ? [runGroup(run.id)] : [])]),
    );
    const hidden = new Set([...groups].filter((group) => this.#isHidden(group)));
    const shown = content.lines.filter(
      ({ group, run }) => !hidden.has(group) && !(run && hidden.has(runGroup(run.id))),
    );
    const drawing: Drawing = { ...content, lines: shown, summary: summaryOf(shown, content.yText) };
    const isEmpty = content.lines.every(({ points }) => points.length === 0);
    setHidden(this.#empty, !isEmpty);
    setText(this.#empty, content.emptyText ?? strings.emptyChart);
    setHidden(this.#chart.element, isEmpty);
    setHidden(this.#tools, isEmpty);
    this.element.setAttribute('aria-label', content.title);
    this.#chart.draw(drawing);
    this.#legend.show(content.title, content.lines, content.references, hidden);
    this.#showRemarks(shown, content.isLogarithmic);
    this.#table.show(drawing);
  }

  #showRemarks(lines: readonly Line[], isLogarithmic: boolean): void {
    const remarks = remarksOn(lines, isLogarithmic, this.#content?.xText);
    setHidden(this.#remarks, remarks.length === 0);
    if (remarks.join() === this.#remarks.dataset['known']) return;
    this.#remarks.dataset['known'] = remarks.join();
    this.#remarks.replaceChildren(...remarks.map((remark) => element('li', {}, remark)));
  }
}
