import type { GapReport } from '../../src/protocol/gap-report.ts';
import { fromJsonNumber } from '../../src/protocol/panel-content.ts';
import { element, setText } from '../dom.ts';
import { countText, numberText } from '../format.ts';
import { SaveButtons, type Save } from '../save.ts';
import { choice } from '../toolkit.ts';
import { foldedTable, MOST_CELLS } from './cell-table.ts';
import { MatrixPicture } from './matrix.ts';
import { gapStrings as strings } from './strings.ts';

type By = 'class' | 'sample';

interface Differences {
  /** Short names of the rows, and in full. */
  readonly rows: readonly { readonly name: string; readonly full: string }[];
  readonly values: readonly (readonly number[])[];
}

/** How far the logits of both are apart: by class, or sample by sample. */
export class OutputsCard {
  readonly element: HTMLElement;
  readonly #matrix: MatrixPicture;
  readonly #choice = choice(strings.shownMatrix, (value) => this.#choose(value as By));
  readonly #help = element('p', { class: 'note' });
  readonly #body = element('div', { class: 'stack' });
  #by: By = 'class';
  #report: GapReport | null = null;

  constructor(say: (text: string) => void, save: Save) {
    this.#matrix = new MatrixPicture(say);
    this.element = element(
      'section',
      { class: 'card' },
      element('div', { class: 'toolbar' }, element('h3', {}, strings.outputs), this.#choice.element),
      this.#help,
      this.#body,
      new SaveButtons(save, () => this.#matrix.saved).element,
    );
  }

  show(report: GapReport): void {
    this.#report = report;
    const offered: readonly By[] = report.outputDifference === null ? ['sample'] : ['class', 'sample'];
    if (!offered.includes(this.#by)) this.#by = 'sample';
    this.#choice.set(
      offered.map((value) => ({ value, label: strings.outputsBy[value] })),
      this.#by,
    );
    setText(this.#help, this.#by === 'class' ? strings.outputsHelp : strings.outputsSampleHelp);
    const { rows, values } = this.#by === 'class' ? byClass(report) : bySample(report);
    const { classes } = report;
    const text = (i: number, k: number) =>
      strings.outputCell(rows[i]?.full ?? '', classes[k] ?? '', numberText(values[i]?.[k] ?? Number.NaN));
    const most = Math.max(
      Number.MIN_VALUE,
      ...values.map((row) => row.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, b) : a), 0)),
    );
    if (!this.#body.contains(this.#matrix.element))
      this.#body.replaceChildren(this.#matrix.element, element('div'));
    this.#body.lastElementChild?.replaceWith(table(rows, values, classes));
    this.#matrix.show({
      title: `${strings.outputs}, ${strings.outputsBy[this.#by]}`,
      rows: rows.map(({ name }) => name),
      columns: classes,
      value: (i, k) => values[i]?.[k] ?? Number.NaN,
      shade: (i, k) => (values[i]?.[k] ?? 0) / most,
      text,
    });
  }

  retheme(): void {
    this.#matrix.retheme();
  }

  #choose(by: By): void {
    this.#by = by;
    if (this.#report) this.show(this.#report);
  }
}

function byClass({ classes, outputDifference }: GapReport): Differences {
  return {
    rows: classes.map((name) => ({ name, full: strings.ofClass(name) })),
    values: (outputDifference ?? []).map((row) => row.map(fromJsonNumber)),
  };
}

function bySample({ classes, shown }: GapReport): Differences {
  return {
    rows: shown.map(({ index, label }) => ({
      name: classes[label] ?? '',
      full: strings.ofSample(countText(index), classes[label] ?? ''),
    })),
    values: shown.map(({ teacher, student }) =>
      student.map((value, k) => Math.abs(fromJsonNumber(value) - fromJsonNumber(teacher[k] ?? 'NaN'))),
    ),
  };
}

function table(
  rows: Differences['rows'],
  values: Differences['values'],
  classes: readonly string[],
): HTMLElement {
  const cells = rows
    .flatMap(({ full }, i) => classes.map((name, k) => ({ full, name, value: values[i]?.[k] ?? Number.NaN })))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST_CELLS);
  return foldedTable(
    strings.largestCells,
    [strings.sample, strings.logit, strings.value],
    cells.map(({ full, name, value }) => [full, name, numberText(value)]),
  );
}
