import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import { panelDocument } from '../../../src/extension/panel/document.ts';
import type { HostMessage, PanelMessage } from '../../../src/protocol/panel.ts';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { buildPanel, CHROMIUM, FLAGS, type Served } from './panel-files.ts';
import { sharedStand } from './shared.ts';
import { THEMES, type ThemeName } from './themes.ts';

/** The built panel in a real browser, on the page and under the policy that the extension gives it. */
export class PanelStand {
  /** Script and style sheet, as they ship. */
  readonly files: readonly Buffer[];
  readonly #server: Server;
  readonly #browser: Browser;
  readonly #address: string;

  private constructor(server: Server, browser: Browser, files: readonly Buffer[]) {
    this.files = files;
    this.#server = server;
    this.#browser = browser;
    this.#address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param strings English texts in the language of the editor */
  static async open(strings: Readonly<Record<string, string>> = {}): Promise<PanelStand> {
    const shared = sharedStand();
    const files = shared?.files ?? (await buildPanel());
    const server = createServer((request, response) => {
      const asked = new URL(request.url ?? '/', 'http://localhost');
      const file = files.get(asked.pathname) ?? (asked.pathname === '/favicon.ico' ? NOTHING : undefined);
      response.setHeader('content-type', file?.type ?? 'text/html; charset=utf-8');
      const origin = `http://${request.headers.host ?? ''}`;
      response.end(
        file?.content ??
          panelDocument({
            script: `${origin}/panel.js`,
            style: `${origin}/panel.css`,
            source: origin,
            language: asked.searchParams.get('language') ?? 'en',
            strings,
            title: 'KD Workbench',
          }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser =
      shared === null
        ? await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
        : await chromium.connect(shared.browser);
    return new PanelStand(
      server,
      browser,
      [...files.values()].map(({ content }) => content),
    );
  }

  /** A fresh page. Whatever goes wrong in it is kept in `faults`. */
  async page(
    options: {
      theme?: ThemeName;
      width?: number;
      height?: number;
      memory?: unknown;
      language?: string;
      /** Every request is granted at once: else the page says after a while that nobody answers. */
      isAnswered?: boolean;
    } = {},
  ): Promise<OpenPanel> {
    const context = await this.#browser.newContext({
      viewport: { width: options.width ?? 900, height: options.height ?? 900 },
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    const opened = new OpenPanel(page);
    await page.addInitScript(fakeEditor, {
      theme: THEMES[options.theme ?? 'dark'],
      memory: options.memory ?? null,
      isAnswered: options.isAnswered ?? false,
    });
    await page.goto(`${this.#address}/?language=${options.language ?? 'en'}`);
    await opened.ready();
    return opened;
  }

  /** The processes of the browser: their kind and number. */
  async processes(): Promise<readonly { readonly type: string; readonly id: number }[]> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return processInfo;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

interface Fake {
  sent: PanelMessage[];
  memory: unknown;
  violations: string[];
}

/** Runs in the page before its script: what VS Code provides. */
function fakeEditor({
  theme,
  memory,
  isAnswered,
}: {
  theme: (typeof THEMES)[ThemeName];
  memory: unknown;
  isAnswered: boolean;
}): void {
  const fake: Fake = { sent: [], memory, violations: [] };
  Object.assign(globalThis, fake, {
    acquireVsCodeApi: () => ({
      postMessage: (message: PanelMessage) => {
        (globalThis as unknown as Fake).sent.push(message);
        if (isAnswered && 'id' in message)
          postMessage({ type: 'reply', id: message.id, ok: true, message: '' }, '*');
      },
      getState: () => (globalThis as unknown as Fake).memory,
      setState: (state: unknown) => ((globalThis as unknown as Fake).memory = state),
    }),
  });
  document.addEventListener('securitypolicyviolation', (event) => {
    (globalThis as unknown as Fake).violations.push(`${event.violatedDirective} ${event.blockedURI}`);
  });
  document.addEventListener('DOMContentLoaded', () => {
    for (const [name, value] of Object.entries(theme.variables)) {
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
    }
    document.body.className = theme.classes;
  });
}

export class OpenPanel {
  readonly page: Page;
  readonly faults: string[] = [];
  #session: CDPSession | undefined;

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
  }

  /** Sends messages of the host, and waits until they are drawn. */
  async post(...messages: readonly HostMessage[]): Promise<void> {
    await this.postAnything(...messages);
  }

  async postAnything(...messages: readonly unknown[]): Promise<void> {
    await this.page.evaluate(async (all) => {
      for (const message of all) postMessage(message, '*');
      await new Promise((resolve) => setTimeout(resolve));
      for (let frame = 0; frame < 3; frame += 1)
        await new Promise((resolve) => requestAnimationFrame(resolve));
    }, messages);
  }

  sent(): Promise<PanelMessage[]> {
    return this.page.evaluate(() => (globalThis as unknown as Fake).sent);
  }

  memory(): Promise<unknown> {
    return this.page.evaluate(() => (globalThis as unknown as Fake).memory);
  }

  /** Broken rules of the content security policy. */
  violations(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as unknown as Fake).violations);
  }

  async setTheme(name: ThemeName): Promise<void> {
    await this.page.evaluate(({ variables, classes }) => {
      for (const [variable, value] of Object.entries(variables)) {
        document.documentElement.style.setProperty(`--vscode-${variable}`, value);
      }
      document.body.className = classes;
    }, THEMES[name]);
    await this.postAnything();
  }

  /**
   * Waits until the page has said that it is loaded. Not by `waitForFunction`: that makes code from text again for each look, which
   * the policy of the page forbids.
   */
  async ready(): Promise<void> {
    await this.page.evaluate(async () => {
      while (!(globalThis as unknown as Fake).sent.some(({ type }) => type === 'ready'))
        await new Promise((resolve) => setTimeout(resolve));
    });
  }

  /** Loads it anew, with the memory that it had at first. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Gives the window another size, in CSS pixels, and another zoom; and waits until that is drawn. */
  async resize(width: number, height: number, zoom = 1): Promise<void> {
    this.#session ??= await this.page.context().newCDPSession(this.page);
    await this.#session.send('Emulation.setDeviceMetricsOverride', {
      ...{ width, height, deviceScaleFactor: zoom, mobile: false },
    });
    await this.postAnything();
  }

  /** Chooses from the first list in sight with this label. */
  async choose(label: string, option: string): Promise<void> {
    const control = this.page
      .locator('.choice:visible', { hasText: label })
      .first()
      .locator('vscode-dropdown');
    await control.click();
    await control.getByRole('option', { name: option, exact: true }).click();
    await this.postAnything();
  }

  tab(name: string): Promise<void> {
    return this.page.getByRole('tab', { name }).click();
  }

  /** Takes a picture of the whole page, which is kept in `test/output`. */
  async screenshot(name: string): Promise<Buffer> {
    await this.page.evaluate(() => document.fonts.ready);
    return this.page.screenshot({ path: join(ROOT, 'test/output/panel', `${name}.png`), fullPage: true });
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

const NOTHING: Served = { type: 'image/x-icon', content: Buffer.alloc(0) };

/** The source of axe-core, to be run in the page. */
export function axeSource(): string {
  return readFileSync(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');
}
