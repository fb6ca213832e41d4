import type { RunView } from '../src/protocol/panel.ts';
import { element, setHidden } from './dom.ts';
import { strings } from './strings.ts';

/** What is wrong, and the next step. */
interface Said {
  readonly kind: 'error' | 'warning';
  readonly title: string;
  readonly lines: readonly string[];
}

/** Says what is wrong for as long as it is. */
export class Banner {
  readonly element = element('section', { class: 'banner' });
  #known = '';

  /** @param said null: all is well */
  show(said: Said | null): void {
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

/** Why a run ended before its end; null: it did not. */
export function endOf(run: RunView): Said | null {
  if (run.status === 'failed' && run.failure) {
    return { kind: 'error', title: strings.failedTitle(run.failure.code), lines: linesOf(run.failure) };
  }
  if (run.status === 'interrupted') {
    const lines = run.failure === undefined ? [] : linesOf(run.failure);
    return {
      kind: 'warning',
      title: strings.interruptedTitle,
      lines: [...lines, strings.interruptedHelp],
    };
  }
  return null;
}

/** Errors are written to stand after a colon; here they stand alone. */
function linesOf({ message, help }: NonNullable<RunView['failure']>): readonly string[] {
  return [...(message === '' ? [] : [sentence(message)]), ...(help === '' ? [] : [strings.nextStep(help)])];
}

function sentence(text: string): string {
  const begun = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?…]$/u.test(begun) ? begun : `${begun}.`;
}

/** What could not be read, as the shapes of the messages put it; null: nothing. */
export function unreadOf(problem: string | null): Said | null {
  if (problem === null) return null;
  return {
    kind: 'warning',
    title: strings.unreadTitle,
    lines: [problem, strings.unreadHelp, strings.unreadNext],
  };
}
