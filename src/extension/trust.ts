import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';

/** Asked right before a process is started, never remembered. */
export function isTrusted(): boolean {
  return vscode.workspace.isTrusted;
}

/** Throws KD5102 in Restricted Mode, with `what` in words: `an experiment is run`. */
export function requireTrust(what: string): void {
  if (isTrusted()) return;
  throw new UserError({
    code: 'KD5102',
    message: `${what} only in a workspace that you trust; this one is in Restricted Mode`,
    help: 'choose "Manage Workspace Trust", trust the folder, and try again',
  });
}
