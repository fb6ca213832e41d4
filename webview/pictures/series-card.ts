import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { ChartCard } from '../chart-card.ts';
import { linesOf } from '../curves/lines.ts';
import { choicesOf, type MetricChoice } from '../curves/metric-choice.ts';
import { element } from '../dom.ts';
import { numberText, tickText } from '../format.ts';
import { saveWith } from '../save.ts';
import { strings } from '../strings.ts';
import type { Panel } from '../view.ts';
import type { PictureCard } from './picture-card.ts';
import { pictureStrings } from './strings.ts';

/** What the curves of a card are about. */
interface About {
  readonly kind: Exclude<MetricChoice['kind'], 'metric'>;
  readonly title: string;
  readonly help: string;
  readonly text: (value: number) => string;
}

/** Curves of metrics that belong together, over the epochs: a chart for each phase that has them. */
export class SeriesCard implements PictureCard {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #about: About;
  readonly #cards = element('div', { class: 'cards' });
  readonly #charts = new Map<string, ChartCard>();

  constructor(panel: Panel, about: About) {
    this.#panel = panel;
    this.#about = about;
    this.element = element(
      'section',
      { class: 'stack' },
      element('h2', {}, about.title),
      element('p', { class: 'note' }, about.help),
      this.#cards,
    );
  }

  show(content: PanelContent, seed: number | null): boolean {
    const { kind, title, text } = this.#about;
    const phases = choicesOf(content.keys()).flatMap((one) =>
      one.kind === kind && 'phase' in one ? [one.phase] : [],
    );
    this.#setCharts(phases);
    for (const phase of phases) {
      this.#charts.get(phase)?.show({
        title: pictureStrings.ofPhase(title, phase),
        lines: linesOf(content, { kind, phase }, { seed, axis: 'epoch', spread: 'range', smoothing: 0 }),
        references: [],
        isLogarithmic: false,
        xLabel: strings.epoch,
        xText: numberText,
        pointTitle: (epochs) => strings.atEpochs(numberText(epochs)),
        yText: text,
        tickText,
        emptyText: strings.epochUnknown,
      });
    }
    return phases.length > 0;
  }

  retheme(): void {
    for (const chart of this.#charts.values()) chart.retheme();
  }

  #setCharts(phases: readonly string[]): void {
    if (phases.join('\n') === [...this.#charts.keys()].join('\n')) return;
    this.#charts.clear();
    for (const phase of phases) {
      const head = element('h3', {}, phase);
      this.#charts.set(phase, new ChartCard(head, (said) => this.#panel.say(said), saveWith(this.#panel)));
    }
    this.#cards.replaceChildren(...[...this.#charts.values()].map((chart) => chart.element));
  }
}
