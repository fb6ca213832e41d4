import type { AblationAnswer, AblationDifference } from '../../src/protocol/ablation.ts';
import type { ComparedMetric } from '../../src/protocol/comparison.ts';
import type { LayerPairNames } from '../../src/protocol/records.ts';
import { dataTable } from '../data-table.ts';
import { element, setHidden } from '../dom.ts';
import { countText, numberText, shareText, wholeShareText } from '../format.ts';
import { differenceIn, intervalText, withUnit } from '../metric-text.ts';
import { strings } from '../strings.ts';
import { button } from '../toolkit.ts';
import type { Panel } from '../view.ts';

/** Experiments that tell whether the chosen pairs are worth matching, and what they said. */
export class AblationCard {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #answer = element('div');
  readonly #words = element('ul', { class: 'ablation-words' });
  readonly #actions: HTMLElement;
  #run = '';
  #pairs: readonly LayerPairNames[] = [];
  #known = '';

  constructor(panel: Panel) {
    this.#panel = panel;
    const write = button(strings.writeAblation, () => void this.#ask(false));
    const queue = button(strings.queueAblation, () => void this.#ask(true));
    this.#actions = element('div', { class: 'actions' }, write.element, queue.element);
    this.element = element(
      'section',
      { class: 'card' },
      element('h2', {}, strings.ablation),
      element('p', { class: 'note' }, strings.ablationHelp),
      this.#actions,
      this.#answer,
      this.#words,
    );
  }

  /** @param answer null: there are no such experiments yet */
  show(run: string, pairs: readonly LayerPairNames[], answer: AblationAnswer | null): void {
    this.#run = run;
    this.#pairs = pairs;
    setHidden(this.#actions, pairs.length === 0);
    const now = JSON.stringify(answer);
    if (now === this.#known) return;
    this.#known = now;
    setHidden(this.#answer, answer === null);
    setHidden(this.#words, answer === null);
    if (answer === null) return;
    this.#answer.replaceChildren(tableOf(answer));
    const told = answer.differences.filter(({ of, to }) => of === 'best' || to === 'none');
    const decided = told.filter(({ interval }) => interval !== null);
    const words =
      decided.length === 0 ? [strings.ablationWaiting] : decided.map((one) => wordsOf(one, answer.metric));
    this.#words.replaceChildren(...words.map((line) => element('li', {}, line)));
  }

  async #ask(queue: boolean): Promise<void> {
    await this.#panel.ask({ type: 'writeAblation', run: this.#run, pairs: this.#pairs, queue });
  }
}

function tableOf({ variants, differences, metric }: AblationAnswer): HTMLElement {
  const heads = [
    strings.ablationVariant,
    strings.ablationState,
    strings.seeds,
    metric.name === 'accuracy' ? strings.testAccuracy : strings.testValue(metric.name),
    strings.againstNone,
  ];
  const rows = variants.map(({ kind, file, status, seeds, value }) => {
    const difference = differences.find(({ of, to }) => of === kind && to === 'none');
    return [
      element('th', { attributes: { scope: 'row', title: file } }, strings.ablationKinds[kind]),
      status === null ? strings.notRun : strings.status[status],
      countText(seeds),
      value === null ? strings.dash : valueText(value, metric),
      difference === undefined ? strings.dash : changeText(difference, metric),
    ];
  });
  return dataTable(strings.ablation, heads, rows, { class: 'numbers ablation-table' });
}

/** A share in percent, images in dB, losses in nats. */
function valueText(value: number, { unit }: ComparedMetric): string {
  return unit === 'points' ? shareText(value) : withUnit(numberText(value), unit);
}

function changeText({ mean, interval, level }: AblationDifference, { unit }: ComparedMetric): string {
  const range =
    interval === null
      ? strings.ablationNoInterval
      : `${strings.interval(wholeShareText(level))} ${intervalText(interval, unit)}`;
  return strings.ablationDifference(withUnit(differenceIn(mean, unit), unit), range);
}

function wordsOf(difference: AblationDifference, metric: ComparedMetric): string {
  const { of, to, interval } = difference;
  const [low, high] = interval ?? [0, 0];
  const [above, below] =
    metric.better === 'higher'
      ? [strings.ablationHelped, strings.ablationHurt]
      : [strings.ablationHurt, strings.ablationHelped];
  const say = low > 0 ? above : high < 0 ? below : strings.ablationOpen;
  return say(strings.ablationKinds[of], strings.ablationKinds[to], changeText(difference, metric));
}
