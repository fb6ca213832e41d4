import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { ChartCard } from '../chart-card.ts';
import { element } from '../dom.ts';
import { countText, isShare, metricText, numberText, shareText, shareTickText, tickText } from '../format.ts';
import { strings } from '../strings.ts';
import type { ChoiceControl } from '../toolkit.ts';
import { button, choice } from '../toolkit.ts';
import type { Panel, View } from '../view.ts';
import type { Line } from './line.ts';
import { linesOf, referencesOf } from './lines.ts';
import type { MetricChoice } from './metric-choice.ts';
import {
  choicesOf,
  decodeChoice,
  defaultChoice,
  encodeChoice,
  nameOfChoice,
  optionOf,
} from './metric-choice.ts';

const LINEAR = 'linear';
const LOGARITHMIC = 'logarithmic';

/** Two charts, each of a metric of one's choice. */
export class CurvesView implements View {
  readonly element: HTMLElement;
  readonly #charts: readonly MetricChart[];

  constructor(panel: Panel) {
    this.#charts = [new MetricChart(panel, 'upper'), new MetricChart(panel, 'lower')];
    this.element = element('div', { class: 'cards' }, ...this.#charts.map((chart) => chart.card.element));
  }

  show(content: PanelContent): void {
    for (const chart of this.#charts) chart.show(content);
  }

  retheme(): void {
    for (const chart of this.#charts) chart.card.retheme();
  }
}

class MetricChart {
  readonly card: ChartCard;
  readonly #panel: Panel;
  readonly #place: 'upper' | 'lower';
  readonly #metric: ChoiceControl;
  readonly #scale: ChoiceControl;

  constructor(panel: Panel, place: 'upper' | 'lower') {
    this.#panel = panel;
    this.#place = place;
    this.#metric = choice(strings.metric, (metric) =>
      panel.choose(place === 'upper' ? { upperMetric: metric } : { lowerMetric: metric }),
    );
    this.#scale = choice(strings.scale, (scale) => {
      const isLogarithmic = scale === LOGARITHMIC;
      panel.choose(
        place === 'upper' ? { upperIsLogarithmic: isLogarithmic } : { lowerIsLogarithmic: isLogarithmic },
      );
    });
    const picture = button(strings.savePicture, () => this.#save());
    const head = element(
      'div',
      { class: 'toolbar' },
      this.#metric.element,
      this.#scale.element,
      picture.element,
    );
    this.card = new ChartCard(head, (text) => panel.say(text));
  }

  show(content: PanelContent): void {
    const all = choicesOf(content.keys());
    const chosen = this.#chosen(all);
    const { seed } = this.#panel.choices;
    this.#metric.set(all.map(optionOf), chosen === null ? '' : encodeChoice(chosen));
    this.#scale.set(
      [
        { value: LINEAR, label: strings.linear },
        { value: LOGARITHMIC, label: strings.logarithmic },
      ],
      this.#isLogarithmic ? LOGARITHMIC : LINEAR,
    );
    const lines = chosen === null ? [] : linesOf(content, chosen, seed);
    const references = chosen === null ? [] : referencesOf(content, chosen);
    const yText = textOf(chosen);
    this.card.show(
      {
        title: chosen === null ? strings.curves : strings.chartTitle(nameOfChoice(chosen)),
        lines,
        references: references.map((line) => ({ ...line, label: `${line.label} ${yText(line.value)}` })),
        isLogarithmic: this.#isLogarithmic,
        xLabel: strings.step,
        xText: countText,
        yText,
        tickText: tickTextOf(chosen),
        ...(isOfShares(chosen) && { highest: 1 }),
        pointTitle: (step, epoch) => strings.atStep(countText(step), countText(epoch + 1)),
      },
      hiddenAtFirst(lines, references.length > 0),
    );
  }

  get #isLogarithmic(): boolean {
    const { upperIsLogarithmic, lowerIsLogarithmic } = this.#panel.choices;
    return this.#place === 'upper' ? upperIsLogarithmic : lowerIsLogarithmic;
  }

  /** The remembered choice where this run has it. */
  #chosen(all: readonly MetricChoice[]): MetricChoice | null {
    const { upperMetric, lowerMetric } = this.#panel.choices;
    const wanted = decodeChoice(this.#place === 'upper' ? upperMetric : lowerMetric);
    const isThere = wanted !== null && all.some((one) => encodeChoice(one) === encodeChoice(wanted));
    return isThere ? wanted : defaultChoice(all, this.#place);
  }

  #save(): void {
    void this.#panel.ask({ type: 'exportImage', name: `kd-${this.#place}-chart`, png: this.card.png() });
  }
}

function textOf(chosen: MetricChoice | null): (y: number) => string {
  switch (chosen?.kind) {
    case 'metric':
      return (y) => metricText(chosen.metric, y);
    case 'shares':
      return shareText;
    case 'terms':
    case undefined:
      return numberText;
  }
}

function isOfShares(chosen: MetricChoice | null): boolean {
  return chosen?.kind === 'shares' || (chosen?.kind === 'metric' && isShare(chosen.metric));
}

function tickTextOf(chosen: MetricChoice | null): (y: number) => string {
  return isOfShares(chosen) ? shareTickText : tickText;
}

/** Once the student trains, a teacher that stands as a line need not be a curve too. */
function hiddenAtFirst(lines: readonly Line[], hasReference: boolean): ReadonlySet<string> {
  const isOf = (phase: string) => (line: Line) => line.group.startsWith(`["${phase}"`);
  const teacher = lines.filter(isOf('teacher'));
  return hasReference && teacher.length < lines.length
    ? new Set(teacher.map(({ group }) => group))
    : new Set();
}
