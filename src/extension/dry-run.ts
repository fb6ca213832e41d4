import { join } from 'node:path';
import * as vscode from 'vscode';
import { dryRunText } from '../protocol/dry-run-text.ts';
import type { DryRunReport } from '../protocol/records.ts';
import { durationText } from '../protocol/run-text.ts';
import { findNode } from '../runs/index.ts';
import { configOf } from './config-argument.ts';
import { COMMANDS } from './ids.ts';
import type { LanguageHost } from './language/language-host.ts';
import { plainText } from './plain-text.ts';
import { runTool } from './run-tool.ts';
import { setting } from './settings.ts';
import { toolProblem } from './tool-problem.ts';
import { requireTrust } from './trust.ts';

const RUN = 'Run';
const SHOW_REPORT = 'Show Report';

/** Takes a few steps of every phase of a config, writes what came of it to the log, and says how long a run would take. */
export async function runDryRun(
  argument: unknown,
  extensionPath: string,
  language: Pick<LanguageHost, 'tried'>,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const uri = await configOf(argument);
  const document = await vscode.workspace.openTextDocument(uri);
  const node = await findNode({ configured: setting('nodePath') });
  const name = vscode.workspace.asRelativePath(uri);
  const progress = { location: vscode.ProgressLocation.Window, title: `KD: trying ${name}` };
  requireTrust('The experiment is tried');
  // What is tried is what stands on the disk.
  if (document.isDirty) await document.save();
  const said: string[] = [];
  const { answer } = await vscode.window.withProgress(progress, () =>
    runTool(node, join(extensionPath, 'dist', 'kd.cjs'), ['dry-run', uri.fsPath, '--json'], (line) => {
      said.push(line);
      log.info(line);
    }),
  );
  if (answer === '') throw toolProblem(said, 'the dry run');
  const report = JSON.parse(answer) as DryRunReport;
  language.tried();
  for (const line of dryRunText(report).split('\n')) log.info(line);
  // Not awaited: the message stays until a person answers it.
  void offer(name, uri, report, log);
}

async function offer(
  name: string,
  uri: vscode.Uri,
  { seconds, phases }: DryRunReport,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const names = phases.map(({ phase }) => phase).join(', ');
  const message = `${name}: every phase works (${names}). The whole run takes about ${durationText(seconds)}.`;
  const choice = await vscode.window.showInformationMessage(plainText(message), RUN, SHOW_REPORT);
  if (choice === RUN) await vscode.commands.executeCommand(COMMANDS.run, uri);
  if (choice === SHOW_REPORT) log.show(true);
}
