import type { RunSummary } from '../../src/protocol/panel.ts';
import type { PanelContent } from '../../src/protocol/panel-content.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { element, setHidden, setText } from '../dom.ts';
import { countText, dateText } from '../format.ts';
import { strings } from '../strings.ts';
import { button, check } from '../toolkit.ts';
import type { Panel } from '../view.ts';

/** The runs of the window, each with a box to lay its curves over those of the run shown. */
export class OverlayPicker {
  readonly element: HTMLDetailsElement;
  readonly #panel: Panel;
  readonly #summary = element('summary');
  readonly #filter = element('input', {
    class: 'filter',
    attributes: { type: 'search', 'aria-label': strings.overlaysFilter, placeholder: strings.overlaysFilter },
  });
  readonly #list = element('ul', { class: 'overlay-list' });
  readonly #empty = element('p', { class: 'note' }, strings.overlaysNone);
  #known = '';
  #shown: string | null = null;

  constructor(panel: Panel) {
    this.#panel = panel;
    this.#filter.addEventListener('input', () => this.#fill());
    this.element = element(
      'details',
      { class: 'data overlays' },
      this.#summary,
      element(
        'div',
        { class: 'toolbar' },
        this.#filter,
        button(strings.overlaysAll, () =>
          this.#choose([...panel.choices.overlays, ...this.#listed().map(pathOf)]),
        ).element,
        button(strings.overlaysClear, () => this.#choose([])).element,
      ),
      this.#empty,
      this.#list,
    );
    this.element.addEventListener('toggle', () => this.#fill());
  }

  show(content: PanelContent): void {
    this.#shown = content.run.directory;
    const { overlays } = this.#panel.choices;
    const count = overlays.filter((run) => run !== this.#shown).length;
    setText(this.#summary, count === 0 ? strings.overlays : strings.overlaysChosen(countText(count)));
    this.#fill();
  }

  #choose(runs: readonly string[]): void {
    const chosen = [...new Set(runs)];
    if (chosen.length > LIMITS.overlays) {
      this.#panel.tell({ ok: false, message: strings.overlaysMost(countText(LIMITS.overlays)) });
    }
    this.#panel.choose({ overlays: chosen.slice(0, LIMITS.overlays) });
  }

  #listed(): readonly RunSummary[] {
    const wanted = this.#filter.value.trim().toLocaleLowerCase();
    return this.#panel.runs
      .filter(({ directory }) => directory !== this.#shown)
      .filter((run) => labelOf(run).toLocaleLowerCase().includes(wanted));
  }

  #fill(): void {
    if (!this.element.open) return;
    const { overlays } = this.#panel.choices;
    const listed = this.#listed();
    const now = JSON.stringify([listed, overlays]);
    if (now === this.#known) return;
    this.#known = now;
    setHidden(this.#empty, listed.length > 0);
    const focused = document.activeElement?.closest('li')?.dataset['run'];
    this.#list.replaceChildren(
      ...listed.map((run) => {
        const box = check(labelOf(run), (isChecked) =>
          this.#choose(
            isChecked ? [...overlays, run.directory] : overlays.filter((one) => one !== run.directory),
          ),
        );
        box.set(overlays.includes(run.directory));
        const item = element('li', {}, box.element);
        item.dataset['run'] = run.directory;
        return item;
      }),
    );
    if (focused === undefined) return;
    const again = [...this.#list.children].find(
      (item) => item instanceof HTMLElement && item.dataset['run'] === focused,
    );
    again?.querySelector('input')?.focus();
  }
}

function pathOf({ directory }: RunSummary): string {
  return directory;
}

function labelOf({ name, id, status, createdAt }: RunSummary): string {
  return [name, id, strings.status[status], dateText(createdAt)].join(' · ');
}
