import { join } from 'node:path';
import * as vscode from 'vscode';
import { isForThisMachine, RUNTIMES } from '../protocol/runtimes.ts';
import { findNode } from '../runs/index.ts';
import { setting } from './settings.ts';
import { requireTrust } from './trust.ts';

/** Offers the optional runtimes with their size and reason, and installs the chosen one by `kd install`, as a task to be watched. */
export async function installRuntime(extensionPath: string): Promise<void> {
  const items = RUNTIMES.filter(isForThisMachine).map(({ name, title, download, disk, reason }) => ({
    label: title,
    description: `${download} MB to download, ${disk} MB on disk`,
    detail: reason,
    name,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Install Runtime',
    placeHolder: 'Nothing of this is needed: runs go on what the extension brings',
    matchOnDetail: true,
  });
  if (chosen === undefined) return;
  const node = await findNode({ configured: setting('nodePath') });
  requireTrust('A runtime is installed');
  const execution = new vscode.ProcessExecution(
    node.path,
    [join(extensionPath, 'dist', 'kd.cjs'), 'install', chosen.name, '--yes'],
    { env: { ...node.environment } },
  );
  const task = new vscode.Task(
    { type: 'process' },
    vscode.TaskScope.Workspace,
    `Install ${chosen.name}`,
    'KD Workbench',
    execution,
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  await vscode.tasks.executeTask(task);
}
