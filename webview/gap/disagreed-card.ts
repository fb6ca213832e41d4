import type { GapReport, GapSample } from '../../src/protocol/gap-report.ts';
import { element } from '../dom.ts';
import { countText, numberText } from '../format.ts';
import { SaveButtons, type Save, type Saved } from '../save.ts';
import { button } from '../toolkit.ts';
import { distributionTable, savedDistributions } from './distribution.ts';
import { pictureOf } from './picture.ts';
import { softenedLog } from './softmax.ts';
import { gapStrings as strings } from './strings.ts';
import { TemperatureSlider } from './temperatures.ts';

/** Samples in sight before one asks for more. */
const FEW = 6;
/** Classes that are shown of each. */
const MOST_CLASSES = 4;

/** The samples on which both disagree most: pictures, and what each says. */
export class DisagreedCard {
  readonly element: HTMLElement;
  readonly #list = element('ul', { class: 'samples' });
  readonly #more = button('', () => this.#showMore());
  readonly #temperature = new TemperatureSlider(() => this.#fill());
  #shown = FEW;
  #report: GapReport | null = null;

  constructor(save: Save) {
    this.#more.element.classList.add('show-more');
    this.element = element(
      'section',
      { class: 'card' },
      element('div', { class: 'toolbar' }, element('h3', {}, strings.disagreed), this.#temperature.element),
      element('p', { class: 'note' }, strings.disagreedHelp),
      this.#list,
      this.#more.element,
      new SaveButtons(save, () => this.#saved()).element,
    );
  }

  show(report: GapReport): void {
    this.#report = report;
    this.#temperature.offer(1);
    this.#fill();
  }

  /** The pictures hold no colours of the theme. */
  #fill(): void {
    const report = this.#report;
    if (report === null) return;
    const { disagreed } = report;
    this.#list.replaceChildren(
      ...disagreed.slice(0, this.#shown).map((sample) => this.#item(sample, report)),
    );
    const left = disagreed.length - this.#shown;
    this.#more.element.hidden = left <= 0;
    this.#more.element.textContent = strings.more(countText(left));
  }

  /** The samples in sight. */
  #saved(): Saved | null {
    if (this.#report === null) return null;
    const { classes, disagreed, picture } = this.#report;
    const { value } = this.#temperature;
    return savedDistributions(
      `${strings.disagreed}, ${strings.temperatureAt(numberText(value))}`,
      classes,
      disagreed.slice(0, this.#shown).map(({ index, label, teacher, student, pixels }) => ({
        title: strings.disagreedItem(countText(index), classes[label] ?? ''),
        label,
        teacher: softenedLog(teacher, value),
        student: softenedLog(student, value),
        ...(pixels === null ? {} : { picture: pictureOf(pixels, picture, '') }),
      })),
      MOST_CLASSES,
    );
  }

  #showMore(): void {
    this.#shown = this.#report?.disagreed.length ?? FEW;
    this.#fill();
    this.#list.querySelectorAll<HTMLElement>('.sample')[FEW]?.focus();
  }

  #item(sample: GapSample, { classes, picture }: GapReport): HTMLElement {
    const { value } = this.#temperature;
    const label = classes[sample.label] ?? '';
    const title = strings.disagreedItem(countText(sample.index), label);
    return element(
      'li',
      { class: 'sample', attributes: { tabindex: -1 } },
      sample.pixels === null
        ? null
        : pictureOf(sample.pixels, picture, strings.picture(countText(sample.index), label)),
      element(
        'div',
        { class: 'sample-text' },
        element('p', { class: 'sample-title' }, title),
        element('p', { class: 'note' }, strings.jsValue(numberText(sample.js))),
        distributionTable(
          classes,
          sample.label,
          softenedLog(sample.teacher, value),
          softenedLog(sample.student, value),
          title,
          MOST_CLASSES,
        ),
      ),
    );
  }
}
