import type { RunView } from '../src/protocol/panel.ts';
import { element, setHidden } from './dom.ts';
import { strings } from './strings.ts';

/** Why the run ended before its end, and the next step. */
export class Banner {
  readonly element = element('section', { class: 'banner' });
  #known = '';

  show(run: RunView): void {
    const said = saidOf(run);
    setHidden(this.element, said === null);
    const now = JSON.stringify(said);
    if (said === null || now === this.#known) return;
    this.#known = now;
    this.element.className = `banner banner-${said.kind}`;
    this.element.setAttribute('aria-label', said.title);
    this.element.replaceChildren(
      element('p', { class: 'banner-title' }, said.title),
      ...said.lines.map((line) => element('p', {}, line)),
    );
  }
}

function saidOf(run: RunView): { kind: 'error' | 'warning'; title: string; lines: readonly string[] } | null {
  if (run.status === 'failed' && run.failure) {
    const { code, message, help } = run.failure;
    return {
      kind: 'error',
      title: strings.failedTitle(code),
      lines: [message, help].filter((line) => line !== ''),
    };
  }
  if (run.status === 'interrupted') {
    return { kind: 'warning', title: strings.interruptedTitle, lines: [strings.interruptedHelp] };
  }
  return null;
}
