import { element } from '../dom.ts';
import { countText, similarityText } from '../format.ts';
import { strings } from '../strings.ts';
import { button } from '../toolkit.ts';
import type { RankedPair } from './pairs.ts';

const MOST_PAIRS = 20;

/** Pairs of layers, most similar first, each with a button that writes it into the experiment. */
export class PairTable {
  readonly element = element('div', { class: 'table-scroll' });
  readonly #onInsert: (teacher: string, student: string) => void;
  #known = '';

  constructor(onInsert: (teacher: string, student: string) => void) {
    this.#onInsert = onInsert;
  }

  show(pairs: readonly RankedPair[]): void {
    const shown = pairs.slice(0, MOST_PAIRS);
    const now = JSON.stringify(shown);
    if (now === this.#known) return;
    this.#known = now;
    const focused = [...this.element.querySelectorAll('tbody tr')].findIndex((row) =>
      row.contains(document.activeElement),
    );
    const heads = [strings.rank, strings.teacher, strings.student, strings.similarity];
    this.element.replaceChildren(
      element(
        'table',
        { class: 'pairs' },
        element('caption', { class: 'spoken' }, strings.rankedPairs),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...heads.map((head) => element('th', { attributes: { scope: 'col' } }, head)),
            element('td', {}, element('span', { class: 'spoken' }, strings.action)),
          ),
        ),
        element('tbody', {}, ...shown.map((pair, index) => this.#row(pair, index))),
      ),
    );
    if (focused !== -1) this.element.querySelectorAll<HTMLElement>('tbody vscode-button')[focused]?.focus();
  }

  #row({ teacher, student, value }: RankedPair, index: number): HTMLElement {
    const spoken = strings.insertPair(teacher, student);
    const insert = button(strings.insert, () => this.#onInsert(teacher, student), 'secondary', spoken);
    const bar = element('span', { class: 'bar ahead', attributes: { 'aria-hidden': 'true' } });
    bar.style.setProperty('--share', String(Math.min(1, Math.max(0, value))));
    return element(
      'tr',
      {},
      element('td', { class: 'rank' }, countText(index + 1)),
      element('td', { class: 'layer' }, ...breakable(teacher)),
      element('td', { class: 'layer' }, ...breakable(student)),
      element(
        'td',
        { class: 'bar-cell' },
        element('span', { class: 'bar-track from-start' }, bar),
        element('span', { class: 'bar-number' }, similarityText(value)),
      ),
      element('td', {}, insert.element),
    );
  }
}

/** A layer path may be broken after its dots. */
function breakable(path: string): (string | HTMLElement)[] {
  return path.split(/(?<=\.)/u).flatMap((part, index) => (index === 0 ? [part] : [element('wbr'), part]));
}
