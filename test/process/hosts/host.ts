/**
 * An extension host as a process of its own: the extension's code as it is, an editor that only remembers. A test drives it by
 * messages. Its settings come from the environment.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import { activate } from '../../../src/extension/main.ts';
import { COMMANDS, type CommandId } from '../../../src/extension/ids.ts';
import { editor, seen, Uri } from './vscode.ts';

export interface Request {
  readonly id: number;
  readonly what: 'look' | 'command' | 'end';
  readonly command?: CommandId;
  /** A run directory, or the path of a config. */
  readonly argument?: string;
  /** Buttons that are clicked where they are offered. */
  readonly clicks?: readonly string[];
}

/** What the window shows. */
export interface Look {
  readonly runs: readonly { readonly label: string; readonly description: string; readonly item: string }[];
  /** Null where it is hidden. */
  readonly bar: string | null;
  /** Messages since the window was opened. */
  readonly shown: readonly { readonly kind: string; readonly message: string }[];
  readonly log: readonly string[];
}

const { KD_HOST_EXTENSION = '', KD_HOST_STORAGE = '', KD_HOST_VERSION = '' } = process.env;
const statePath = join(KD_HOST_STORAGE, 'workspace-state.json');
const stored = (): Record<string, unknown> =>
  existsSync(statePath) ? (JSON.parse(readFileSync(statePath, 'utf8')) as Record<string, unknown>) : {};

editor.settings.set('kd.panel.openOnRun', false);
const subscriptions: { dispose(): unknown }[] = [];
activate({
  extensionPath: KD_HOST_EXTENSION,
  extensionUri: Uri.file(KD_HOST_EXTENSION),
  globalStorageUri: Uri.file(KD_HOST_STORAGE),
  extension: { packageJSON: { version: KD_HOST_VERSION } },
  subscriptions,
  // Of the workspace: what a window that is reloaded finds again.
  workspaceState: {
    get: (key: string, fallback: unknown) => stored()[key] ?? fallback,
    update: (key: string, value: unknown) => {
      writeFileSync(statePath, JSON.stringify({ ...stored(), [key]: value }));
      return Promise.resolve();
    },
  },
} as unknown as vscode.ExtensionContext);

function look(): Look {
  const runs = (seen.rows?.getChildren() ?? []).map(({ label, description, item }) => ({
    ...{ label, description, item },
  }));
  const shown = editor.shown.map(({ kind, message }) => ({ kind, message }));
  return { runs, bar: seen.bar.isShown ? seen.bar.text : null, shown, log: seen.log };
}

async function answer({ what, command = COMMANDS.refreshRuns, argument, clicks = [] }: Request) {
  if (what === 'end') {
    for (const part of subscriptions.reverse()) part.dispose();
    setImmediate(() => process.exit(0));
  }
  if (what === 'command') {
    editor.clicks.push(...clicks);
    const isConfig = argument?.endsWith('.kd.yaml') === true;
    await editor.commands.get(command)?.(isConfig ? Uri.file(argument) : argument);
    editor.clicks.length = 0;
  }
  return look();
}

process.on('message', (request: Request) => {
  answer(request).then(
    (result) => process.send?.({ id: request.id, result }),
    (error: unknown) => process.send?.({ id: request.id, error: String(error) }),
  );
});
process.send?.({ id: 0, result: look() });
