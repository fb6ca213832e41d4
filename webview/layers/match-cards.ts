import {
  cellOf,
  crossings,
  DEFAULT_OPTIONS,
  describePairs,
  matchLayers,
  type MatchedPair,
  type MatchOptions,
} from '../../src/protocol/layer-matching/match-layers.ts';
import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { LayerMeeting, LayerPairNames } from '../../src/protocol/records.ts';
import { ChartCard } from '../chart-card.ts';
import { element, setHidden, setText } from '../dom.ts';
import { countText, similarityText, tickText } from '../format.ts';
import { SaveButtons, saveWith } from '../save.ts';
import { strings } from '../strings.ts';
import { button, choice } from '../toolkit.ts';
import type { Panel } from '../view.ts';
import { AblationCard } from './ablation-card.ts';
import { NetworkMap } from './network-map.ts';
import { pairLines } from './pair-curves.ts';
import { PairList } from './pair-list.ts';
import { forMatching, type SimilarityTable } from './pairs.ts';

type Order = 'kept' | 'shared' | 'free' | 'own';
const MOST_PAIRS = 8;

/** The pairs to match: chosen by assignment or by hand, listed, drawn between both networks, followed over training, inserted. */
export class MatchCards {
  readonly elements: readonly HTMLElement[];
  readonly #panel: Panel;
  readonly #onChange: () => void;
  readonly #help = element('p', { class: 'note' });
  readonly #list: PairList;
  readonly #map: NetworkMap;
  readonly #curves: ChartCard;
  readonly #ablation: AblationCard;
  readonly #order = choice(strings.choice, (order) => this.#change(() => this.#setOrder(order)));
  readonly #count = choice(strings.howMany, (count) => this.#change(() => this.#setCount(Number(count))));
  readonly #insertAll = button(strings.insertAll, () => void this.#insert(this.#pairs), 'primary');
  #options: MatchOptions = DEFAULT_OPTIONS;
  /** Chosen by hand; null: by assignment. */
  #own: readonly LayerPairNames[] | null = null;
  #pairs: readonly LayerPairNames[] = [];
  #run = '';
  #meeting: LayerMeeting | null = null;

  /** @param onChange other pairs are chosen now */
  constructor(panel: Panel, onChange: () => void) {
    this.#panel = panel;
    this.#onChange = onChange;
    this.#list = new PairList({
      insert: (pair) => void this.#insert([pair]),
      remove: (pair) => this.toggle(pair),
    });
    this.#map = new NetworkMap((pair) => this.toggle(pair));
    this.#curves = new ChartCard(
      element('h2', {}, strings.pairsOverTraining),
      (text) => panel.say(text),
      saveWith(panel),
    );
    this.#ablation = new AblationCard(panel);
    const toolbar = element(
      'div',
      { class: 'toolbar' },
      element('h2', {}, strings.pairsToMatch),
      this.#order.element,
      this.#count.element,
      this.#insertAll.element,
    );
    this.elements = [
      element('section', { class: 'card' }, toolbar, this.#help, this.#list.element),
      element(
        'section',
        { class: 'card' },
        element('h2', {}, strings.networks),
        element('p', { class: 'note' }, strings.networksHelp),
        this.#map.element,
        new SaveButtons(saveWith(panel), () => this.#map.saved).element,
      ),
      this.#curves.element,
      this.#ablation.element,
    ];
  }

  /** The pairs that are chosen now. */
  get chosen(): readonly LayerPairNames[] {
    return this.#pairs;
  }

  show(content: PanelContent, meeting: LayerMeeting, table: SimilarityTable): void {
    if (content.run.directory !== this.#run) this.#own = null;
    this.#run = content.run.directory;
    this.#meeting = meeting;
    const found = this.#found(meeting, table);
    this.#pairs = found.map(({ teacher, student }) => ({ teacher: teacher.name, student: student.name }));
    this.#showChoices();
    setText(this.#help, strings.pairsToMatchHelp(meeting.method));
    setHidden(this.#insertAll.element, found.length === 0);
    this.#list.show(found, this.#warnings(meeting));
    this.#map.show(meeting, this.#pairs);
    this.#ablation.show(this.#run, this.#pairs, this.#panel.ablationOf(this.#run));
    this.#curves.show({
      title: strings.pairsOverTraining,
      lines: pairLines(
        content.similarity,
        meeting.phase,
        this.#panel.choices.seed,
        table.measure,
        this.#pairs,
      ),
      references: [],
      isLogarithmic: false,
      xLabel: strings.epoch,
      xText: countText,
      yText: similarityText,
      tickText,
      highest: 1,
      pointTitle: (epoch) => `${strings.epoch} ${countText(epoch)}`,
    });
  }

  /** Chooses a pair, or takes it back. */
  toggle(pair: LayerPairNames): void {
    const meeting = this.#meeting;
    if (meeting === null) return;
    const name = strings.pairName(pair.teacher, pair.student);
    const rest = this.#pairs.filter((one) => !isSame(one, pair));
    const isNew = rest.length === this.#pairs.length;
    const cell = cellOf(meeting, pair);
    if (isNew && (cell === null || (meeting.adapters[cell.row]?.[cell.column] ?? null) === null)) {
      this.#panel.say(strings.cannotMatch(meeting.method, name));
      return;
    }
    this.#panel.say(isNew ? strings.pairChosen(name) : strings.pairTakenBack(name));
    this.#change(() => (this.#own = isNew ? [...this.#pairs, pair] : rest));
  }

  retheme(): void {
    this.#curves.retheme();
  }

  #found(meeting: LayerMeeting, table: SimilarityTable): readonly MatchedPair[] {
    const numbers = forMatching(table);
    if (this.#own === null) return matchLayers(meeting, numbers, this.#options);
    return describePairs(
      meeting,
      numbers,
      this.#own.flatMap((pair) => cellOf(meeting, pair) ?? []),
      this.#options,
    );
  }

  #warnings(meeting: LayerMeeting): readonly string[] {
    const name = ({ row, column }: { readonly row: number; readonly column: number }) =>
      strings.pairName(meeting.teacher.layers[row]?.name ?? '', meeting.student.layers[column]?.name ?? '');
    const cells = this.#pairs.flatMap((pair) => cellOf(meeting, pair) ?? []);
    return crossings(cells).map(([one, other]) => strings.crossing(name(one), name(other)));
  }

  #showChoices(): void {
    const orders: readonly Order[] =
      this.#own === null ? ['kept', 'shared', 'free'] : ['own', 'kept', 'shared', 'free'];
    const order: Order = this.#own !== null ? 'own' : this.#options.shared ? 'shared' : this.#options.order;
    this.#order.set(
      orders.map((one) => ({ value: one, label: strings.orders[one] })),
      order,
    );
    const counts = Array.from({ length: MOST_PAIRS }, (_, index) => index + 1);
    this.#count.set(
      counts.map((count) => ({ value: String(count), label: countText(count) })),
      String(this.#options.pairs),
    );
  }

  #setOrder(order: string): void {
    if (order === 'own') return;
    this.#own = null;
    this.#options = {
      ...this.#options,
      order: order === 'free' ? 'free' : 'kept',
      shared: order === 'shared',
    };
  }

  #setCount(pairs: number): void {
    this.#own = null;
    this.#options = { ...this.#options, pairs };
  }

  #change(change: () => void): void {
    change();
    this.#onChange();
  }

  async #insert(pairs: readonly LayerPairNames[]): Promise<void> {
    const [first] = pairs;
    if (first === undefined) return;
    if (pairs.length === 1) await this.#panel.ask({ type: 'insertPair', run: this.#run, ...first });
    else await this.#panel.ask({ type: 'insertPairs', run: this.#run, pairs });
  }
}

function isSame(one: LayerPairNames, other: LayerPairNames): boolean {
  return one.teacher === other.teacher && one.student === other.student;
}
