import type { Drawing } from './chart.ts';
import { LineChart } from './chart.ts';
import { remarksOn, summaryOf } from './curves/describe.ts';
import { LegendView } from './curves/legend.ts';
import type { Line } from './curves/line.ts';
import { PointTable } from './curves/point-table.ts';
import { element, setHidden } from './dom.ts';
import { strings } from './strings.ts';

export type CardContent = Omit<Drawing, 'summary'> & { readonly title: string };

/** A chart with all that belongs to it: legend, remarks, the same as a table. */
export class ChartCard {
  readonly element: HTMLElement;
  readonly #chart: LineChart;
  readonly #legend: LegendView;
  readonly #table = new PointTable();
  readonly #remarks = element('ul', { class: 'remarks' });
  readonly #empty = element('p', { class: 'note chart-empty' }, strings.emptyChart);
  /** Groups of lines that the person switched; others are as they come. */
  readonly #switched = new Map<string, boolean>();
  #content: CardContent | null = null;
  #hiddenAtFirst: ReadonlySet<string> = new Set();

  /**
   * @param head what stands above: a title or controls
   * @param onPoint told of points reached by keys
   */
  constructor(head: HTMLElement, onPoint: (text: string) => void) {
    this.#chart = new LineChart(onPoint);
    this.#legend = new LegendView((group) => this.#toggle(group));
    this.element = element(
      'section',
      { class: 'card' },
      head,
      this.#legend.element,
      this.#chart.element,
      this.#empty,
      this.#remarks,
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

  png(): string {
    return this.#chart.png();
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
    const shown = content.lines.filter(({ group }) => !this.#isHidden(group));
    const hidden = new Set(content.lines.map(({ group }) => group).filter((group) => this.#isHidden(group)));
    const drawing: Drawing = { ...content, lines: shown, summary: summaryOf(shown, content.yText) };
    const isEmpty = content.lines.every(({ points }) => points.length === 0);
    setHidden(this.#empty, !isEmpty);
    setHidden(this.#chart.element, isEmpty);
    this.element.setAttribute('aria-label', content.title);
    this.#chart.draw({ ...drawing, summary: `${content.title}. ${drawing.summary}. ${strings.chartHelp}` });
    this.#legend.show(content.title, content.lines, content.references, hidden);
    this.#showRemarks(shown, content.isLogarithmic);
    this.#table.show(drawing);
  }

  #showRemarks(lines: readonly Line[], isLogarithmic: boolean): void {
    const remarks = remarksOn(lines, isLogarithmic);
    setHidden(this.#remarks, remarks.length === 0);
    if (remarks.join() === this.#remarks.dataset['known']) return;
    this.#remarks.dataset['known'] = remarks.join();
    this.#remarks.replaceChildren(...remarks.map((remark) => element('li', {}, remark)));
  }
}
