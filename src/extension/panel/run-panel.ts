import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { HostMessage, PanelMessage } from '../../protocol/panel.ts';
import { PANEL_PROTOCOL } from '../../protocol/panel.ts';
import { COMPARE_LIMITS } from '../../protocol/compare-shapes.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { readPanelMessage } from '../../protocol/panel-shapes.ts';
import { RunDirectory } from '../../runs/directory.ts';
import { Disposable, Holder } from '../disposable.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { panelDocument } from './document.ts';
import { PanelFeed } from './feed.ts';
import { OverlaidRuns } from './overlaid-runs.ts';
import { answerRequest } from './requests.ts';
import { RunFollower } from './run-follower.ts';
import { summaryOfRun } from './run-view.ts';
import { SideFeed } from './side-feed.ts';
import { systemTimer } from './system-timer.ts';
import type { PanelServices } from './panel-controller.ts';

/** One open panel: follows a run, tells the page, and does what the page asks for. */
export class RunPanel extends Disposable {
  private readonly feed: PanelFeed;
  private readonly side: SideFeed;
  private readonly follower = this.register(new Holder<RunFollower>());
  private readonly overlays: OverlaidRuns;
  /** The page has said that it is loaded; a hidden page is unloaded. */
  private isLoaded = false;
  /** The run that the page showed before a reload, until the window knows its runs. */
  private wanted: string | null = null;
  /** Runs to compare as soon as the page can be told. */
  private comparing: readonly string[] | null = null;

  /** @param run directory of the run to show; null: the one of the page before a reload, or the newest */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly services: PanelServices,
    private config: string | null,
    private run: string | null,
  ) {
    super();
    const feed = this.register(new PanelFeed((message) => this.post(message), systemTimer));
    this.feed = feed;
    this.overlays = this.register(
      new OverlaidRuns((directory) => new RunDirectory(directory), {
        onModel: (directory, model) => feed.overlay(directory, model),
        onChange: () => feed.changed(),
        onDrop: (directory) => feed.dropOverlay(directory),
      }),
    );
    this.side = this.register(
      new SideFeed(
        (message) => this.post(message),
        { entries: () => services.runs.entries, run: () => this.run },
        systemTimer,
      ),
    );
    this.register(panel);
    this.register(panel.webview.onDidReceiveMessage((message: unknown) => this.receive(message)));
    this.register(panel.onDidChangeViewState(() => this.viewChanged()));
    this.register(panel.onDidDispose(() => this.dispose()));
    this.register(services.runs.onDidChange(() => this.runsChanged()));
    this.register(vscode.workspace.onDidGrantWorkspaceTrust(() => this.sendRuns()));
    const icon = (theme: string) => vscode.Uri.joinPath(services.extensionUri, 'media', `file-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    panel.webview.html = documentOf(panel.webview, services.extensionUri);
    this.follow();
  }

  static title(name: string | null): string {
    return name === null ? 'KD Workbench' : `KD: ${name}`;
  }

  static options(extensionUri: vscode.Uri): vscode.WebviewOptions {
    return {
      enableScripts: true,
      enableForms: false,
      enableCommandUris: false,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist')],
    };
  }

  get isVisible(): boolean {
    return this.panel.visible;
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
  }

  /** Shows a run; null: waits for the first run of the config. */
  show(config: string | null, run: string | null): void {
    this.config = config ?? this.config;
    this.wanted = null;
    if (run === null || run !== this.run) {
      this.run = run;
      this.follow();
    }
    this.sendRuns();
  }

  /** Shows the comparison, with these runs chosen. */
  compare(runs: readonly string[]): void {
    this.comparing = runs.slice(0, COMPARE_LIMITS.runs);
    this.tellComparison();
  }

  private tellComparison(): void {
    if (this.comparing === null || !this.isLoaded || !this.panel.visible) return;
    this.post({ type: 'showComparison', runs: this.comparing });
    this.comparing = null;
  }

  private follow(): void {
    const { run } = this;
    if (run === null) {
      this.follower.value = undefined;
      this.feed.show(null);
      this.panel.title = RunPanel.title(this.config === null ? null : basename(this.config));
      return;
    }
    try {
      this.follower.value = new RunFollower(new RunDirectory(run), {
        onModel: (model) => {
          this.feed.show(model);
          this.panel.title = RunPanel.title(model.run.name);
        },
        onChange: () => this.feed.changed(),
        onLost: (reason) => this.lost(run, reason),
      });
    } catch (error) {
      this.lost(run, error instanceof Error ? error.message : String(error));
    }
  }

  private lost(run: string, reason: string): void {
    this.services.log.warn(`panel: run ${run} cannot be shown: ${reason}`);
    if (this.run !== run) return;
    this.run = null;
    this.follow();
    this.sendRuns();
  }

  private viewChanged(): void {
    if (!this.panel.visible) {
      this.isLoaded = false;
      this.side.reset();
    }
    this.greet();
  }

  /** Tells a page that is loaded and in sight everything; any other is told nothing. */
  private greet(): void {
    const isLive = this.panel.visible && this.isLoaded;
    if (isLive) {
      this.post({ type: 'welcome', version: PANEL_PROTOCOL });
      this.sendRuns();
      this.tellComparison();
    }
    this.feed.setLive(isLive);
  }

  private runsChanged(): void {
    if (this.run === null) this.chooseRun();
    this.sendRuns();
    const { entries } = this.services.runs;
    this.overlays.refresh((run) => entries.find(({ directory }) => directory === run)?.status);
  }

  /** The run of the page before its reload where it is still there; else the newest of the config, else the newest. */
  private chooseRun(): void {
    const { entries } = this.services.runs;
    const ofConfig = entries.filter(({ record }) => this.config === null || record.config === this.config);
    const chosen = entries.find(({ directory }) => directory === this.wanted) ?? ofConfig[0];
    if (chosen === undefined || chosen.directory === this.run) return;
    this.run = chosen.directory;
    this.config ??= chosen.record.config;
    this.follow();
  }

  private sendRuns(): void {
    this.side.changed();
    this.post({
      type: 'runs',
      runs: this.services.runs.entries
        .slice(0, LIMITS.runs)
        .map(({ record, status, directory }) => summaryOfRun({ ...record, status }, directory)),
      config: this.config === null ? null : basename(this.config),
      trusted: vscode.workspace.isTrusted,
    });
    void this.sendAblation();
  }

  /** Where experiments of an ablation have run: what they say now. Read with the parser of configs, loaded when first needed. */
  private async sendAblation(): Promise<void> {
    const { ablationAnswer } = await import('../../reports/ablation-answer.ts');
    const { entries } = this.services.runs;
    const config = entries.find(({ directory }) => directory === this.run)?.record.config;
    const configOf = ({ directory }: RunEntry) => new RunDirectory(directory).config();
    const answer = config === undefined ? null : ablationAnswer(config, entries, configOf);
    if (this.run !== null && answer !== null) this.post({ type: 'ablation', run: this.run, answer });
  }

  private receive(received: unknown): void {
    const message = readPanelMessage(received);
    if (message.ok) this.take(message.value);
    else this.services.log.warn(`panel: a message was dropped: ${message.problem}`);
  }

  private take(message: PanelMessage): void {
    switch (message.type) {
      case 'ready':
        if (message.version !== PANEL_PROTOCOL) {
          this.services.log.warn(`panel: the page speaks version ${message.version}, not ${PANEL_PROTOCOL}`);
        }
        this.isLoaded = true;
        this.wanted = message.run;
        if (this.run === null) this.chooseRun();
        this.greet();
        return;
      case 'watch':
        this.side.watch(message);
        return;
      case 'resync':
        this.services.log.info(`panel: ${message.reason}`);
        this.feed.resync();
        return;
      case 'problem':
        this.services.log.error(`panel: ${message.message}`);
        return;
      default:
        void this.answer(message);
    }
  }

  private async answer(request: Extract<PanelMessage, { id: number }>): Promise<void> {
    const reply = await answerRequest(request, {
      entries: this.services.runs.entries,
      config: this.config,
      select: (run) => this.show(null, run),
      tell: (message) => this.post(message),
      measureGap: (run, student) => this.services.measureGap(run, student),
      overlay: (runs, metrics) => this.overlays.set(runs, metrics),
      showComparison: (report) => this.post({ type: 'comparison', report }),
      refresh: () => this.services.runs.refresh(),
    });
    if (!reply.ok) this.services.log.warn(`panel: ${request.type}: ${reply.message}`);
    this.post({
      type: 'reply',
      id: request.id,
      ok: reply.ok,
      message: reply.message.slice(0, LIMITS.messageLength),
    });
  }

  private post(message: HostMessage): void {
    if (!this.isDisposed && this.isLoaded && this.panel.visible) void this.panel.webview.postMessage(message);
  }
}

function documentOf(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const address = (file: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', file)).toString();
  return panelDocument({
    script: address('panel.js'),
    style: address('panel.css'),
    source: webview.cspSource,
    language: vscode.env.language,
    strings: vscode.l10n.bundle ?? {},
    title: RunPanel.title(null),
  });
}
