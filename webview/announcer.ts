import { element } from './dom.ts';

/** Between two announcements a screen reader gets this long; of several, the latest is said. */
const QUIET_MILLISECONDS = 1_500;

/** The one live region. It speaks of changes of state and of answers, never of numbers that change all the time. */
export class Announcer {
  readonly element = element('div', {
    class: 'spoken',
    attributes: { role: 'status', 'aria-live': 'polite' },
  });
  #next: string | null = null;
  #isQuiet = false;

  say(text: string): void {
    this.#next = text;
    if (!this.#isQuiet) this.#speak();
  }

  #speak(): void {
    const text = this.#next;
    this.#next = null;
    this.#isQuiet = text !== null;
    if (text === null) return;
    this.element.textContent = text;
    setTimeout(() => this.#speak(), QUIET_MILLISECONDS);
  }
}
