import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { element, setText } from '../dom.ts';
import { countText } from '../format.ts';
import { strings } from '../strings.ts';
import { choice } from '../toolkit.ts';
import type { Panel, View } from '../view.ts';
import { HeatMap } from './heat-map.ts';
import { PairTable } from './pair-table.ts';
import { bestForEachStudentLayer, measuredEpochs, rankPairs, similarityAt } from './pairs.ts';

const LATEST = 'latest';
const BEST_EACH = 'each';
const BEST_OF_ALL = 'all';

/** Which layers of teacher and student are alike, and which are worth matching. */
export class LayersView implements View {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #heat: HeatMap;
  readonly #pairs: PairTable;
  readonly #help = element('p', { class: 'note' });
  readonly #epoch = choice(strings.epoch, (epoch) => this.#choose(() => (this.#chosenEpoch = epoch)));
  readonly #ranking = choice(strings.rankBy, (ranking) =>
    this.#choose(() => (this.#chosenRanking = ranking)),
  );
  #chosenEpoch = LATEST;
  #chosenRanking = BEST_EACH;
  #content: PanelContent | null = null;

  constructor(panel: Panel) {
    this.#panel = panel;
    const insert = (teacher: string, student: string) => void this.#insert(teacher, student);
    this.#heat = new HeatMap(insert);
    this.#pairs = new PairTable(insert);
    this.element = element(
      'div',
      { class: 'cards layer-cards' },
      element(
        'section',
        { class: 'card' },
        element('div', { class: 'toolbar' }, element('h2', {}, strings.heatMap), this.#epoch.element),
        this.#help,
        this.#heat.element,
      ),
      element(
        'section',
        { class: 'card' },
        element('div', { class: 'toolbar' }, element('h2', {}, strings.rankedPairs), this.#ranking.element),
        this.#pairs.element,
      ),
    );
  }

  show(content: PanelContent): void {
    this.#content = content;
    const { seed } = this.#panel.choices;
    const records = content.similarity;
    const phase = records.some((record) => record.phase === 'student')
      ? 'student'
      : (records[0]?.phase ?? '');
    const epochs = measuredEpochs(records, phase, seed);
    const chosen = epochs.find((epoch) => String(epoch) === this.#chosenEpoch) ?? epochs[0];
    const table = chosen === undefined ? null : similarityAt(records, phase, seed, chosen);
    if (!table) return;
    this.#epoch.set(
      [
        { value: LATEST, label: strings.latestEpoch(countText((epochs[0] ?? 0) + 1)) },
        ...epochs.map((epoch) => ({ value: String(epoch), label: countText(epoch + 1) })),
      ],
      this.#chosenEpoch === LATEST ? LATEST : String(chosen),
    );
    this.#ranking.set(
      [
        { value: BEST_EACH, label: strings.bestPerStudent },
        { value: BEST_OF_ALL, label: strings.bestOfAll },
      ],
      this.#chosenRanking,
    );
    setText(this.#help, strings.heatMapHelp(countText(table.samples)));
    this.#heat.show(table);
    this.#pairs.show(this.#chosenRanking === BEST_EACH ? bestForEachStudentLayer(table) : rankPairs(table));
  }

  retheme(): void {
    this.#heat.retheme();
  }

  #choose(change: () => void): void {
    change();
    if (this.#content) this.show(this.#content);
  }

  async #insert(teacher: string, student: string): Promise<void> {
    const run = this.#content?.run.directory;
    if (run !== undefined) await this.#panel.ask({ type: 'insertPair', run, teacher, student });
  }
}
