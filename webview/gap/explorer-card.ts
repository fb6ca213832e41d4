import type { GapReport, GapSample } from '../../src/protocol/gap-report.ts';
import { element } from '../dom.ts';
import { countText, numberText } from '../format.ts';
import { SaveButtons, type Save, type Saved } from '../save.ts';
import { choice } from '../toolkit.ts';
import { distributionTable, savedDistributions } from './distribution.ts';
import { divergenceOf, entropyOf, softenedLog } from './softmax.ts';
import { gapStrings as strings } from './strings.ts';
import { TemperatureSlider } from './temperatures.ts';

/** Classes that are shown of a sample. */
const MOST_CLASSES = 10;

/** How soft the targets of one sample are at any temperature, and what the student says then. */
export class ExplorerCard {
  readonly element: HTMLElement;
  readonly #sample = choice(strings.chooseSample, (value) => this.#choose(value));
  readonly #temperature = new TemperatureSlider(() => this.#fill());
  readonly #trained = element('p', { class: 'note' });
  readonly #body = element('div', { class: 'explorer' });
  #chosen = '';
  #report: GapReport | null = null;

  constructor(save: Save) {
    this.element = element(
      'section',
      { class: 'card' },
      element('h3', {}, strings.explorer),
      element('p', { class: 'note' }, strings.explorerHelp),
      element('div', { class: 'toolbar' }, this.#sample.element, this.#temperature.element),
      this.#trained,
      this.#body,
      new SaveButtons(save, () => this.#saved()).element,
    );
  }

  show(report: GapReport): void {
    this.#report = report;
    const own = report.numbers.softened.temperature;
    this.#temperature.offer(own);
    this.#trained.textContent = strings.trainedAt(numberText(own));
    const samples = samplesOf(report);
    if (!samples.some(({ index }) => String(index) === this.#chosen))
      this.#chosen = String(samples[0]?.index ?? '');
    this.#sample.set(
      samples.map(({ index, label }) => ({
        value: String(index),
        label: strings.ofSample(countText(index), report.classes[label] ?? ''),
      })),
      this.#chosen,
    );
    this.#fill();
  }

  #choose(value: string): void {
    this.#chosen = value;
    this.#fill();
  }

  /** What is in sight: null where there is no sample. */
  get #answered() {
    const report = this.#report;
    const sample =
      report === null ? undefined : samplesOf(report).find(({ index }) => String(index) === this.#chosen);
    if (report === null || sample === undefined) return null;
    const temperature = this.#temperature.value;
    const [teacher, student] = [
      softenedLog(sample.teacher, temperature),
      softenedLog(sample.student, temperature),
    ];
    return { report, sample, temperature, teacher, student };
  }

  #saved(): Saved | null {
    const answered = this.#answered;
    if (answered === null) return null;
    const { report, sample, temperature, teacher, student } = answered;
    const { index, label } = sample;
    const title = strings.ofSample(countText(index), report.classes[label] ?? '');
    return savedDistributions(
      `${strings.explorer}, ${strings.temperatureAt(numberText(temperature))}`,
      report.classes,
      [{ title, label, teacher, student }],
      MOST_CLASSES,
    );
  }

  #fill(): void {
    const answered = this.#answered;
    if (answered === null) return;
    const { report, sample, temperature, teacher, student } = answered;
    const kl = divergenceOf(teacher, student);
    const facts: readonly (readonly [string, string, string])[] = [
      [strings.targetEntropy, numberText(entropyOf(teacher)), strings.entropyHow],
      [strings.studentEntropy, numberText(entropyOf(student)), strings.entropyHow],
      [strings.effective, numberText(Math.exp(entropyOf(teacher))), strings.effectiveHow],
      [strings.klAt, numberText(kl), strings.klHow],
      [strings.gradientScale, numberText(kl * temperature ** 2), strings.gradientScaleHow],
    ];
    const title = strings.temperatureAt(numberText(temperature));
    this.#body.replaceChildren(
      distributionTable(report.classes, sample.label, teacher, student, title, MOST_CLASSES),
      element(
        'dl',
        { class: 'explained' },
        ...facts.map(([name, value, how]) =>
          element(
            'div',
            {},
            element('dt', {}, name),
            element(
              'dd',
              {},
              element('span', { class: 'explained-value' }, value),
              element('span', { class: 'note' }, how),
            ),
          ),
        ),
      ),
    );
  }
}

/** The samples on which both disagree most first, then those from everywhere. */
function samplesOf({ disagreed, shown }: GapReport): readonly GapSample[] {
  const first = new Set(disagreed.map(({ index }) => index));
  return [...disagreed, ...shown.filter(({ index }) => !first.has(index))];
}
