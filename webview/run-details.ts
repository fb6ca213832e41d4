import type { PanelContent } from '../src/protocol/panel-content.ts';
import { element, setText } from './dom.ts';
import { countText, dateText, momentText } from './format.ts';
import { strings } from './strings.ts';

const MOST_EVENTS = 12;

/** What one looks up now and then: where the run lies, on what it runs, what happened. Filled when opened. */
export class RunDetails {
  readonly element: HTMLDetailsElement;
  readonly #body = element('div', { class: 'details-body' });
  readonly #ignored = element('p', { class: 'note' });
  #content: PanelContent | null = null;
  #known = '';

  constructor() {
    this.element = element(
      'details',
      { class: 'data run-details' },
      element('summary', {}, strings.details),
      this.#ignored,
      this.#body,
    );
    this.element.addEventListener('toggle', () => this.#fill());
  }

  show(content: PanelContent): void {
    this.#content = content;
    this.#fill();
  }

  #fill(): void {
    const content = this.#content;
    if (!this.element.open || !content) return;
    const { run, events, ignored } = content;
    const now = JSON.stringify([
      run.directory,
      run.executor,
      run.fallen,
      run.moves,
      run.finishedAt,
      run.overrides,
      events.length,
      events.at(-1),
    ]);
    setText(this.#ignored, ignored === 0 ? '' : strings.ignored(countText(ignored)));
    if (now === this.#known) return;
    this.#known = now;
    const facts: (readonly [string, string])[] = [
      [strings.directory, run.directory],
      [strings.device, run.executor ?? strings.dash],
      ...run.refused.map(({ name, reason }) => [`${strings.refused}: ${name}`, reason] as const),
      ...run.fallen.map(
        ({ phase, executor, reason }) => [strings.fellBack(phase, executor), reason] as const,
      ),
      ...run.moves.map(
        ({ phase, seed, step, to, from }) =>
          [strings.moved, strings.movedTo(phase, String(seed), countText(step), to, from)] as const,
      ),
      [strings.machine, run.machine ?? strings.dash],
      [strings.seeds, run.seeds.join(', ')],
      [strings.started, run.startedAt === undefined ? strings.dash : dateText(run.startedAt)],
      ...(run.finishedAt === undefined ? [] : [[strings.finished, dateText(run.finishedAt)] as const]),
      ...(run.overrides.length === 0 ? [] : [[strings.overrides, run.overrides.join(', ')] as const]),
    ];
    const recent = events
      .filter(({ kind }) => kind !== 'checkpoint')
      .slice(-MOST_EVENTS)
      .toReversed();
    this.#body.replaceChildren(
      element(
        'dl',
        { class: 'facts' },
        ...facts.map(([name, value]) =>
          element('div', {}, element('dt', {}, name), element('dd', {}, value)),
        ),
      ),
      ...(recent.length === 0
        ? []
        : [
            element('h2', {}, strings.recentEvents),
            element(
              'ol',
              { class: 'events' },
              ...recent.map(({ time, kind, message }) =>
                element(
                  'li',
                  {},
                  element('time', { class: 'note' }, momentText(time)),
                  ` ${kind}: ${message}`,
                ),
              ),
            ),
          ]),
    );
  }
}
