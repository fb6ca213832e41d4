import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { element, setHidden } from '../dom.ts';
import { countText, numberText } from '../format.ts';
import { saveWith } from '../save.ts';
import type { Panel, View } from '../view.ts';
import { GatesCard } from './gates-card.ts';
import type { PictureCard } from './picture-card.ts';
import { RegionsCard } from './regions-card.ts';
import { SeriesCard } from './series-card.ts';
import { pictureStrings as words } from './strings.ts';
import { TargetsCard } from './targets-card.ts';
import { UncertaintyCard } from './uncertainty-card.ts';

/** Pictures of what happens within models: gates, regions, neurons that are left. */
export function layerPictures(panel: Panel): readonly PictureCard[] {
  const { widths: title, widthsHelp: help } = words;
  const save = saveWith(panel);
  return [
    new SeriesCard(panel, { kind: 'widths', title, help, text: countText }),
    new GatesCard(save),
    new RegionsCard(save),
  ];
}

/** Pictures of what models answer and learn from: targets, the weights of the loss, uncertainty. */
export function answerPictures(panel: Panel): readonly PictureCard[] {
  const { weights: title, weightsHelp: help } = words;
  const save = saveWith(panel);
  return [
    new TargetsCard(save),
    new SeriesCard(panel, { kind: 'weights', title, help, text: numberText }),
    new UncertaintyCard(save),
  ];
}

/** A view, and below it the pictures by which some systems explain themselves, where the run has any. */
export class WithPictures implements View {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #above: View;
  readonly #hasAbove: (content: PanelContent) => boolean;
  readonly #cards: readonly PictureCard[];

  /** @param hasAbove whether the view above has anything to show */
  constructor(
    panel: Panel,
    above: View,
    hasAbove: (content: PanelContent) => boolean,
    cards: readonly PictureCard[],
  ) {
    this.#panel = panel;
    this.#above = above;
    this.#hasAbove = hasAbove;
    this.#cards = cards;
    this.element = element('div', { class: 'stack' }, above.element, ...cards.map((card) => card.element));
  }

  show(content: PanelContent): void {
    const has = this.#hasAbove(content);
    setHidden(this.#above.element, !has);
    if (has) this.#above.show(content);
    for (const card of this.#cards) setHidden(card.element, !card.show(content, this.#panel.choices.seed));
  }

  retheme(): void {
    this.#above.retheme();
    for (const card of this.#cards) card.retheme();
  }
}
