import type { MatchedPair } from '../../src/protocol/layer-matching/match-layers.ts';
import { reasonText } from '../../src/protocol/layer-matching/reason-text.ts';
import type { LayerPairNames } from '../../src/protocol/records.ts';
import { element, setHidden } from '../dom.ts';
import { compactText, countText, similarityText } from '../format.ts';
import { strings } from '../strings.ts';
import { button } from '../toolkit.ts';

export interface PairActions {
  readonly insert: (pair: LayerPairNames) => void;
  readonly remove: (pair: LayerPairNames) => void;
}

/** The chosen pairs with all that speaks for and against them, and what is wrong with them together. */
export class PairList {
  readonly element: HTMLElement;
  readonly #actions: PairActions;
  readonly #list = element('ol', { class: 'pair-list' });
  readonly #none = element('p', { class: 'note' }, strings.noPairs);
  readonly #warnings = element('ul', { class: 'pair-warnings' });
  #known = '';

  constructor(actions: PairActions) {
    this.#actions = actions;
    this.element = element('div', {}, this.#list, this.#none, this.#warnings);
  }

  show(pairs: readonly MatchedPair[], warnings: readonly string[]): void {
    const now = JSON.stringify([pairs, warnings]);
    if (now === this.#known) return;
    this.#known = now;
    const rows = [...this.#list.children];
    const focused = rows.findIndex((row) => row.contains(document.activeElement));
    setHidden(this.#none, pairs.length > 0);
    setHidden(this.#warnings, warnings.length === 0);
    this.#list.replaceChildren(...pairs.map((pair) => this.#row(pair)));
    this.#warnings.replaceChildren(...warnings.map((warning) => element('li', {}, warning)));
    if (focused !== -1) {
      const next = this.#list.children[Math.min(focused, pairs.length - 1)];
      next?.querySelector<HTMLElement>('vscode-button')?.focus();
    }
  }

  #row(pair: MatchedPair): HTMLElement {
    const { teacher, student, similarity, error, adapter, multiplyAddsPerStep } = pair;
    const names = { teacher: teacher.name, student: student.name };
    const value = similarityText(similarity);
    const { kernels, parameters } = adapter;
    const insert = button(
      strings.insert,
      () => this.#actions.insert(names),
      'secondary',
      strings.insertPair(names.teacher, names.student),
    );
    const remove = button(
      strings.remove,
      () => this.#actions.remove(names),
      'secondary',
      strings.removePair(names.teacher, names.student),
    );
    const bar = element('span', { class: 'bar ahead', attributes: { 'aria-hidden': 'true' } });
    bar.style.setProperty('--share', String(Math.min(1, Math.max(0, similarity))));
    return element(
      'li',
      { class: 'pair' },
      element(
        'div',
        { class: 'pair-head' },
        element('strong', { class: 'layer' }, strings.pairName(names.teacher, names.student)),
        element('span', { class: 'bar-track from-start' }, bar),
        element(
          'span',
          { class: 'bar-number' },
          error === null ? value : strings.withError(value, similarityText(error)),
        ),
      ),
      element(
        'p',
        { class: 'note' },
        `${strings.shapes(shapeText(teacher.shape), shapeText(student.shape))}; `,
        kernels.length === 0
          ? strings.noAdapter
          : strings.adapter(kernels.join(', '), countText(parameters), compactText(multiplyAddsPerStep)),
      ),
      element('p', { class: 'note' }, reasonText(pair, strings.pairReason, similarityText)),
      element('div', { class: 'actions' }, insert.element, remove.element),
    );
  }
}

/** `14 × 14 × 32` */
export function shapeText(shape: readonly number[]): string {
  return shape.map(countText).join(' × ');
}
