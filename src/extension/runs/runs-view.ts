import * as vscode from 'vscode';
import { Disposable } from '../disposable.ts';
import { COMMANDS, CONTEXT_KEYS, VIEWS } from '../ids.ts';
import { isWorking } from './run-entry.ts';
import type { RunsWatcher } from './runs-watcher.ts';
import { runRow, type RunRow } from './tree-model.ts';

/** The Runs view: newest first, drawn from plain rows. */
export class RunsView extends Disposable implements vscode.TreeDataProvider<RunRow> {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<RunRow>;

  constructor(private readonly runs: RunsWatcher) {
    super();
    this.view = this.register(vscode.window.createTreeView(VIEWS.runs, { treeDataProvider: this }));
    this.register(runs.onDidChange(() => this.update()));
    this.update();
  }

  getChildren(row?: RunRow): RunRow[] {
    return row === undefined ? this.runs.entries.map(runRow) : [];
  }

  getTreeItem(row: RunRow): vscode.TreeItem {
    const item = new vscode.TreeItem(row.label);
    const { name, color } = row.icon;
    item.id = row.directory;
    item.description = row.description;
    // Plain text: names come from files.
    item.tooltip = row.tooltip.join('\n');
    item.iconPath = new vscode.ThemeIcon(
      name,
      color === undefined ? undefined : new vscode.ThemeColor(color),
    );
    item.contextValue = row.item;
    item.accessibilityInformation = { label: row.spoken };
    item.command = { command: COMMANDS.openPanel, title: 'Open Panel', arguments: [row] };
    return item;
  }

  private update(): void {
    const working = this.runs.entries.filter(isWorking).length;
    this.view.badge = working === 0 ? undefined : { value: working, tooltip: `${working} working` };
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.hasRuns, this.runs.entries.length > 0);
    this.changed.fire();
  }
}
