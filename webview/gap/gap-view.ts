import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { ChartCard } from '../chart-card.ts';
import type { Line } from '../curves/line.ts';
import { SOLID, styleOfPhase } from '../curves/line.ts';
import { LinePoints } from '../curves/points.ts';
import { element, setHidden, setText } from '../dom.ts';
import { countText, numberText, pointsText, shareText, shareTickText, tickText } from '../format.ts';
import { saveWith } from '../save.ts';
import { strings } from '../strings.ts';
import type { Panel, View } from '../view.ts';
import { ClassTable } from './class-table.ts';
import type { GapAt } from './gap-data.ts';
import { ReportView } from './report-view.ts';
import { gapOverEpochs, gapPhases, widestFirst } from './gap-data.ts';

interface Measure {
  readonly title: string;
  readonly help: string;
  readonly value: (gap: GapAt) => number;
  readonly text: (value: number) => string;
  readonly tick: (value: number) => string;
  readonly highest?: number;
}

const POINTS = 100;
const MEASURES: readonly Measure[] = [
  {
    title: strings.kl,
    help: strings.klHelp,
    value: ({ kl }) => kl,
    text: (value) => strings.nats(numberText(value)),
    tick: tickText,
  },
  {
    title: strings.js,
    help: strings.jsHelp,
    value: ({ js }) => js,
    text: (value) => strings.nats(numberText(value)),
    tick: tickText,
  },
  {
    title: strings.agreement,
    help: strings.agreementHelp,
    value: ({ agreement }) => agreement,
    text: shareText,
    tick: shareTickText,
    highest: 1,
  },
  {
    title: strings.accuracyGap,
    help: strings.accuracyGapHelp,
    value: ({ difference }) => difference * POINTS,
    text: (value) => strings.points(pointsText(value)),
    tick: tickText,
  },
  {
    title: strings.calibrationGap,
    help: strings.calibrationGapHelp,
    value: ({ calibration }) => calibration * POINTS,
    text: (value) => strings.points(pointsText(value)),
    tick: tickText,
  },
];

/** Where teacher and student still differ: now, over the epochs, and class by class. */
export class GapView implements View {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #now = element('h2');
  readonly #cards: readonly { measure: Measure; value: HTMLElement; card: ChartCard }[];
  readonly #classes: ClassTable;
  readonly #classTitle = element('h3');
  readonly #classCard: ChartCard;
  readonly #report: ReportView;
  #chosenClass: string | null = null;
  #content: PanelContent | null = null;

  constructor(panel: Panel) {
    this.#panel = panel;
    const say = (text: string) => panel.say(text);
    this.#cards = MEASURES.map((measure) => {
      const value = element('p', { class: 'figure' });
      const head = element(
        'div',
        {},
        element('h3', {}, measure.title),
        value,
        element('p', { class: 'note' }, measure.help),
      );
      return { measure, value, card: new ChartCard(head, say, saveWith(panel)) };
    });
    this.#classes = new ClassTable((name) => this.#choose(name), saveWith(panel));
    this.#classCard = new ChartCard(element('div', {}, this.#classTitle), say, saveWith(panel));
    this.#report = new ReportView(panel);
    this.element = element(
      'div',
      { class: 'stack' },
      this.#now,
      element('div', { class: 'cards small-cards' }, ...this.#cards.map(({ card }) => card.element)),
      element('h2', {}, strings.perClass),
      element('p', { class: 'note' }, strings.perClassHelp),
      element('div', { class: 'cards class-cards' }, this.#classes.element, this.#classCard.element),
      this.#report.element,
    );
  }

  show(content: PanelContent): void {
    this.#content = content;
    const records = content.gap;
    const { seed } = this.#panel.choices;
    const phases = gapPhases(records);
    const curves = phases.map((phase) => ({ phase, gaps: gapOverEpochs(records, phase, seed) }));
    const main = curves.find(({ phase }) => phase === 'student') ?? curves[0];
    const now = main?.gaps.at(-1);
    if (!main || !now) return;
    setText(this.#now, strings.gapNow(countText(now.epoch + 1)));
    for (const { measure, value, card } of this.#cards) {
      // Runs of earlier versions know less.
      setHidden(
        card.element,
        Number.isNaN(measure.value(now)) && main.gaps.every((gap) => Number.isNaN(measure.value(gap))),
      );
      setText(value, measure.text(measure.value(now)));
      card.show({
        title: measure.title,
        lines: curves.map(({ phase, gaps }) => lineOf(phase, phases, gaps, measure.value)),
        ...overEpochs(measure),
      });
    }
    const classes = widestFirst(now.classes);
    const chosen = classes.find(({ name }) => name === this.#chosenClass) ?? classes[0];
    this.#classes.show(classes, chosen?.name ?? null);
    this.#showClass(chosen?.name ?? '', main.phase, main.gaps, phases);
    this.#report.show(content);
  }

  retheme(): void {
    for (const { card } of this.#cards) card.retheme();
    this.#classCard.retheme();
    this.#report.retheme();
  }

  #choose(name: string): void {
    this.#chosenClass = name;
    if (this.#content) this.show(this.#content);
  }

  #showClass(name: string, phase: string, gaps: readonly GapAt[], phases: readonly string[]): void {
    const difference = ({ classes }: GapAt) => {
      const row = classes.find((one) => one.name === name);
      return row ? (row.studentAccuracy - row.teacherAccuracy) * POINTS : Number.NaN;
    };
    const title = strings.classOverEpochs(name);
    setText(this.#classTitle, title);
    this.#classCard.show({
      title,
      lines: [lineOf(phase, phases, gaps, difference)],
      ...overEpochs({ text: (value) => strings.points(pointsText(value)), tick: tickText }),
    });
  }
}

function lineOf(
  phase: string,
  phases: readonly string[],
  gaps: readonly GapAt[],
  value: (gap: GapAt) => number,
): Line {
  return {
    id: phase,
    group: phase,
    name: phase,
    label: phase,
    role: 'main',
    dash: SOLID,
    ...styleOfPhase(phase, phases),
    points: LinePoints.of(gaps.map((gap) => ({ x: gap.epoch + 1, y: value(gap), epoch: gap.epoch }))),
  };
}

function overEpochs({ text, tick, highest }: Pick<Measure, 'text' | 'tick' | 'highest'>) {
  return {
    references: [],
    isLogarithmic: false,
    xLabel: strings.epoch,
    xText: countText,
    yText: text,
    tickText: tick,
    ...(highest !== undefined && { highest }),
    pointTitle: (epoch: number) => `${strings.epoch} ${countText(epoch)}`,
  };
}
