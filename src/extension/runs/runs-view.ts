import * as vscode from 'vscode';
import { Disposable } from '../disposable.ts';
import { COMMANDS, CONTEXT_KEYS, VIEWS } from '../ids.ts';
import { isWorking } from './run-entry.ts';
import {
  filterChoices,
  filterText,
  fits,
  isFiltering,
  NO_FILTER,
  readFilter,
  type RunFilter,
} from './run-filter.ts';
import type { RunsWatcher } from './runs-watcher.ts';
import { runRow, type RunRow } from './tree-model.ts';

const FILTER_KEY = 'kd.runFilter';

/** The Runs view: newest first, drawn from plain rows, narrowed by a filter that the window remembers. */
export class RunsView extends Disposable implements vscode.TreeDataProvider<RunRow> {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<RunRow>;
  private filter: RunFilter;

  constructor(
    private readonly runs: RunsWatcher,
    private readonly memory: vscode.Memento,
  ) {
    super();
    this.filter = readFilter(memory.get(FILTER_KEY));
    this.view = this.register(
      vscode.window.createTreeView(VIEWS.runs, { treeDataProvider: this, canSelectMany: true }),
    );
    this.register(runs.onDidChange(() => this.update()));
    this.update();
  }

  getChildren(row?: RunRow): RunRow[] {
    if (row !== undefined) return [];
    return this.runs.entries.filter((entry) => fits(entry, this.filter)).map(runRow);
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

  /** Asks which runs are to be shown. */
  async chooseFilter(): Promise<void> {
    const choices = filterChoices(this.runs.entries, this.filter);
    const items = choices.map((choice) => ({ ...choice, description: choice.detail, detail: '' }));
    const picked = await vscode.window.showQuickPick(items, {
      canPickMany: true,
      placeHolder: 'Which runs are to be shown? Nothing chosen: all that are not archived.',
    });
    if (picked !== undefined) this.setFilter(picked.reduce((filter, { add }) => add(filter), NO_FILTER));
  }

  clearFilter(): void {
    this.setFilter({ ...NO_FILTER, archived: true });
  }

  private setFilter(filter: RunFilter): void {
    this.filter = filter;
    void this.memory.update(FILTER_KEY, filter);
    this.update();
  }

  private update(): void {
    const { entries } = this.runs;
    const working = entries.filter(isWorking).length;
    this.view.badge = working === 0 ? undefined : { value: working, tooltip: `${working} working` };
    this.view.description = filterText(this.filter);
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.hasRuns, entries.length > 0);
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.isFiltered, isFiltering(this.filter));
    this.changed.fire();
  }
}
