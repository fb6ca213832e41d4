import type { ShownDiagnosis, ShownFinding } from '../../src/protocol/diagnosis-shapes.ts';
import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { element } from '../dom.ts';
import { countText } from '../format.ts';
import type { DiagnosisShown } from '../run-store.ts';
import { strings } from '../strings.ts';
import { button } from '../toolkit.ts';
import type { Panel, View } from '../view.ts';

/** What went wrong, why, and what to change: asked of the host whenever an epoch has gone by. */
export class DiagnosisView implements View {
  readonly element = element('div', { class: 'stack' });
  readonly #panel: Panel;
  /** What the last question was about. */
  #asked = '';
  #shown: DiagnosisShown | null | undefined;

  constructor(panel: Panel) {
    this.#panel = panel;
  }

  show(content: PanelContent): void {
    const { directory, status, results, progress } = content.run;
    const { greetings } = this.#panel;
    const at = [progress?.phase, progress?.seed, progress?.epoch, results?.phases.length];
    const now = JSON.stringify([directory, status, greetings, at]);
    if (now !== this.#asked) {
      this.#asked = now;
      void this.#ask(directory);
    }
    this.#draw(directory);
  }

  retheme(): void {
    // Everything here is drawn by style sheets.
  }

  async #ask(run: string): Promise<void> {
    await this.#panel.ask({ type: 'diagnose', run });
    this.#draw(run);
  }

  #draw(run: string): void {
    const { diagnosis } = this.#panel;
    const shown = diagnosis !== null && diagnosis.run === run ? diagnosis : null;
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (shown === null) {
      this.element.replaceChildren(element('p', { class: 'note' }, strings.diagnosisWaiting));
      return;
    }
    this.element.replaceChildren(...this.#cards(run, shown.diagnosis));
  }

  #cards(run: string, { findings, unable, quiet }: ShownDiagnosis): HTMLElement[] {
    return [
      element(
        'section',
        { class: 'card' },
        element('h2', {}, strings.findings(countText(findings.length))),
        element('p', { class: 'note' }, strings.diagnosisHelp),
        ...(quiet > 0 ? [element('p', {}, strings.diagnosisQuiet(countText(quiet)))] : []),
      ),
      ...findings.map((finding) => this.#findingCard(run, finding)),
      ...(unable.length === 0
        ? []
        : [
            element(
              'section',
              { class: 'card' },
              element('h3', {}, strings.notLookedAt),
              element(
                'ul',
                {},
                ...unable.map(({ rule, why }) => element('li', { class: 'note' }, `${rule}: ${why}`)),
              ),
            ),
          ]),
    ];
  }

  #findingCard(run: string, finding: ShownFinding): HTMLElement {
    const { rule, title, symptom, evidence, cause, changes, source } = finding;
    return element(
      'section',
      { class: 'card' },
      element('h3', {}, title),
      element('p', {}, symptom),
      element('ul', {}, ...evidence.map(({ what, value }) => element('li', {}, `${what}: ${value}`))),
      element('p', {}, `${strings.likelyCause}: ${cause}`),
      ...(changes.length === 0 ? [] : [element('h4', {}, strings.whatToTry)]),
      ...changes.map(({ title: what, value }, change) =>
        element(
          'div',
          { class: 'toolbar' },
          element('span', {}, what),
          element('code', {}, value),
          button(
            strings.insertThis,
            () => void this.#panel.ask({ type: 'applyChange', run, rule, change }),
            'secondary',
            strings.insertChange(what),
          ).element,
        ),
      ),
      element('p', { class: 'note' }, strings.ruleSource(source)),
    );
  }
}
