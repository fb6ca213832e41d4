import type { GapReport } from '../../src/protocol/gap-report.ts';
import { element, setHidden } from '../dom.ts';
import { countText, pointsText, shareText } from '../format.ts';
import { SaveButtons, type Save } from '../save.ts';
import { choice } from '../toolkit.ts';
import { foldedTable, MOST_CELLS } from './cell-table.ts';
import { MatrixPicture, type MatrixContent } from './matrix.ts';
import { gapStrings as strings } from './strings.ts';

type Shown = 'teacher' | 'student' | 'difference';
const SHOWN: readonly Shown[] = ['difference', 'teacher', 'student'];
const POINTS = 100;

/** Confusion of the teacher, of the student, and what the student does otherwise. */
export class ConfusionCard {
  readonly element: HTMLElement;
  readonly #matrix: MatrixPicture;
  readonly #choice = choice(strings.shownMatrix, (value) => this.#choose(value as Shown));
  readonly #body = element('div', { class: 'stack' });
  readonly #files: HTMLElement;
  #shown: Shown = 'difference';
  #report: GapReport | null = null;

  constructor(say: (text: string) => void, save: Save) {
    this.#matrix = new MatrixPicture(say);
    this.#files = new SaveButtons(save, () => this.#matrix.saved).element;
    this.element = element(
      'section',
      { class: 'card' },
      element('div', { class: 'toolbar' }, element('h3', {}, strings.confusion), this.#choice.element),
      element('p', { class: 'note' }, strings.confusionHelp),
      this.#body,
      this.#files,
    );
  }

  show(report: GapReport): void {
    this.#report = report;
    this.#choice.set(
      SHOWN.map((value) => ({ value, label: strings.confusionOf[value] })),
      this.#shown,
    );
    setHidden(this.#files, report.confusion === null);
    if (report.confusion === null) {
      this.#body.replaceChildren(element('p', {}, strings.noMatrix));
      return;
    }
    const cells = cellsOf(report.classes, report.confusion);
    if (!this.#body.contains(this.#matrix.element))
      this.#body.replaceChildren(this.#matrix.element, element('div'));
    this.#body.lastElementChild?.replaceWith(mistakes(report.classes, cells));
    this.#matrix.show(this.#content(report.classes, cells));
  }

  retheme(): void {
    this.#matrix.retheme();
  }

  #choose(shown: Shown): void {
    this.#shown = shown;
    if (this.#report) this.show(this.#report);
  }

  #content(classes: readonly string[], cells: Cells): MatrixContent {
    const { shareOf, countOf } = cells;
    return {
      title: `${strings.confusion}, ${strings.confusionOf[this.#shown]}`,
      rows: classes,
      columns: classes,
      shade: (i, j) =>
        this.#shown === 'difference'
          ? // Small shifts are what there is to see.
            Math.sign(shareOf('student', i, j) - shareOf('teacher', i, j)) *
            Math.sqrt(Math.abs(shareOf('student', i, j) - shareOf('teacher', i, j)))
          : shareOf(this.#shown, i, j),
      value: (i, j) =>
        this.#shown === 'difference'
          ? shareOf('student', i, j) - shareOf('teacher', i, j)
          : cells.numberOf(this.#shown, i, j),
      text: (i, j) =>
        strings.confusionCell(
          classes[i] ?? '',
          classes[j] ?? '',
          countOf('teacher', i, j),
          countOf('student', i, j),
        ),
    };
  }
}

interface Cells {
  /** Share of the samples of class i that are named j. */
  readonly shareOf: (who: 'teacher' | 'student', i: number, j: number) => number;
  /** How many they are. */
  readonly numberOf: (who: 'teacher' | 'student', i: number, j: number) => number;
  /** The same in words. */
  readonly countOf: (who: 'teacher' | 'student', i: number, j: number) => string;
}

function cellsOf(classes: readonly string[], confusion: NonNullable<GapReport['confusion']>): Cells {
  const totals = classes.map((_, i) => (confusion.teacher[i] ?? []).reduce((sum, count) => sum + count, 0));
  const numberOf: Cells['numberOf'] = (who, i, j) => confusion[who][i]?.[j] ?? 0;
  const shareOf: Cells['shareOf'] = (who, i, j) => numberOf(who, i, j) / Math.max(1, totals[i] ?? 0);
  const countOf: Cells['countOf'] = (who, i, j) =>
    strings.countOf(countText(numberOf(who, i, j)), countText(totals[i] ?? 0), shareText(shareOf(who, i, j)));
  return { shareOf, numberOf, countOf };
}

/** Where the student errs otherwise than the teacher, the widest difference first. */
function mistakes(classes: readonly string[], { shareOf, countOf }: Cells): HTMLElement {
  const rows = classes
    .flatMap((_, i) =>
      classes.map((_name, j) => ({ i, j, apart: shareOf('student', i, j) - shareOf('teacher', i, j) })),
    )
    .filter(({ apart }) => apart !== 0)
    .sort((a, b) => Math.abs(b.apart) - Math.abs(a.apart))
    .slice(0, MOST_CELLS);
  return foldedTable(
    strings.largestMistakes,
    [strings.trueClass, strings.namedClass, strings.teacher, strings.studentValue, strings.gap],
    rows.map(({ i, j, apart }) => [
      classes[i] ?? '',
      classes[j] ?? '',
      countOf('teacher', i, j),
      countOf('student', i, j),
      pointsText(apart * POINTS),
    ]),
  );
}
