import { basename, dirname, sep } from 'node:path';
import * as vscode from 'vscode';
import { Disposable } from '../disposable.ts';
import { openConfigDiff } from '../record-commands.ts';

/** Where somebody compares two run records, the configs are what they want to see: those are shown in their place. */
export class RecordDiffs extends Disposable {
  constructor() {
    super();
    this.register(
      vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
        for (const tab of opened) void this.replace(tab);
      }),
    );
  }

  private async replace(tab: vscode.Tab): Promise<void> {
    if (!(tab.input instanceof vscode.TabInputTextDiff)) return;
    const { original, modified } = tab.input;
    if (!isRunRecord(original) || !isRunRecord(modified)) return;
    await vscode.window.tabGroups.close(tab);
    await openConfigDiff(dirname(original.fsPath), dirname(modified.fsPath));
  }
}

/** `.kd/runs/<id>/run.json` on this disk. */
export function isRunRecord({ scheme, fsPath }: vscode.Uri): boolean {
  const runs = dirname(dirname(fsPath));
  return scheme === 'file' && basename(fsPath) === 'run.json' && runs.endsWith(`${sep}.kd${sep}runs`);
}
