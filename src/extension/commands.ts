import * as vscode from 'vscode';
import type { CommandId } from './ids.ts';
import { report } from './report.ts';

/**
 * A command gets whatever the caller passes: a lens its URI as text, a menu an object and all that are selected, a shortcut
 * nothing.
 */
export type CommandHandler = (argument: unknown, selection: unknown) => unknown;

/** Registers every command; one that fails says why and what to do, and never rejects. */
export function registerCommands(
  handlers: Readonly<Record<CommandId, CommandHandler>>,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const registered = Object.entries(handlers).map(([id, handler]) =>
    vscode.commands.registerCommand(id, async (argument: unknown, selection: unknown) => {
      try {
        return await handler(argument, selection);
      } catch (error) {
        // Not awaited: the message stays until a person answers it.
        void report(error, log);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
