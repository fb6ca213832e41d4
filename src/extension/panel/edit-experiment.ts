import * as vscode from 'vscode';
import type { TextEdit } from '../../config/diagnostic.ts';
import { UserError } from '../../protocol/errors.ts';

/**
 * Changes an experiment file as one edit, which one undo takes back. The file is shown and not saved.
 *
 * @param edits of the file's text as it is now
 * @returns the file's name within the workspace
 * @throws UserError KD5106 where the file is not an experiment of this workspace, or cannot be changed
 */
export async function editExperiment(
  config: string,
  edits: (text: string) => Promise<readonly TextEdit[]>,
): Promise<string> {
  const uri = vscode.Uri.file(config);
  // A run record may name any file; only an experiment of this workspace is edited on its behalf.
  if (!config.endsWith('.kd.yaml') || vscode.workspace.getWorkspaceFolder(uri) === undefined) {
    throw new UserError({
      code: 'KD5106',
      message: 'the experiment file of this run is not part of this workspace',
      help: 'open the folder of the experiment, then try it again',
      file: config,
    });
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const wanted = await edits(document.getText());
  const edit = new vscode.WorkspaceEdit();
  for (const { range, newText } of wanted) {
    const { start, end } = range;
    edit.replace(uri, new vscode.Range(start.line, start.character, end.line, end.character), newText);
  }
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new UserError({
      code: 'KD5106',
      message: 'the experiment file could not be changed',
      help: 'see whether it is read-only',
      file: config,
    });
  }
  const first = wanted[0]?.range.start.line ?? 0;
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: columnOf(uri),
    preserveFocus: true,
  });
  editor.revealRange(
    new vscode.Range(first, 0, first + 1, 0),
    vscode.TextEditorRevealType.InCenterIfOutsideViewport,
  );
  return vscode.workspace.asRelativePath(uri);
}

/** Where the file is open already, else the first column: never over the panel. */
function columnOf(uri: vscode.Uri): vscode.ViewColumn {
  const open = vscode.window.tabGroups.all.find((group) =>
    group.tabs.some(
      ({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString(),
    ),
  );
  return open?.viewColumn ?? vscode.ViewColumn.One;
}
