import * as vscode from 'vscode';
import { UserError, formatProblem } from '../protocol/errors.ts';
import { plainText } from './plain-text.ts';

const MANAGE_TRUST = 'Manage Workspace Trust';
const OPEN_SETTINGS = 'Open Settings';
const SHOW_PROBLEMS = 'Show Problems';
const SHOW_LOG = 'Show Log';

/** Where the next step of an error is one click away. */
const REMEDIES: Readonly<
  Record<string, { readonly title: string; readonly command: string; readonly argument?: string }>
> = {
  KD5018: { title: MANAGE_TRUST, command: 'workbench.trust.manage' },
  KD5102: { title: MANAGE_TRUST, command: 'workbench.trust.manage' },
  KD5111: { title: SHOW_PROBLEMS, command: 'workbench.actions.view.problems' },
  KD5017: { title: OPEN_SETTINGS, command: 'workbench.action.openSettings', argument: 'kd.nodePath' },
};

/** Tells a person what went wrong and what to do next. What was cancelled is no error; a defect of ours goes to the log. */
export async function report(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  if (error instanceof vscode.CancellationError) return;
  const defect = !(error instanceof UserError);
  log.error(
    defect
      ? error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
      : formatProblem(error.problem),
  );
  const message = defect
    ? `KD Workbench met a defect of its own: ${error instanceof Error ? error.message : String(error)}`
    : `${error.problem.message}. Next: ${error.problem.help} (${error.problem.code})`;
  const remedy = defect ? undefined : REMEDIES[error.problem.code];
  const choice = await vscode.window.showErrorMessage(
    plainText(message),
    ...(remedy === undefined ? [] : [remedy.title]),
    SHOW_LOG,
  );
  if (choice === SHOW_LOG) log.show();
  else if (remedy !== undefined && choice === remedy.title) {
    await vscode.commands.executeCommand(
      remedy.command,
      ...(remedy.argument === undefined ? [] : [remedy.argument]),
    );
  }
}
