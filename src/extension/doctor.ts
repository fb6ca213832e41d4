import { join } from 'node:path';
import * as vscode from 'vscode';
import type { DoctorReport } from '../protocol/records.ts';
import { findNode } from '../runs/index.ts';
import { COMMANDS } from './ids.ts';
import { plainText } from './plain-text.ts';
import { setting } from './settings.ts';
import { runTool } from './run-tool.ts';
import { requireTrust } from './trust.ts';

const INSTALL = 'Install Runtime...';

/** Runs `kd doctor`, writes what it says to the log, and offers what can be installed. */
export async function runDoctor(extensionPath: string, log: vscode.LogOutputChannel): Promise<void> {
  const node = await findNode({ configured: setting('nodePath') });
  log.show(true);
  log.info(`Node ${node.version}, from ${node.from}: ${node.path}`);
  const progress = {
    location: vscode.ProgressLocation.Window,
    title: 'KD: testing what this machine can run',
  };
  const { code, answer } = await vscode.window.withProgress(progress, () => {
    requireTrust('The machine is tested');
    const tool = join(extensionPath, 'dist', 'kd.cjs');
    return runTool(node, tool, ['doctor', '--json'], (line) => log.info(line));
  });
  if (answer === '')
    throw new Error(`kd doctor ended with ${code ?? 'a signal'}; what it said stands in the log`);
  const report = JSON.parse(answer) as DoctorReport;
  // Not awaited: the message stays until a person answers it.
  void offer(report);
}

async function offer({ executor, serving, refused, offers }: DoctorReport): Promise<void> {
  const uses =
    executor === null
      ? 'No executor can train here.'
      : serving.length === 1
        ? `Runs use ${executor.name}.`
        : `Runs take the fastest of ${serving.map(({ name }) => name).join(', ')}.`;
  const others = refused.length === 1 ? '1 other does' : `${refused.length} others do`;
  const absent = refused.length === 0 ? '' : ` ${others} not serve; the log says why.`;
  const more = offers.filter(({ installed, obstacle }) => !installed && obstacle === undefined);
  const message = plainText(`${uses}${absent}`);
  const choice = await (executor === null
    ? vscode.window.showErrorMessage(message, INSTALL)
    : vscode.window.showInformationMessage(message, ...(more.length === 0 ? [] : [INSTALL])));
  if (choice === INSTALL) await vscode.commands.executeCommand(COMMANDS.installRuntime);
}
