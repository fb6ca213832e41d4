import { fromJsonNumber, type PanelContent } from '../../src/protocol/panel-content.ts';
import { movedShare } from '../../src/protocol/picture-numbers.ts';
import type { TargetsPicture } from '../../src/protocol/records.ts';
import { savedPairedBars } from '../chart/paired-bars.ts';
import { element } from '../dom.ts';
import { countText, numberText, shareText } from '../format.ts';
import { barCell } from '../gap/distribution.ts';
import { SaveButtons, type Save, type Saved } from '../save.ts';
import { strings } from '../strings.ts';
import { choice } from '../toolkit.ts';
import type { PictureCard } from './picture-card.ts';
import { targetsOver } from './pictures-data.ts';
import { pictureStrings } from './strings.ts';

const LATEST = 'latest';

type Targets = TargetsPicture['sets'][number];

/** What a teacher says of a few images before and after refinement, as bars and in numbers, after an epoch of one’s choice. */
export class TargetsCard implements PictureCard {
  readonly element: HTMLElement;
  readonly #epoch = choice(strings.epoch, (value) => this.#choose(value));
  readonly #body = element('div', { class: 'stack' });
  readonly #save: Save;
  #pictures: readonly TargetsPicture[] = [];
  #chosen = LATEST;
  #known = '';

  constructor(save: Save) {
    this.#save = save;
    this.element = element(
      'section',
      { class: 'card' },
      element('div', { class: 'toolbar' }, element('h2', {}, pictureStrings.targets), this.#epoch.element),
      element('p', { class: 'note' }, pictureStrings.targetsHelp),
      this.#body,
    );
  }

  show({ pictures }: PanelContent, seed: number | null): boolean {
    this.#pictures = targetsOver(pictures, seed);
    this.#draw();
    return this.#pictures.length > 0;
  }

  retheme(): void {
    // Colours are those of the style sheet.
  }

  #choose(epoch: string): void {
    this.#chosen = epoch;
    this.#draw();
  }

  #draw(): void {
    const last = this.#pictures.at(-1);
    if (last === undefined) return;
    const found = this.#pictures.find(({ epoch }) => String(epoch) === this.#chosen);
    this.#epoch.set(
      [
        { value: LATEST, label: strings.latestEpoch(countText(last.epoch + 1)) },
        ...this.#pictures.map(({ epoch }) => ({ value: String(epoch), label: countText(epoch + 1) })),
      ],
      found === undefined ? LATEST : this.#chosen,
    );
    const shown = found ?? last;
    const now = JSON.stringify(shown);
    if (now === this.#known) return;
    this.#known = now;
    this.#body.replaceChildren(...shown.sets.map((set) => setOf(shown, set, this.#save)));
  }
}

function setOf(shown: TargetsPicture, set: Targets, save: Save): HTMLElement {
  const { samples, labels } = shown;
  const { images } = set;
  return element(
    'div',
    { class: 'stack' },
    element('h3', {}, titleOf(shown, set)),
    element('p', {}, pictureStrings.targetsMoved(shareText(movedShare(images)))),
    element(
      'div',
      { class: 'explorer targets' },
      ...images.map((answers, image) => {
        const label = labels[image] ?? strings.dash;
        return answersTable(imageTitle(samples[image], label), label, answers);
      }),
    ),
    new SaveButtons(save, () => savedSet(shown, set)).element,
  );
}

function titleOf({ phase }: TargetsPicture, { term, refiners, temperature }: Targets): string {
  const title = pictureStrings.targetsOf(term, refiners.join(', '), numberText(temperature));
  return pictureStrings.ofPhase(title, phase);
}

function imageTitle(sample: number | undefined, label: string): string {
  return pictureStrings.targetImage(countText((sample ?? 0) + 1), label);
}

function savedSet(shown: TargetsPicture, set: Targets): Saved {
  const { samples, labels } = shown;
  return savedPairedBars({
    title: titleOf(shown, set),
    heads: [pictureStrings.before, pictureStrings.after],
    names: ['image', 'class'],
    most: 1,
    text: shareText,
    groups: set.images.map((answers, image) => ({
      title: imageTitle(samples[image], labels[image] ?? strings.dash),
      rows: answers.map((one) => ({
        name: one.class,
        values: [fromJsonNumber(one.before), fromJsonNumber(one.after)],
      })),
    })),
  });
}

function answersTable(title: string, label: string, answers: Targets['images'][number]): HTMLElement {
  const head = (text: string) => element('th', { attributes: { scope: 'col' } }, text);
  const { className, before, after } = pictureStrings;
  return element(
    'table',
    { class: 'distribution' },
    element('caption', {}, title),
    element('thead', {}, element('tr', {}, head(className), head(before), head(after))),
    element(
      'tbody',
      {},
      ...answers.map((one) =>
        element(
          'tr',
          { class: one.class === label ? 'is-label' : '' },
          element('th', { attributes: { scope: 'row' } }, one.class),
          barCell(fromJsonNumber(one.before), 'teacher-bar'),
          barCell(fromJsonNumber(one.after), 'student-bar'),
        ),
      ),
    ),
  );
}
