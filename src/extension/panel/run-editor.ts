import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { Disposable } from '../disposable.ts';
import { RUN_EDITOR } from '../ids.ts';
import type { PanelServices } from './panel-controller.ts';
import { RunPanel } from './run-panel.ts';

/** Opens `.kd/runs/<id>/run.json` as the run that it is; its text is one "Reopen Editor With..." away. */
export class RunEditor extends Disposable implements vscode.CustomReadonlyEditorProvider {
  /** The records on the screen, one for each place in which they are shown. */
  readonly shown = new Set<{ readonly uri: vscode.Uri }>();
  private readonly shows = this.register(new vscode.EventEmitter<void>());
  readonly onDidShow = this.shows.event;

  constructor(private readonly services: PanelServices) {
    super();
    this.register(vscode.window.registerCustomEditorProvider(RUN_EDITOR, this));
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, webview: vscode.WebviewPanel): void {
    webview.webview.options = RunPanel.options(this.services.extensionUri);
    // It lives and ends with the editor that the window gives it.
    new RunPanel(webview, this.services, null, dirname(uri.fsPath));
    const place = { uri };
    this.shown.add(place);
    webview.onDidDispose(() => this.shown.delete(place));
    this.shows.fire();
  }
}
