import * as vscode from 'vscode';
import { isResumable } from '../runs/index.ts';
import { configOf, saved } from './config-argument.ts';
import { plainText } from './plain-text.ts';
import { runOf } from './run-argument.ts';
import type { RunServices } from './run-commands.ts';
import type { ReadyExperiment } from './runs/ready-experiment.ts';
import { isQueued, type RunEntry } from './runs/run-entry.ts';
import { requireTrust } from './trust.ts';
import { workspaceFolderPaths } from './workspace-folders.ts';

/** Puts a config into the queue of its root: checked and recorded now, run when its turn has come. */
export async function queueConfig(argument: unknown, { control }: RunServices): Promise<void> {
  requireTrust('An experiment is queued');
  const uri = await saved(await configOf(argument));
  const { readyExperiment } = await import('./runs/ready-experiment.ts');
  await enqueue(readyExperiment(uri.fsPath, workspaceFolderPaths()), control);
}

/** Puts an experiment into the queue and says so: nothing opens, and it may start much later. */
export async function enqueue(ready: ReadyExperiment, control: RunServices['control']): Promise<void> {
  const run = await control.enqueue(ready);
  void vscode.window.showInformationMessage(plainText(`${run} is in the queue.`));
}

/** Takes a waiting run out of the queue. */
export async function cancelQueued(argument: unknown, { runs, control }: RunServices): Promise<void> {
  const { directory, record } = await waitingRun(
    argument,
    runs.entries,
    'Which run is to be taken out of the queue?',
  );
  await control.queueOf(record.root, (queue) => queue.cancel(queue.store.open(directory)));
}

/** Lets a waiting run be the next. */
export async function queueFirst(argument: unknown, { runs, control }: RunServices): Promise<void> {
  const { directory, record } = await waitingRun(argument, runs.entries, 'Which run is to be the next?');
  await control.queueOf(record.root, (queue) => queue.move(queue.store.open(directory), 1));
}

/** Puts a run that has ended into the queue again. */
export async function retryQueued(argument: unknown, { runs, control }: RunServices): Promise<void> {
  requireTrust('A run is queued');
  const { directory, record } = await runOf(argument, runs.entries, {
    accepts: ({ status }) => isResumable(status),
    question: 'Which run is to be queued again?',
    none: 'no run was stopped or interrupted',
    help: 'put an experiment into the queue with the command "KD: Add to Queue"',
  });
  await control.queueOf(record.root, (queue) => queue.add(queue.store.open(directory)));
}

function waitingRun(argument: unknown, entries: readonly RunEntry[], question: string): Promise<RunEntry> {
  return runOf(argument, entries, {
    accepts: isQueued,
    question,
    none: 'nothing waits in the queue',
    help: 'put an experiment into it with the command "KD: Add to Queue"',
  });
}
