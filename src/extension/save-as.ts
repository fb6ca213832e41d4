import { join } from 'node:path';
import * as vscode from 'vscode';

/** Asks where a file is to be written; the first folder of the workspace is offered. */
export async function saveAs(name: string, filters: Readonly<Record<string, string[]>>): Promise<vscode.Uri> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const target = await vscode.window.showSaveDialog({
    filters: { ...filters },
    ...(folder !== undefined && { defaultUri: vscode.Uri.file(join(folder, fileNameOf(name))) }),
  });
  if (target === undefined) throw new vscode.CancellationError();
  return target;
}

/** What is said of a file that was written. */
export function savedAs(target: vscode.Uri): string {
  return vscode.l10n.t('saved as {0}', vscode.workspace.asRelativePath(target));
}

/** A name without anything that a file system or a path would understand otherwise. */
export function fileNameOf(name: string): string {
  const safe = name
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+|[.-]+$/gu, '')
    .slice(0, 80);
  return safe === '' ? 'run' : safe;
}
