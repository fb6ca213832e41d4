import { element, setHidden } from './dom.ts';
import { emptyState } from './empty-state.ts';
import type { RunStore } from './run-store.ts';
import { strings } from './strings.ts';
import { button, spinner } from './toolkit.ts';
import type { Panel } from './view.ts';

/** What stands in place of a run: why there is none, and the next step. */
export class StartState {
  readonly element = element('div');
  readonly #panel: Panel;
  #known = '';

  constructor(panel: Panel) {
    this.#panel = panel;
  }

  show(store: RunStore): void {
    setHidden(this.element, store.content !== null);
    if (store.content !== null) {
      this.#known = '';
      this.element.replaceChildren();
    }
    const { runs, config, trusted } = store.list;
    const now = JSON.stringify([store.connection, store.hasSnapshot, runs.length > 0, config, trusted]);
    if (store.content !== null || now === this.#known) return;
    this.#known = now;
    this.element.replaceChildren(this.#stateOf(store));
  }

  #stateOf({ connection, hasSnapshot, list }: RunStore): HTMLElement {
    if (connection === 'otherVersion')
      return emptyState('h1', strings.otherVersion, strings.otherVersionHelp);
    if (connection === 'waiting' || !hasSnapshot) {
      const waiting = emptyState('h1', strings.connecting, strings.connectingHelp);
      waiting.prepend(spinner());
      return waiting;
    }
    if (!list.trusted) return emptyState('h1', strings.noRunTitle, strings.untrusted);
    const help = list.config === null ? strings.noRunAtAll : strings.noRunOf(list.config);
    const start = button(strings.startRun, () => void this.#panel.ask({ type: 'start' }), 'primary');
    return emptyState(
      'h1',
      strings.noRunTitle,
      list.runs.length > 0 ? `${help} ${strings.chooseOne}` : help,
      start.element,
    );
  }
}
