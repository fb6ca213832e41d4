import { savedBars, type Bars } from '../chart/bars.ts';
import { element } from '../dom.ts';
import { countText, numberText, pointsText, shareText } from '../format.ts';
import { SaveButtons, type Save } from '../save.ts';
import { strings } from '../strings.ts';
import { button } from '../toolkit.ts';
import type { ClassGap } from './gap-data.ts';

/** With more classes than these the rest waits behind a button. */
const FEW_CLASSES = 20;

/** Classes as bars: the teacher's accuracy, the student's, and what lies between. */
export class ClassTable {
  readonly element = element('div', { class: 'card table-scroll' });
  readonly #onChoose: (name: string) => void;
  readonly #files: HTMLElement;
  #classes: readonly ClassGap[] = [];
  #showsAll = false;
  #known = '';

  constructor(onChoose: (name: string) => void, save: Save) {
    this.#onChoose = onChoose;
    this.#files = new SaveButtons(save, () => savedBars(barsOf(this.#classes))).element;
  }

  show(classes: readonly ClassGap[], chosen: string | null): void {
    const now = JSON.stringify([classes, chosen, this.#showsAll]);
    if (now === this.#known) return;
    this.#known = now;
    this.#classes = classes;
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['class'] : undefined;
    const shown = this.#showsAll ? classes : classes.slice(0, FEW_CLASSES);
    const widest = Math.max(
      0.01,
      ...classes.map((row) => Math.abs(row.studentAccuracy - row.teacherAccuracy)),
    );
    const heads = [
      strings.className,
      strings.difference,
      strings.teacher,
      strings.student,
      strings.agreementShort,
      strings.klShort,
      strings.samples,
    ];
    const table = element(
      'table',
      { class: 'numbers class-table' },
      element('caption', { class: 'spoken' }, `${strings.perClass}. ${strings.perClassHelp}`),
      element(
        'thead',
        {},
        element('tr', {}, ...heads.map((head) => element('th', { attributes: { scope: 'col' } }, head))),
      ),
      element('tbody', {}, ...shown.map((row) => this.#row(row, row.name === chosen, widest))),
    );
    const more = button(
      this.#showsAll ? strings.showFewer : strings.showAll(countText(classes.length)),
      () => {
        this.#showsAll = !this.#showsAll;
        this.show(classes, chosen);
      },
    );
    this.element.replaceChildren(table, ...(classes.length > FEW_CLASSES ? [more.element] : []), this.#files);
    if (focused !== undefined) {
      [...this.element.querySelectorAll('button')].find((one) => one.dataset['class'] === focused)?.focus();
    }
  }

  #row(row: ClassGap, isChosen: boolean, widest: number): HTMLElement {
    const difference = row.studentAccuracy - row.teacherAccuracy;
    const name = element(
      'button',
      {
        class: 'row-button',
        attributes: { type: 'button', 'aria-pressed': isChosen ? 'true' : 'false' },
        on: { click: () => this.#onChoose(row.name) },
      },
      row.name,
    );
    name.dataset['class'] = row.name;
    return element(
      'tr',
      { class: isChosen ? 'chosen' : '' },
      element('th', { attributes: { scope: 'row' } }, name),
      element(
        'td',
        { class: 'bar-cell' },
        differenceBar(difference / widest),
        element('span', { class: 'bar-number' }, pointsText(difference * 100)),
      ),
      element('td', {}, shareText(row.teacherAccuracy)),
      element('td', {}, shareText(row.studentAccuracy)),
      element('td', {}, Number.isNaN(row.agreement) ? '' : shareText(row.agreement)),
      element('td', {}, numberText(row.kl)),
      element('td', {}, countText(row.count)),
    );
  }
}

/** Of all classes, in points. */
function barsOf(classes: readonly ClassGap[]): Bars {
  return {
    title: strings.perClass,
    rows: classes.map(({ name, studentAccuracy, teacherAccuracy }) => ({
      name,
      value: (studentAccuracy - teacherAccuracy) * 100,
    })),
    text: (value) => pointsText(value),
    colors: { below: 'orange', above: 'blue' },
    table: [
      ['class', 'teacherAccuracy', 'studentAccuracy', 'agreement', 'kl', 'samples'],
      ...classes.map((one) => [
        ...[one.name, one.teacherAccuracy, one.studentAccuracy, one.agreement, one.kl, one.count],
      ]),
    ],
  };
}

/** A bar from the middle: to the left where the student is behind, to the right where it is ahead. */
function differenceBar(share: number): HTMLElement {
  const bar = element('span', {
    class: share < 0 ? 'bar behind' : 'bar ahead',
    attributes: { 'aria-hidden': 'true' },
  });
  bar.style.setProperty('--share', String(Math.min(1, Math.abs(share))));
  return element('span', { class: 'bar-track' }, bar);
}
