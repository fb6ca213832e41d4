import * as vscode from 'vscode';
import { Disposable, Holder } from '../disposable.ts';
import { newestRunOf } from '../runs/run-entry.ts';
import type { RunsWatcher } from '../runs/runs-watcher.ts';
import { RunPanel } from './run-panel.ts';

/** Names the panel to VS Code, which restores it after a reload. */
export const PANEL_TYPE = 'kd.panel';

export interface PanelServices {
  readonly extensionUri: vscode.Uri;
  /** The runs of this window. */
  readonly runs: Pick<RunsWatcher, 'entries' | 'onDidChange' | 'refresh'>;
  readonly log: Pick<vscode.LogOutputChannel, 'info' | 'warn' | 'error'>;
  /** Measures the gap of a student of a run now; its report lies in the run afterwards. */
  readonly measureGap: (run: string, student: string | null) => Promise<void>;
}

export interface PanelTarget {
  /** Config file that the panel opens beside. */
  readonly config?: vscode.Uri | undefined;
  /** Directory of the run to show; by default the newest of the config, else the newest of all. */
  readonly run?: string | undefined;
}

/** The one panel of the window: opened beside a config, restored after a reload. */
export class PanelController extends Disposable implements vscode.WebviewPanelSerializer {
  private readonly services: PanelServices;
  private readonly shown = this.register(new Holder<RunPanel>());

  constructor(services: PanelServices) {
    super();
    this.services = services;
    this.register(vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, this));
  }

  /** Opens the panel, or shows the open one, with a run. The file beside it keeps the focus. */
  open(target: PanelTarget = {}): void {
    const run = target.run ?? this.newestRun(target.config);
    const panel = this.shown.value;
    if (panel) {
      panel.reveal();
      panel.show(target.config?.fsPath ?? null, run);
      return;
    }
    const webview = vscode.window.createWebviewPanel(
      PANEL_TYPE,
      RunPanel.title(null),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      RunPanel.options(this.services.extensionUri),
    );
    this.adopt(webview, target.config?.fsPath ?? null, run);
  }

  /** Opens the panel with a run, and beside it the comparison of several. */
  compare(run: string, runs: readonly string[]): void {
    this.open({ run });
    this.shown.value?.compare(runs);
  }

  /** Whether a panel is open and can be seen. */
  get isVisible(): boolean {
    return this.shown.value?.isVisible ?? false;
  }

  deserializeWebviewPanel(webview: vscode.WebviewPanel): Thenable<void> {
    webview.webview.options = RunPanel.options(this.services.extensionUri);
    // Which run it was comes with the page's first message, once it is loaded.
    this.adopt(webview, null, null);
    return Promise.resolve();
  }

  private adopt(webview: vscode.WebviewPanel, config: string | null, run: string | null): void {
    const panel = new RunPanel(webview, this.services, config, run);
    this.shown.value = panel;
    webview.onDidDispose(() => {
      if (this.shown.value === panel) this.shown.value = undefined;
    });
  }

  private newestRun(config: vscode.Uri | undefined): string | null {
    const { entries } = this.services.runs;
    const newest = config === undefined ? (entries[0] ?? null) : newestRunOf(entries, config.fsPath);
    return newest?.directory ?? null;
  }
}
