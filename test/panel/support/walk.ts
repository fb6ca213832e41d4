import type { OpenPanel } from './stand.ts';

/** What has the focus. */
interface Stop {
  /** As a screen reader calls it; empty: nothing has the focus. */
  readonly name: string;
  /** An outline or a border in the colour of the focus is drawn around it. */
  readonly isMarked: boolean;
  readonly isInSight: boolean;
  readonly isTab: boolean;
}

/** More controls than any view has. */
const MOST_STOPS = 220;

/** Goes through a page by keys alone, and notes where on the way one cannot see where one is. */
export class Walk {
  readonly #panel: OpenPanel;
  readonly #hidden = new Set<string>();

  constructor(panel: OpenPanel) {
    this.#panel = panel;
  }

  /** Stops on the way so far that did not show that they have the focus, or were out of sight. */
  get hidden(): readonly string[] {
    return [...this.#hidden];
  }

  /** Goes on until something of this name has the focus. @param key `Shift+Tab` goes back */
  to(name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    return this.#until((stop) => name.test(stop.name), `called ${String(name)}`, key);
  }

  /** Opens a view: to the tabs, then along them. */
  async view(name: string): Promise<void> {
    const tabs = await this.#panel.page.getByRole('tab').allInnerTexts();
    const { name: here } = await this.#stop();
    await this.#until(({ isTab }) => isTab, 'that is a tab', here === '' ? 'Tab' : 'Shift+Tab');
    await this.press('Home');
    const steps = tabs.findIndex((tab) => tab.trim() === name);
    for (let step = 0; step < steps; step += 1) await this.press('ArrowRight');
    await this.#panel.post();
  }

  async #until(isIt: (stop: Stop) => boolean, what: string, key: string): Promise<void> {
    const passed = new Set<string>();
    for (let press = 0; press < MOST_STOPS; press += 1) {
      await this.press(key);
      const stop = await this.#stop();
      if (!stop.isMarked) this.#hidden.add(`no mark: ${stop.name}`);
      if (!stop.isInSight) this.#hidden.add(`out of sight: ${stop.name}`);
      if (isIt(stop)) return;
      passed.add(stop.name.slice(0, 40));
    }
    throw new Error(`nothing ${what} is reached, but ${[...passed].join(' | ')}`);
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#panel.page.keyboard.press(key);
  }

  /** Presses keys, and waits until what follows is drawn. */
  async act(...keys: readonly string[]): Promise<void> {
    await this.press(...keys);
    await this.#panel.post();
  }

  async name(): Promise<string> {
    return (await this.#stop()).name;
  }

  #stop(): Promise<Stop> {
    return this.#panel.page.evaluate(() => {
      const { activeElement: active } = document;
      if (active === null || active === document.body)
        return { name: '', isMarked: true, isInSight: true, isTab: false };
      const labelled = active.getAttribute('aria-labelledby');
      const label = labelled === null ? null : document.getElementById(labelled)?.textContent;
      const own = active instanceof HTMLInputElement ? active.labels?.[0]?.textContent : null;
      const name = active.getAttribute('aria-label') ?? label ?? own ?? active.textContent.trim();
      const scratch = document.createElement('i');
      scratch.style.color = 'var(--vscode-focusBorder)';
      document.body.append(scratch);
      const color = getComputedStyle(scratch).color;
      scratch.remove();
      // What the toolkit draws, it draws inside of its controls.
      const isMarked = [active, ...(active.shadowRoot?.querySelectorAll('*') ?? [])].some((one) => {
        const { outlineStyle, outlineWidth, borderTopStyle, borderTopColor } = getComputedStyle(one);
        const hasOutline = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
        return hasOutline || (borderTopStyle !== 'none' && borderTopColor === color);
      });
      const { top, bottom, left, right } = active.getBoundingClientRect();
      return {
        name,
        isMarked,
        isInSight: bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
        isTab: active.getAttribute('role') === 'tab',
      };
    });
  }
}
