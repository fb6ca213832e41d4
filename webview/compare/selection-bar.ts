import type { CompareRequest, RunTableRow } from '../../src/protocol/panel-compare.ts';
import { element, setHidden, setText } from '../dom.ts';
import { countText } from '../format.ts';
import { button, choice, type ButtonControl } from '../toolkit.ts';
import { BASELINE, type CompareChoices } from './choices.ts';
import { LabelEditor } from './label-editor.ts';
import { compareStrings } from './strings.ts';

/** Metrics of the test split; what a run has not measured is refused in words. Empty: the one that the weights were chosen by. */
const METRICS = [
  '',
  'accuracy',
  'balancedAccuracy',
  'macroF1',
  'quadraticKappa',
  'calibrationError',
  'psnr',
  'ssim',
  'loss',
] as const;

interface SelectionEvents {
  readonly choose: (change: Partial<CompareChoices>) => void;
  readonly chooseShown: () => void;
  readonly compare: () => void;
  readonly ask: (request: CompareRequest) => void;
}

/** What can be done with the runs that are chosen in the table. */
export class SelectionBar {
  readonly element: HTMLElement;
  readonly #count = element('span', { class: 'note' });
  readonly #metric;
  readonly #reference;
  readonly #labels: LabelEditor;
  readonly #buttons: readonly {
    readonly control: ButtonControl;
    readonly isFor: (count: number) => boolean;
  }[];
  readonly #star: ButtonControl;
  readonly #archive: ButtonControl;
  #rows: readonly RunTableRow[] = [];

  constructor({ choose, chooseShown, compare, ask }: SelectionEvents) {
    const directories = () => this.#rows.map(({ directory }) => directory);
    const label = (key: 'starred' | 'archived') => () =>
      ask({ type: 'label', runs: directories(), change: { [key]: !this.#allAre(key) } });
    this.#metric = choice(compareStrings.metric, (metric) => choose({ metric }));
    this.#reference = choice(compareStrings.reference, (reference) => choose({ reference }));
    const edit = button(compareStrings.labels, () => this.#labels.open(this.#rows));
    this.#labels = new LabelEditor(
      (change) => ask({ type: 'label', runs: directories(), change }),
      () => edit.element.focus(),
    );
    this.#star = button(compareStrings.starChosen, label('starred'));
    this.#archive = button(compareStrings.archive, label('archived'));
    const some = (count: number) => count > 0;
    this.#buttons = [
      { control: button(compareStrings.compare, compare, 'primary'), isFor: some },
      {
        control: button(compareStrings.diff, () => ask({ type: 'diffConfigs', runs: directories() })),
        isFor: (count) => count === 2,
      },
      { control: this.#star, isFor: some },
      { control: edit, isFor: some },
      { control: this.#archive, isFor: some },
      {
        control: button(compareStrings.delete, () => ask({ type: 'deleteRuns', runs: directories() })),
        isFor: some,
      },
    ];
    this.element = element(
      'div',
      { class: 'stack tight', attributes: { role: 'group', 'aria-label': compareStrings.actions } },
      element(
        'div',
        { class: 'toolbar' },
        this.#count,
        element(
          'span',
          { class: 'actions' },
          button(compareStrings.chooseShown, chooseShown).element,
          button(compareStrings.chooseNone, () => choose({ chosen: [], reference: '' })).element,
        ),
        this.#metric.element,
        this.#reference.element,
      ),
      element('div', { class: 'actions' }, ...this.#buttons.map(({ control }) => control.element)),
      this.#labels.element,
    );
  }

  show(rows: readonly RunTableRow[], { metric, reference }: CompareChoices): void {
    this.#rows = rows;
    setText(
      this.#count,
      rows.length === 0 ? compareStrings.compareHelp : compareStrings.chosen(countText(rows.length)),
    );
    this.#metric.set(
      METRICS.map((value) => ({ value, label: value === '' ? compareStrings.metricOfRuns : value })),
      metric,
    );
    const [first] = rows;
    const offered = [
      ...rows.map(({ id, directory }) => ({ value: directory, label: id })),
      { value: BASELINE, label: compareStrings.baselineOf },
    ];
    const isOffered = offered.some(({ value }) => value === reference);
    this.#reference.set(offered, isOffered ? reference : (first?.directory ?? BASELINE));
    this.#star.element.textContent = this.#allAre('starred')
      ? compareStrings.unstarChosen
      : compareStrings.starChosen;
    this.#archive.element.textContent = this.#allAre('archived')
      ? compareStrings.unarchive
      : compareStrings.archive;
    for (const { control, isFor } of this.#buttons) control.enable(isFor(rows.length));
    setHidden(this.#reference.element, rows.length === 0);
    if (rows.length === 0) this.#labels.close();
  }

  #allAre(key: 'starred' | 'archived'): boolean {
    return this.#rows.length > 0 && this.#rows.every(({ labels }) => labels[key]);
  }
}
