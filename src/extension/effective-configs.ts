import { basename } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { configOf } from './config-argument.ts';
import { Disposable } from './disposable.ts';
import { LANGUAGE } from './ids.ts';
import type { LanguageHost } from './language/language-host.ts';

const SCHEME = 'kd-effective';

/**
 * Configs as they would run, beside their source, with what defaults, base files and expansions add to it. A view is
 * renewed while the source is edited; with errors it keeps what held last.
 */
export class EffectiveConfigs extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<vscode.Uri>());
  private readonly texts = new Map<string, string>();

  constructor(private readonly language: LanguageHost) {
    super();
    this.register(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        onDidChange: this.changed.event,
        provideTextDocumentContent: (uri) => this.textOf(sourceOf(uri)),
      }),
    );
    this.register(
      vscode.workspace.onDidChangeTextDocument(({ document: { uri, languageId } }) => {
        if (languageId === LANGUAGE && this.texts.has(uri.toString())) this.changed.fire(viewOf(uri));
      }),
    );
    this.register(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => void this.texts.delete(uri.toString())),
    );
  }

  async show(argument: unknown): Promise<void> {
    const { uri } = await vscode.workspace.openTextDocument(await configOf(argument));
    const result = await (await this.language.service()).effective(uri);
    if (result === null || result.text === null) {
      throw new UserError({
        code: 'KD5120',
        message: 'the effective config is not known while the experiment has errors',
        help: 'the Problems view lists them, most with a fix',
        file: uri.fsPath,
      });
    }
    this.texts.set(uri.toString(), result.text);
    this.changed.fire(viewOf(uri));
    const title = `${basename(uri.path)} ↔ as it runs`;
    await vscode.commands.executeCommand('vscode.diff', uri, viewOf(uri), title);
  }

  private async textOf(source: vscode.Uri): Promise<string> {
    const result = await (await this.language.service()).effective(source);
    const text = result?.text ?? this.texts.get(source.toString()) ?? '';
    this.texts.set(source.toString(), text);
    return text;
  }
}

function viewOf(source: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: source.path, query: source.toString() });
}

function sourceOf(view: vscode.Uri): vscode.Uri {
  return vscode.Uri.parse(view.query, true);
}
