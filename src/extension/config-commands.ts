import { join } from 'node:path';
import * as vscode from 'vscode';
import { copySample, templates, type Template } from '../runs/sample.ts';
import { configOf } from './config-argument.ts';
import { COMMANDS } from './ids.ts';
import type { LanguageHost } from './language/language-host.ts';
import { plainText } from './plain-text.ts';

const SHOW_PROBLEMS = 'Show Problems';
const RUN = 'Run';

/** Checks a config with everything it refers to, and says in one line how it stands. */
export async function checkConfig(argument: unknown, language: LanguageHost): Promise<void> {
  const uri = await configOf(argument);
  const document = await vscode.workspace.openTextDocument(uri);
  const service = await language.service();
  const result = await service.check(document.uri);
  const name = vscode.workspace.asRelativePath(uri);
  if (result === null) {
    void vscode.window.showWarningMessage(
      `${name} could not be checked: the language server is not running.`,
    );
    return;
  }
  const { errors, warnings, first } = result;
  if (first === null) {
    offer(
      vscode.window.showInformationMessage(plainText(`${name} has no problems and can be run.`), RUN),
      RUN,
      () => vscode.commands.executeCommand(COMMANDS.run, uri),
    );
    return;
  }
  const counts = [plural(errors, 'error'), plural(warnings, 'warning')]
    .filter((part) => part !== '')
    .join(', ');
  const message = plainText(`${name}: ${counts}. Line ${first.line + 1}: ${first.message}`);
  const shown =
    errors > 0
      ? vscode.window.showErrorMessage(message, SHOW_PROBLEMS)
      : vscode.window.showWarningMessage(message, SHOW_PROBLEMS);
  offer(shown, SHOW_PROBLEMS, () => vscode.commands.executeCommand('workbench.actions.view.problems'));
}

/** Writes the pair of layers that fits best into the config; one undo takes it back. */
export async function suggestPair(argument: unknown, language: LanguageHost): Promise<void> {
  const document = await vscode.workspace.openTextDocument(await configOf(argument));
  const service = await language.service();
  const { version } = document;
  const suggestion = await service.suggestPair(document.uri);
  if (suggestion === null) {
    void vscode.window.showInformationMessage(
      'No pair of layers is left that would fit: all of one size are matched, or the models are not known yet.',
    );
    return;
  }
  // The text moved on while the server answered: its places mean nothing any more.
  if (document.version !== version) throw new vscode.CancellationError();
  const change = new vscode.WorkspaceEdit();
  for (const { range, newText } of suggestion.edits) {
    const { start, end } = range;
    change.replace(
      document.uri,
      new vscode.Range(start.line, start.character, end.line, end.character),
      newText,
    );
  }
  await vscode.workspace.applyEdit(change);
}

function plural(count: number, word: string): string {
  return count === 0 ? '' : count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

/** A message stays until it is answered; the command does not wait for that. */
function offer(shown: Thenable<string | undefined>, button: string, act: () => Thenable<unknown>): void {
  void shown.then((choice) => (choice === button ? act() : undefined));
}

/** Writes a sample into a folder and opens its config. Writes files only; nothing is started. */
export async function newExperiment(argument: unknown, extensionPath: string): Promise<void> {
  const sample = join(extensionPath, 'media', 'sample');
  const template = await pickTemplate(templates(sample));
  const folder = argument instanceof vscode.Uri ? argument : await pickFolder();
  const [config] = copySample(sample, template, folder.fsPath);
  if (config === undefined) throw new Error('The sample holds no config.');
  await vscode.window.showTextDocument(vscode.Uri.file(config));
}

async function pickTemplate(offered: readonly Template[]): Promise<string> {
  if (offered.length === 0) throw new Error('The package holds no sample.');
  const items = offered.map(({ name, title, about }) => ({ label: name, description: title, detail: about }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: 'Which sample? Each runs as it is, on digits that come with it',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.label;
}

async function pickFolder(): Promise<vscode.Uri> {
  const first = vscode.workspace.workspaceFolders?.[0]?.uri;
  const picked = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: 'Write the Sample Here',
    title: 'New KD Experiment: where to? Nothing is overwritten',
    ...(first === undefined ? {} : { defaultUri: first }),
  });
  const [folder] = picked ?? [];
  if (folder === undefined) throw new vscode.CancellationError();
  return folder;
}
