import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { CardContent } from '../chart-card.ts';
import { ChartCard } from '../chart-card.ts';
import { element, setAttributes, setHidden } from '../dom.ts';
import {
  clockText,
  countText,
  isShare,
  metricText,
  numberText,
  shareText,
  shareTickText,
  tickText,
} from '../format.ts';
import type { ChosenChart } from '../memory.ts';
import { saveWith } from '../save.ts';
import { strings } from '../strings.ts';
import type { ChoiceControl } from '../toolkit.ts';
import { button, choice } from '../toolkit.ts';
import type { Panel } from '../view.ts';
import type { Line } from './line.ts';
import type { LaidRun } from './lines.ts';
import { linesOf, linesOfRuns } from './lines.ts';
import { marksOf } from './marks.ts';
import type { MetricChoice } from './metric-choice.ts';
import {
  choicesOf,
  decodeChoice,
  defaultChoice,
  encodeChoice,
  nameOfChoice,
  optionOf,
} from './metric-choice.ts';
import { referencesOf } from './references.ts';
import type { XAxis } from './x-axis.ts';

const LINEAR = 'linear';
const LOGARITHMIC = 'logarithmic';
/** One chart is always there. */
const FEWEST_CHARTS = 1;

/** A chart of a metric, with the controls that choose it. */
export class MetricChart {
  readonly card: ChartCard;
  readonly #panel: Panel;
  readonly #index: number;
  readonly #metric: ChoiceControl;
  readonly #scale: ChoiceControl;
  readonly #remove;

  /** @param index its place among the charts of the view */
  constructor(panel: Panel, index: number) {
    this.#panel = panel;
    this.#index = index;
    this.#metric = choice(strings.metric, (metric) => this.#choose({ metric }));
    this.#scale = choice(strings.scale, (scale) => this.#choose({ isLogarithmic: scale === LOGARITHMIC }));
    this.#remove = button(strings.removeChart, () => {
      panel.choose({ charts: panel.choices.charts.filter((_, place) => place !== index) });
    });
    const head = element(
      'div',
      { class: 'toolbar' },
      this.#metric.element,
      this.#scale.element,
      this.#remove.element,
    );
    this.card = new ChartCard(head, (text) => panel.say(text), saveWith(panel));
  }

  /** The remembered choice where this run has it. */
  chosen(content: PanelContent): MetricChoice | null {
    const all = choicesOf(content.keys());
    const wanted = decodeChoice(this.#own.metric);
    const isThere = wanted !== null && all.some((one) => encodeChoice(one) === encodeChoice(wanted));
    return isThere ? wanted : defaultChoice(all, this.#index);
  }

  /** @param runs the run shown and those laid over it; empty where it stands alone */
  show(content: PanelContent, runs: readonly LaidRun[]): void {
    const chosen = this.chosen(content);
    const { isLogarithmic } = this.#own;
    const { charts } = this.#panel.choices;
    const title = chosen === null ? strings.curves : strings.chartTitle(nameOfChoice(chosen));
    this.#metric.set(choicesOf(content.keys()).map(optionOf), chosen === null ? '' : encodeChoice(chosen));
    this.#scale.set(
      [
        { value: LINEAR, label: strings.linear },
        { value: LOGARITHMIC, label: strings.logarithmic },
      ],
      isLogarithmic ? LOGARITHMIC : LINEAR,
    );
    setHidden(this.#remove.element, charts.length <= FEWEST_CHARTS);
    setAttributes(this.#remove.element, { 'aria-label': strings.removeChartSpoken(title) });
    if (chosen === null) this.card.show({ ...EMPTY, title, isLogarithmic });
    else this.#showChosen(content, runs, chosen, title);
  }

  #showChosen(content: PanelContent, runs: readonly LaidRun[], chosen: MetricChoice, title: string): void {
    const { axis, hasMarks, seed } = this.#panel.choices;
    const options = this.#panel.choices;
    const lines = runs.length === 0 ? linesOf(content, chosen, options) : linesOfRuns(runs, chosen, options);
    const references = referencesOf(content, chosen);
    const yText = textOf(chosen);
    const hidden = hiddenAtFirst(lines, references.length > 0, runs.length > 0);
    const groups = [...new Set(lines.map(({ group }) => group))].filter((group) => !hidden.has(group));
    const isShown = (phase: string) => groups.some((group) => isOf(group, phase));
    const isEmpty = lines.every(({ points }) => points.length === 0);
    this.card.show(
      {
        title,
        lines,
        references: references.map((line) => ({ ...line, label: `${line.label} ${yText(line.value)}` })),
        marks: hasMarks ? marksOf(content, axis, seed, isShown) : [],
        isLogarithmic: this.#own.isLogarithmic,
        ...AXIS_TEXTS[axis],
        yText,
        tickText: isOfShares(chosen) ? shareTickText : tickText,
        ...(isOfShares(chosen) && { highest: 1 }),
        ...(axis === 'epoch' && isEmpty && { emptyText: strings.epochUnknown }),
      },
      hidden,
    );
  }

  get #own(): ChosenChart {
    return this.#panel.choices.charts[this.#index] ?? { metric: '', isLogarithmic: false };
  }

  #choose(change: Partial<ChosenChart>): void {
    const charts = this.#panel.choices.charts.map((chart, index) =>
      index === this.#index ? { ...chart, ...change } : chart,
    );
    this.#panel.choose({ charts });
  }
}

type AxisTexts = Pick<CardContent, 'xLabel' | 'xText' | 'pointTitle'>;

const inTime = (xLabel: string): AxisTexts => ({
  xLabel,
  xText: clockText,
  pointTitle: (time, epoch) => strings.atTime(clockText(time), countText(epoch + 1)),
});

const AXIS_TEXTS: Readonly<Record<XAxis, AxisTexts>> = {
  step: {
    xLabel: strings.xAxes.step,
    xText: countText,
    pointTitle: (step, epoch) => strings.atStep(countText(step), countText(epoch + 1)),
  },
  epoch: {
    xLabel: strings.xAxes.epoch,
    xText: numberText,
    pointTitle: (epochs) => strings.atEpochs(numberText(epochs)),
  },
  phaseTime: inTime(strings.xAxes.phaseTime),
  runTime: inTime(strings.xAxes.runTime),
};

const EMPTY: Omit<CardContent, 'title' | 'isLogarithmic'> = {
  lines: [],
  references: [],
  ...AXIS_TEXTS.step,
  yText: numberText,
  tickText,
};

function textOf(chosen: MetricChoice): (y: number) => string {
  switch (chosen.kind) {
    case 'metric':
      return (y) => metricText(chosen.metric, y);
    case 'shares':
      return shareText;
    case 'widths':
      return countText;
    case 'terms':
    case 'weights':
      return numberText;
  }
}

function isOfShares(chosen: MetricChoice): boolean {
  return chosen.kind === 'shares' || (chosen.kind === 'metric' && isShare(chosen.metric));
}

function isOf(group: string, phase: string): boolean {
  return group.startsWith(`[${JSON.stringify(phase)},`);
}

/**
 * Once the student trains, a teacher that stands as a line need not be a curve too; and of several runs the student is what one
 * compares.
 */
function hiddenAtFirst(lines: readonly Line[], hasReference: boolean, hasRuns: boolean): ReadonlySet<string> {
  const groups = [...new Set(lines.map(({ group }) => group))];
  const hasStudent = groups.some((group) => isOf(group, 'student'));
  if (hasRuns && hasStudent) return new Set(groups.filter((group) => !isOf(group, 'student')));
  const teacher = groups.filter((group) => isOf(group, 'teacher'));
  return hasReference && teacher.length < groups.length ? new Set(teacher) : new Set();
}
