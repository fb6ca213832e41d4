import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { element, setHidden } from '../dom.ts';
import type { Panel, View } from '../view.ts';
import { GatesCard } from './gates-card.ts';
import { newestGates, regionsOver } from './pictures-data.ts';
import { RegionsCard } from './regions-card.ts';

/** A view, and below it the pictures by which some systems explain themselves, where the run has any. */
export class WithPictures implements View {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #above: View;
  readonly #hasAbove: (content: PanelContent) => boolean;
  readonly #regions = new RegionsCard();
  readonly #gates = new GatesCard();

  /** @param hasAbove whether the view above has anything to show */
  constructor(panel: Panel, above: View, hasAbove: (content: PanelContent) => boolean) {
    this.#panel = panel;
    this.#above = above;
    this.#hasAbove = hasAbove;
    this.element = element(
      'div',
      { class: 'stack' },
      above.element,
      this.#gates.element,
      this.#regions.element,
    );
  }

  show(content: PanelContent): void {
    const { seed } = this.#panel.choices;
    const { pictures } = content;
    const has = this.#hasAbove(content);
    setHidden(this.#above.element, !has);
    if (has) this.#above.show(content);
    const [gates, regions] = [newestGates(pictures, seed), regionsOver(pictures, seed)];
    setHidden(this.#gates.element, gates.length === 0);
    if (gates.length > 0) this.#gates.show(gates);
    setHidden(this.#regions.element, regions.length === 0);
    if (regions.length > 0) this.#regions.show(regions);
  }

  retheme(): void {
    this.#above.retheme();
    this.#gates.retheme();
  }
}
