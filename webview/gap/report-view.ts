import type { PanelContent } from '../../src/protocol/panel-content.ts';
import type { GapReport } from '../../src/protocol/gap-report.ts';
import { element, setHidden, setText } from '../dom.ts';
import { countText, durationText, numberText, shareText } from '../format.ts';
import type { GapShown } from '../run-store.ts';
import { saveWith, type Save } from '../save.ts';
import { button, choice } from '../toolkit.ts';
import type { Panel } from '../view.ts';
import { AttentionCard } from './attention-card.ts';
import { ConfusionCard } from './confusion-card.ts';
import { DisagreedCard } from './disagreed-card.ts';
import { ExplorerCard } from './explorer-card.ts';
import { numbersTable } from './numbers-table.ts';
import { OutputsCard } from './outputs-card.ts';
import { reliabilityCard } from './reliability-card.ts';
import { gapStrings as strings } from './strings.ts';

/** Below this a time is told in milliseconds. */
const SECOND = 1000;

/** Everything that a report of the gap tells: asked of the host when it is in sight, or measured now. */
export class ReportView {
  readonly element: HTMLElement;
  readonly #panel: Panel;
  readonly #save: Save;
  readonly #student = choice(strings.student, (name) => void this.#ask(name));
  readonly #measure = button(strings.measureNow, () => void this.#measureNow());
  readonly #words = element('p', { class: 'note' });
  readonly #numbers = element('section', { class: 'card' });
  readonly #reliability = element('div');
  readonly #confusion: ConfusionCard;
  readonly #outputs: OutputsCard;
  readonly #disagreed: DisagreedCard;
  readonly #explorer: ExplorerCard;
  readonly #attention: AttentionCard;
  readonly #cards: HTMLElement;
  #content: PanelContent | null = null;
  /** What the answer in sight was asked for. */
  #asked = '';
  #chosen: string | null = null;
  #known: GapShown | null = null;
  #isMeasuring = false;

  constructor(panel: Panel) {
    this.#panel = panel;
    const say = (text: string) => panel.say(text);
    this.#save = saveWith(panel);
    this.#confusion = new ConfusionCard(say, this.#save);
    this.#outputs = new OutputsCard(say, this.#save);
    this.#disagreed = new DisagreedCard(this.#save);
    this.#explorer = new ExplorerCard(this.#save);
    this.#attention = new AttentionCard(this.#save);
    this.#cards = element(
      'div',
      { class: 'stack' },
      this.#numbers,
      element('div', { class: 'cards' }, this.#confusion.element, this.#outputs.element),
      this.#disagreed.element,
      this.#attention.element,
      element('div', { class: 'cards' }, this.#reliability, this.#explorer.element),
    );
    this.element = element(
      'div',
      { class: 'stack' },
      element(
        'div',
        { class: 'toolbar' },
        element('h2', {}, strings.report),
        this.#student.element,
        this.#measure.element,
      ),
      this.#words,
      this.#cards,
    );
  }

  show(content: PanelContent): void {
    this.#content = content;
    const { directory, status, results } = content.run;
    const { seed } = this.#panel.choices;
    // What a run keeps changes when a student has finished.
    const now = JSON.stringify([directory, status, results?.phases.length ?? 0, seed]);
    if (now !== this.#asked) {
      this.#asked = now;
      this.#chosen = null;
      void this.#ask(null);
    }
    this.#draw();
  }

  retheme(): void {
    this.#confusion.retheme();
    this.#outputs.retheme();
    this.#attention.retheme();
  }

  async #ask(student: string | null): Promise<void> {
    const run = this.#content?.run.directory;
    if (run === undefined) return;
    this.#chosen = student;
    await this.#panel.ask({ type: 'gap', run, student, seed: this.#panel.choices.seed });
    this.#draw();
  }

  async #measureNow(): Promise<void> {
    const run = this.#content?.run.directory;
    if (run === undefined || this.#isMeasuring) return;
    this.#isMeasuring = true;
    this.#panel.say(strings.measuring);
    this.#draw();
    await this.#panel.ask({
      type: 'measureGap',
      run,
      student: this.#chosen ?? this.#known?.report?.student ?? null,
    });
    this.#isMeasuring = false;
    this.#draw();
  }

  #draw(): void {
    const { gap } = this.#panel;
    const run = this.#content?.run.directory;
    const shown = gap !== null && gap.run === run ? gap : null;
    const report = shown?.report ?? null;
    this.#measure.busy(this.#isMeasuring);
    setText(this.#measure.element, report === null ? strings.measureNow : strings.measureAgain);
    const names = shown?.reports ?? [];
    setHidden(this.#student.element, names.length < 2);
    this.#student.set(
      names.map((name) => ({ value: name, label: name })),
      report?.student ?? '',
    );
    setText(this.#words, this.#isMeasuring ? strings.measuring : wordsOf(report));
    setHidden(this.#cards, report === null);
    if (shown === this.#known) return;
    this.#known = shown;
    if (report === null || shown === null) return;
    this.#numbers.replaceChildren(element('h3', {}, strings.numbers), numbersTable(report.numbers));
    this.#reliability.replaceChildren(reliabilityCard(report, this.#save));
    this.#confusion.show(report);
    this.#outputs.show(report);
    this.#disagreed.show(report);
    this.#explorer.show(report);
    this.#attention.show(report, shown.attention);
  }
}

function wordsOf(report: GapReport | null): string {
  if (report === null) return strings.noReport;
  const { student, teachers, samples, of, state, cost } = report;
  const counted = samples === of ? countText(of) : strings.samplesOf(countText(samples), countText(of));
  const time =
    cost.milliseconds < SECOND
      ? `${numberText(Math.round(cost.milliseconds))} ms`
      : durationText(cost.milliseconds / SECOND);
  return [
    strings.basis(student, teachers.join(', '), counted),
    ...(state === 'training' ? [strings.soFar] : []),
    cost.share === null ? strings.costOnce(time) : strings.cost(time, shareText(cost.share)),
  ].join(' ');
}
