import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { element, setHidden } from '../dom.ts';
import { strings } from '../strings.ts';
import { button } from '../toolkit.ts';
import type { Panel, View } from '../view.ts';
import { MOST_CHARTS } from '../memory.ts';
import { CurveControls } from './curve-controls.ts';
import type { LaidRun } from './lines.ts';
import { metricsOf } from './metric-choice.ts';
import { MetricChart } from './metric-chart.ts';
import { OverlayPicker } from './overlay-picker.ts';

/** Charts, each of a metric of one's choice, of the run shown and of those laid over it. */
export class CurvesView implements View {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #controls: CurveControls;
  readonly #overlays: OverlayPicker;
  readonly #cards = element('div', { class: 'cards' });
  readonly #add;
  #charts: readonly MetricChart[] = [];
  #asked = '';

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#controls = new CurveControls(panel);
    this.#overlays = new OverlayPicker(panel);
    this.#add = button(strings.addChart, () =>
      panel.choose({ charts: [...panel.choices.charts, { metric: '', isLogarithmic: false }] }),
    );
    this.element = element(
      'div',
      { class: 'stack' },
      this.#controls.element,
      this.#overlays.element,
      element('p', { class: 'note' }, strings.mouseHelp),
      this.#cards,
      element('div', { class: 'actions' }, this.#add.element),
    );
  }

  show(content: PanelContent): void {
    const { charts } = this.#panel.choices;
    this.#controls.show(content);
    this.#overlays.show(content);
    this.#setCharts(charts.length);
    this.#askForOverlays(content);
    setHidden(this.#add.element, charts.length >= MOST_CHARTS);
    const runs = this.#runs(content);
    for (const chart of this.#charts) chart.show(content, runs);
  }

  retheme(): void {
    for (const chart of this.#charts) chart.card.retheme();
  }

  /** The run shown and those laid over it, as far as they are here; none where it stands alone. */
  #runs(content: PanelContent): readonly LaidRun[] {
    const { choices, overlays } = this.#panel;
    const others = choices.overlays.flatMap((id) => {
      const other = overlays.get(id);
      return other === undefined || id === content.run.directory
        ? []
        : [{ id, name: nameOf(other), content: other }];
    });
    return others.length === 0
      ? []
      : [{ id: content.run.directory, name: nameOf(content), content }, ...others];
  }

  /** Tells the extension which curves of which runs are drawn, where that has changed or the extension is another. */
  #askForOverlays(content: PanelContent): void {
    const { choices, greetings } = this.#panel;
    const runs = choices.overlays.filter((run) => run !== content.run.directory);
    const shown = this.#charts.map((chart) => chart.chosen(content));
    const metrics = [...new Set([...shown.flatMap((choice) => (choice ? metricsOf(choice) : [])), 'loss'])];
    const now = JSON.stringify([greetings, runs, runs.length === 0 ? [] : metrics]);
    if (now === this.#asked) return;
    const isFirst = this.#asked === '';
    this.#asked = now;
    if (isFirst && runs.length === 0) return;
    void this.#panel.ask({ type: 'overlay', runs, metrics });
  }

  #setCharts(count: number): void {
    if (this.#charts.length === count) return;
    this.#charts = Array.from(
      { length: count },
      (_, index) => this.#charts[index] ?? new MetricChart(this.#panel, index),
    );
    this.#cards.replaceChildren(...this.#charts.map(({ card }) => card.element));
  }
}

/** Runs of one experiment have one name; the id tells them apart. */
function nameOf({ run }: PanelContent): string {
  return `${run.name} · ${run.id}`;
}
