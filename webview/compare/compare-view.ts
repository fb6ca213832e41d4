import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { CompareRequest, RunTableRow } from '../../src/protocol/panel-compare.ts';
import { element, setHidden } from '../dom.ts';
import { emptyState } from '../empty-state.ts';
import { saveWith } from '../save.ts';
import { button } from '../toolkit.ts';
import type { Panel, View } from '../view.ts';
import { arrange } from './arrange.ts';
import { BASELINE, type CompareChoices } from './choices.ts';
import { comparisonCards } from './comparison-cards.ts';
import { RunTable } from './run-table.ts';
import { SelectionBar } from './selection-bar.ts';
import { compareStrings } from './strings.ts';
import { TableToolbar } from './table-toolbar.ts';

/** The table of all runs, and what those that are chosen have to say beside one another. */
export class CompareView implements View {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #toolbar: TableToolbar;
  readonly #table: RunTable;
  readonly #selection: SelectionBar;
  readonly #waiting = element('p', { class: 'note' }, compareStrings.waiting);
  readonly #none = emptyState('h2', compareStrings.noneFits, compareStrings.filterHelp);
  readonly #actions: HTMLElement;
  readonly #result = element('div', { class: 'stack' });
  #known = '';
  /** A comparison that was in sight before the page was hidden is asked for once. */
  #isRestored = false;
  #rows: readonly RunTableRow[] = [];
  #shown: readonly RunTableRow[] = [];

  constructor(panel: Panel) {
    this.#panel = panel;
    const choose = (change: Partial<CompareChoices>) => this.#choose(change);
    this.#toolbar = new TableToolbar(choose);
    this.#table = new RunTable({
      onSort: (id) => this.#sortBy(id),
      onChoose: ({ directory }, isChosen) => {
        const others = this.#choices.chosen.filter((one) => one !== directory);
        this.#choose({ chosen: isChosen ? [...others, directory] : others });
      },
      onStar: ({ directory, labels }) =>
        this.#ask({ type: 'label', runs: [directory], change: { starred: !labels.starred } }),
      onOpen: ({ directory }) => void panel.ask({ type: 'selectRun', run: directory }),
    });
    this.#selection = new SelectionBar({
      choose,
      chooseShown: () => this.#choose({ chosen: this.#shown.map(({ directory }) => directory) }),
      compare: () => this.#compare(),
      ask: (request) => this.#ask(request),
    });
    const report = (format: 'html' | 'md' | 'csv') => () =>
      this.#ask({ type: 'report', ...this.#asked(), format });
    this.#actions = element(
      'div',
      { class: 'actions' },
      button(compareStrings.reportHtml, report('html')).element,
      button(compareStrings.reportMarkdown, report('md')).element,
      button(compareStrings.csv, report('csv')).element,
    );
    this.element = element(
      'div',
      { class: 'stack' },
      this.#waiting,
      this.#toolbar.element,
      this.#selection.element,
      this.#none,
      this.#table.element,
      this.#result,
      this.#actions,
    );
  }

  show(content: PanelContent): void {
    const { table, comparison } = this.#panel.beside;
    setHidden(this.#waiting, table !== null);
    this.#rows = table ?? [];
    const groups = arrange(this.#rows, this.#choices);
    this.#shown = [...new Set(groups.flatMap(({ rows }) => rows))];
    this.#toolbar.show(this.#choices, this.#shown.length, this.#rows.length);
    this.#selection.show(this.#chosen(), this.#choices);
    this.#table.show(groups, this.#choices, content.run.directory);
    setHidden(this.#none, table === null || this.#shown.length > 0);
    setHidden(this.#table.element, this.#shown.length === 0);
    setHidden(this.#actions, comparison === null);
    if (table !== null && !this.#isRestored) {
      this.#isRestored = true;
      if (comparison === null && this.#choices.isCompared && this.#chosen().length > 0) this.#compare();
    }
    const now = JSON.stringify(comparison);
    if (now === this.#known) return;
    this.#known = now;
    this.#result.replaceChildren(
      ...(comparison === null ? [] : comparisonCards(comparison, saveWith(this.#panel))),
    );
  }

  retheme(): void {
    // Everything here is drawn by style sheets.
  }

  get #choices(): CompareChoices {
    return this.#panel.choices.compare;
  }

  #choose(change: Partial<CompareChoices>): void {
    this.#panel.choose({ compare: { ...this.#choices, ...change } });
  }

  #sortBy(id: string): void {
    const { sort, isDescending } = this.#choices;
    this.#choose(sort === id ? { isDescending: !isDescending } : { sort: id, isDescending: false });
  }

  /** In the order in which they were chosen; one that is gone is left out. */
  #chosen(): readonly RunTableRow[] {
    return this.#choices.chosen.flatMap((one) => this.#rows.find(({ directory }) => directory === one) ?? []);
  }

  /** What is compared: the reference first. */
  #asked(): { runs: readonly string[]; metric: string; toBaseline: boolean } {
    const { metric, reference } = this.#choices;
    const runs = this.#chosen().map(({ directory }) => directory);
    const toBaseline = reference === BASELINE || runs.length === 1;
    const first = runs.includes(reference) ? [reference] : [];
    return { runs: [...first, ...runs.filter((run) => !first.includes(run))], metric, toBaseline };
  }

  #compare(): void {
    this.#isRestored = true;
    if (!this.#choices.isCompared) this.#choose({ isCompared: true });
    this.#ask({ type: 'compare', ...this.#asked() });
  }

  #ask(request: CompareRequest): void {
    void this.#panel.ask(request);
  }
}
