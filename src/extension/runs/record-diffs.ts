import { basename, dirname, sep } from 'node:path';
import * as vscode from 'vscode';
import { Disposable } from '../disposable.ts';
import { RUN_EDITOR } from '../ids.ts';
import type { RunEditor } from '../panel/run-editor.ts';
import { openConfigDiff } from '../record-commands.ts';

/** Where somebody compares two run records, the configs are what they want to see: those are shown in their place. */
export class RecordDiffs extends Disposable {
  private replacing = false;

  constructor(private readonly records: Pick<RunEditor, 'shown' | 'onDidShow'>) {
    super();
    this.register(
      vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
        for (const tab of opened) void this.replaceTexts(tab);
        void this.replacePanels();
      }),
    );
    this.register(records.onDidShow(() => void this.replacePanels()));
  }

  /** Records that are compared as text. */
  private async replaceTexts(tab: vscode.Tab): Promise<void> {
    if (!(tab.input instanceof vscode.TabInputTextDiff)) return;
    const { original, modified } = tab.input;
    if (isRunRecord(original) && isRunRecord(modified)) await this.replace(tab, original, modified);
  }

  /**
   * By default the two records are shown as runs side by side, in a tab of which extensions are not told what it holds: it is
   * what is on the screen without a tab of its own.
   */
  private async replacePanels(): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const sides = [...this.records.shown];
    for (const { input } of tabs) {
      if (!(input instanceof vscode.TabInputCustom) || input.viewType !== RUN_EDITOR) continue;
      const own = sides.findIndex(({ uri }) => uri.toString() === input.uri.toString());
      if (own >= 0) sides.splice(own, 1);
    }
    const tab = tabs.find(({ input, label }) => input === undefined && label.includes(RECORD));
    const [one, other, third] = sides;
    if (tab === undefined || one === undefined || other === undefined || third !== undefined) return;
    await this.replace(tab, one.uri, other.uri);
  }

  private async replace(tab: vscode.Tab, one: vscode.Uri, other: vscode.Uri): Promise<void> {
    if (this.replacing) return;
    this.replacing = true;
    try {
      await vscode.window.tabGroups.close(tab);
      await openConfigDiff(dirname(one.fsPath), dirname(other.fsPath));
    } finally {
      this.replacing = false;
    }
  }
}

const RECORD = 'run.json';

/** `.kd/runs/<id>/run.json` on this disk. */
function isRunRecord({ scheme, fsPath }: vscode.Uri): boolean {
  const runs = dirname(dirname(fsPath));
  return scheme === 'file' && basename(fsPath) === RECORD && runs.endsWith(`${sep}.kd${sep}runs`);
}
