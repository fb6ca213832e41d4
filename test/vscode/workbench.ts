import { mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';

const SCREENSHOTS = join('test', 'output', 'vscode');
/** Longest wait for the editor to come back. */
const RELOAD_MS = 60_000;
/** For so long something has to stand still before it is pressed, and so often it is looked at. */
const STILL_MS = 500;
const MOST_LOOKS = 60;

/** The window of a VS Code in a browser, as a person uses it: keys, clicks, and what can be read on the screen. */
export class Workbench {
  constructor(readonly page: Page) {}

  /** Waits until the window is there and its extension host has answered. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench').waitFor();
    await this.page.locator('.monaco-workbench .statusbar').waitFor();
  }

  async reload(): Promise<void> {
    // By the editor's own command: the browser's reload would not let it store which editors are open.
    const loaded = this.page.waitForEvent('load', { timeout: RELOAD_MS });
    await this.command('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /**
   * Shows the view of runs. A window that was just opened has its icon as soon as it knows the extension, while a palette that was
   * opened before lists none of its commands.
   */
  async showRuns(): Promise<void> {
    const icon = this.page.locator('.activitybar').getByRole('tab', { name: 'KD Workbench' });
    await icon.waitFor({ timeout: RELOAD_MS });
    if ((await icon.getAttribute('aria-selected')) !== 'true') await icon.click();
    await this.page.locator('.sidebar .composite.title', { hasText: 'KD Workbench' }).waitFor();
  }

  /** Runs a command by its title in the palette, for instance `KD: Run Experiment`. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.pick(`>${title}`, title);
  }

  async open(file: string): Promise<void> {
    await this.page.keyboard.press('Control+p');
    await this.pick(file, file);
    await this.page.locator('.tab.active', { hasText: file }).waitFor();
    await this.page.locator('.editor-instance .view-lines').first().waitFor();
  }

  /** Opens a file by its absolute path, also one that an extension shows in a way of its own. */
  async openPath(path: string): Promise<void> {
    await this.press('Control+p');
    await this.pickPath(path);
  }

  /** Compares the active file with that of an absolute path, as the command of the palette does. */
  async compareWith(path: string): Promise<void> {
    await this.command('File: Compare Active File With...');
    await this.pickPath(path);
  }

  /** Types a text into the open input and accepts it; null accepts what it offers. */
  async answer(text: string | null = null): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    await input.waitFor();
    if (text !== null) await input.fill(text);
    await input.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Puts the cursor before a one-based line and column, and waits until keys go there: the input is gone a little before. */
  async goTo(line: number, column: number): Promise<void> {
    await this.page.keyboard.press('Control+g');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.fill(`:${line}:${column}`);
    await input.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await this.page.locator('.editor-instance .monaco-editor.focused').first().waitFor();
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 20 });
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  /** Entries of the Problems view, which this opens. */
  async problems(): Promise<Locator> {
    const view = this.page.locator('.markers-panel');
    if (!(await view.isVisible())) await this.command('Problems: Focus on Problems View');
    return view.locator(
      '.monaco-list-row .marker-message, .monaco-list-row .marker-message-details-container',
    );
  }

  /** Closes the Problems view, so that the editor has the room. */
  async hideProblems(): Promise<void> {
    await this.command('View: Hide Panel');
  }

  /** A code lens of the active editor by its text; the lenses of an experiment stand at its top, which this shows. */
  async lens(text: string | RegExp): Promise<Locator> {
    await this.command('View: Focus First Editor Group');
    await this.goTo(1, 1);
    return this.page.locator('.codelens-decoration a', { hasText: text }).first();
  }

  /**
   * Presses a lens. Some time after an edit the editor makes its lenses anew, and a press that falls in between is lost: so it has to
   * stand still before.
   */
  async pressLens(text: string | RegExp): Promise<void> {
    const lens = await this.lens(text);
    await this.#untilStill(lens);
    await lens.click();
  }

  async #untilStill(place: Locator): Promise<void> {
    let before = await place.elementHandle();
    for (let look = 0; look < MOST_LOOKS; look++) {
      await this.page.waitForTimeout(STILL_MS);
      const now = await place.elementHandle();
      if (await this.page.evaluate(([one, other]) => one === other, [before, now])) return;
      before = now;
    }
    throw new Error('it is made anew again and again');
  }

  /** Applies the fix of that title at the cursor. */
  async applyFix(title: string | RegExp): Promise<void> {
    await this.page.keyboard.press('Control+.');
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    const focused = this.page.locator('.action-widget .monaco-list-row.action.focused', { hasText: title });
    await rows.first().waitFor();
    for (let below = await rows.count(); below > 0 && !(await focused.isVisible()); below--) {
      await this.page.keyboard.press('ArrowDown');
    }
    await focused.waitFor();
    await this.page.keyboard.press('Enter');
    await rows.first().waitFor({ state: 'hidden' });
  }

  /** Types the beginning of a word and takes the completion of that label. */
  async complete(label: string, beginning = label): Promise<void> {
    const widget = this.page.locator('.suggest-widget.visible');
    const row = widget.locator('.monaco-list-row', {
      has: this.page.locator('.label-name').getByText(label, { exact: true }),
    });
    await this.type(beginning);
    if (!(await widget.isVisible())) await this.press('Control+Space');
    await row.first().waitFor();
    for (let below = await widget.locator('.monaco-list-row').count(); below > 0; below--) {
      if (await row.and(this.page.locator('.focused')).isVisible()) break;
      await this.press('ArrowDown');
    }
    await row.and(this.page.locator('.focused')).waitFor();
    await this.press('Enter');
    await widget.waitFor({ state: 'hidden' });
  }

  /** A new line so many levels further out. */
  async lineOut(levels: number): Promise<void> {
    await this.press('End');
    await this.press('Enter');
    for (let level = 0; level < levels; level++) await this.press('Shift+Tab');
  }

  /** The lines of the active editor that are on the screen. */
  async text(): Promise<string> {
    const lines = await this.page
      .locator('.editor-group-container.active .view-lines .view-line')
      .evaluateAll((nodes) =>
        nodes
          .map((node) => ({ top: (node as HTMLElement).offsetTop, text: node.textContent }))
          .sort((a, b) => a.top - b.top)
          .map(({ text }) => text.replaceAll('\u00a0', ' ')),
      );
    return lines.join('\n');
  }

  /** Chooses a colour theme by its name in the list of themes, as a person does. */
  async theme(name: string): Promise<void> {
    await this.command('Preferences: Color Theme');
    await this.page.locator('.quick-input-widget input.input[placeholder*="Color Theme"]').waitFor();
    await this.pick(name, name);
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text });
  }

  statusBar(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  /** The page inside the panel of an extension. */
  panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  }

  /** Kept as test output, for people to look at. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  private async pickPath(path: string): Promise<void> {
    const widget = this.page.locator('.quick-input-widget');
    await widget.locator('input.input').fill(path);
    const rows = widget.locator('.quick-input-list .monaco-list-row', { hasText: basename(dirname(path)) });
    await rows
      .filter({ hasText: basename(path) })
      .first()
      .click();
    await widget.waitFor({ state: 'hidden' });
  }

  /** Types into the open picker and takes the entry of exactly that label, wherever in the list it stands. */
  private async pick(text: string, entry: string): Promise<void> {
    const widget = this.page.locator('.quick-input-widget');
    await widget.locator('input.input').fill(text);
    const label = this.page.locator('.label-name').getByText(entry, { exact: true });
    await widget.locator('.quick-input-list .monaco-list-row').filter({ has: label }).first().click();
  }
}
