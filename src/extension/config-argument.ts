import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { LANGUAGE } from './ids.ts';

const MOST_CONFIGS = 200;

/** The config a command is about: its argument, else the active editor, else the one that is picked. */
export async function configOf(argument: unknown): Promise<vscode.Uri> {
  if (argument instanceof vscode.Uri) return argument;
  if (typeof argument === 'string') return vscode.Uri.parse(argument, true);
  const active = vscode.window.activeTextEditor?.document;
  if (active?.languageId === LANGUAGE) return active.uri;
  return pickConfig();
}

async function pickConfig(): Promise<vscode.Uri> {
  const found = await vscode.workspace.findFiles('**/*.kd.yaml', '**/{node_modules,.kd}/**', MOST_CONFIGS);
  const [only, second] = found;
  if (only === undefined) {
    throw new UserError({
      code: 'KD5103',
      message: 'no experiment is open, and this workspace holds no *.kd.yaml file',
      help: 'write one with the command "KD: New Experiment"',
    });
  }
  if (second === undefined) return only;
  const items = found
    .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: 'Which experiment?' });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.uri;
}

/**
 * The text of the config is on the disk, where the engine and other tools read it.
 * Throws KD5104 for what has no file.
 */
export async function saved(uri: vscode.Uri): Promise<vscode.Uri> {
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.isUntitled || uri.scheme !== 'file') {
    throw new UserError({
      code: 'KD5104',
      message: 'an experiment can only run from a file in a folder on this machine',
      help: 'save it as NAME.kd.yaml, then run it',
    });
  }
  if (document.isDirty && !(await document.save())) throw new vscode.CancellationError();
  return document.uri;
}
