import * as vscode from 'vscode';
import { Disposable } from '../disposable.ts';
import { COMMANDS } from '../ids.ts';
import type { RunsWatcher } from './runs-watcher.ts';
import { statusText } from './status-text.ts';

const PRIORITY = 50;

/** Progress of the current run; nothing while nothing works. */
export class StatusBar extends Disposable {
  private readonly item: vscode.StatusBarItem;

  constructor(private readonly runs: RunsWatcher) {
    super();
    this.item = this.register(
      vscode.window.createStatusBarItem('kd.status', vscode.StatusBarAlignment.Left, PRIORITY),
    );
    this.item.name = 'KD Workbench';
    this.register(runs.onDidChange(() => this.update()));
    this.update();
  }

  private update(): void {
    const text = statusText(this.runs.entries);
    if (text === null) {
      this.item.hide();
      return;
    }
    this.item.text = text.text;
    this.item.tooltip = text.tooltip;
    this.item.command = { command: COMMANDS.openPanel, title: 'Open Panel', arguments: [text.directory] };
    this.item.show();
  }
}
