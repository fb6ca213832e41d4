import type { PanelContent } from '../../src/protocol/panel-content.ts';
import {
  SIMILARITY_MEASURES,
  type LayerMeeting,
  type SimilarityMeasure,
} from '../../src/protocol/records.ts';
import { element, setHidden, setText } from '../dom.ts';
import { countText, numberText, shareText } from '../format.ts';
import { SaveButtons, saveWith } from '../save.ts';
import { strings } from '../strings.ts';
import { choice } from '../toolkit.ts';
import type { Panel, View } from '../view.ts';
import { HeatMap } from './heat-map.ts';
import { MatchCards } from './match-cards.ts';
import { PairTable } from './pair-table.ts';
import {
  alignedTo,
  bestForEachStudentLayer,
  keptTable,
  measuredEpochs,
  rankPairs,
  similarityAt,
  type SimilarityTable,
} from './pairs.ts';

const LATEST = 'latest';
const KEPT = 'kept';
const BEST_EACH = 'each';
const BEST_OF_ALL = 'all';

/** Which layers of teacher and student are alike, and which are worth matching. */
export class LayersView implements View {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #heat: HeatMap;
  readonly #match: MatchCards;
  readonly #help = element('p', { class: 'note' });
  readonly #cost = element('p', { class: 'note' });
  readonly #epoch = choice(strings.epoch, (epoch) => this.#choose(() => (this.#chosenEpoch = epoch)));
  readonly #measure = choice(strings.measure, (measure) =>
    this.#choose(() => (this.#chosenMeasure = measureOf(measure))),
  );
  /** For runs that do not tell what their layers are. */
  readonly #alone: { readonly element: HTMLElement; readonly pairs: PairTable };
  readonly #ranking = choice(strings.rankBy, (ranking) =>
    this.#choose(() => (this.#chosenRanking = ranking)),
  );
  #chosenEpoch = LATEST;
  #chosenMeasure: SimilarityMeasure = 'linearCka';
  #chosenRanking = BEST_EACH;
  #content: PanelContent | null = null;

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#match = new MatchCards(panel, () => this.#choose(() => undefined));
    this.#heat = new HeatMap({
      insert: (pair) => void this.#insert(pair.teacher, pair.student),
      toggle: (pair) => this.#match.toggle(pair),
    });
    const pairs = new PairTable((teacher, student) => void this.#insert(teacher, student));
    this.#alone = {
      pairs,
      element: element(
        'section',
        { class: 'card' },
        element('div', { class: 'toolbar' }, element('h2', {}, strings.rankedPairs), this.#ranking.element),
        pairs.element,
      ),
    };
    this.element = element(
      'div',
      { class: 'cards layer-cards' },
      element(
        'section',
        { class: 'card' },
        element(
          'div',
          { class: 'toolbar' },
          element('h2', {}, strings.heatMap),
          this.#measure.element,
          this.#epoch.element,
        ),
        this.#help,
        this.#heat.element,
        new SaveButtons(saveWith(panel), () => this.#heat.saved).element,
        this.#cost,
      ),
      this.#alone.element,
      ...this.#match.elements,
    );
  }

  show(content: PanelContent): void {
    this.#content = content;
    const records = content.similarity;
    const phase = records.some((record) => record.phase === 'student')
      ? 'student'
      : (records[0]?.phase ?? '');
    const meeting = content.layers?.meetings.find((one) => one.phase === phase) ?? null;
    const found = this.#table(content, phase, meeting);
    if (found === null) return;
    const table = meeting === null ? found : alignedTo(meeting, found);
    this.#showHelp(table, meeting);
    for (const card of this.#match.elements) setHidden(card, meeting === null);
    setHidden(this.#alone.element, meeting !== null);
    if (meeting === null) {
      this.#heat.show(table, null);
      this.#alone.pairs.show(
        this.#chosenRanking === BEST_EACH ? bestForEachStudentLayer(table) : rankPairs(table),
      );
    } else {
      this.#match.show(content, meeting, table);
      this.#heat.show(table, this.#match.chosen);
    }
  }

  retheme(): void {
    this.#heat.retheme();
    this.#match.retheme();
  }

  /** The table that is asked for, and what else there is to ask for. */
  #table(content: PanelContent, phase: string, meeting: LayerMeeting | null): SimilarityTable | null {
    const { seed } = this.#panel.choices;
    const records = content.similarity;
    const epochs = measuredEpochs(records, phase, seed);
    const measures = SIMILARITY_MEASURES.filter((one) => records.some(({ measure }) => measure === one));
    const measure = measures.find((one) => one === this.#chosenMeasure) ?? measures[0] ?? 'linearCka';
    const kept = meeting === null ? null : keptTable(meeting, measure);
    const wantsKept = this.#chosenEpoch === KEPT && kept !== null;
    const chosen = epochs.find((epoch) => String(epoch) === this.#chosenEpoch) ?? epochs[0];
    this.#measure.set(
      measures.map((one) => ({ value: one, label: strings.measures[one] })),
      measure,
    );
    this.#epoch.set(
      [
        { value: LATEST, label: strings.latestEpoch(countText((epochs[0] ?? 0) + 1)) },
        ...(kept === null ? [] : [{ value: KEPT, label: strings.keptWeights }]),
        ...epochs.map((epoch) => ({ value: String(epoch), label: countText(epoch + 1) })),
      ],
      wantsKept ? KEPT : this.#chosenEpoch === LATEST ? LATEST : String(chosen),
    );
    this.#ranking.set(
      [
        { value: BEST_EACH, label: strings.bestPerStudent },
        { value: BEST_OF_ALL, label: strings.bestOfAll },
      ],
      this.#chosenRanking,
    );
    if (wantsKept) return kept;
    return chosen === undefined ? null : similarityAt(records, phase, seed, chosen, measure);
  }

  #showHelp({ measure, samples, batches }: SimilarityTable, meeting: LayerMeeting | null): void {
    const probe =
      batches === null
        ? strings.heatMapBiased(countText(samples))
        : strings.heatMapHelp(countText(samples), countText(batches));
    setText(this.#help, `${strings.measureHelp[measure]} ${probe}`);
    const cost = meeting?.cost;
    setHidden(this.#cost, cost === undefined);
    if (cost === undefined) return;
    const seconds = numberText(Number((cost.milliseconds / 1000).toPrecision(2)));
    setText(this.#cost, strings.compareCost(countText(cost.comparisons), seconds, shareText(cost.share)));
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

function measureOf(value: string): SimilarityMeasure {
  return SIMILARITY_MEASURES.find((one) => one === value) ?? 'linearCka';
}
