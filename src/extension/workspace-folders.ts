import * as vscode from 'vscode';

/** Folders of this window that lie on a disk. */
export function workspaceFolderPaths(): readonly string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}
