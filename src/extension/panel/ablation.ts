import { basename } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../protocol/errors.ts';
import type { LayerMeeting, LayerPairNames } from '../../protocol/records.ts';
import { RunDirectory } from '../../runs/directory.ts';
import { COMMANDS } from '../ids.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { requireTrust } from '../trust.ts';
import { workspaceFolderPaths } from '../workspace-folders.ts';

/**
 * Writes the experiments of an ablation beside the experiment of a run, and puts them into the queue where that is asked for.
 * Returns what was done, for the person.
 *
 * @throws UserError KD5125 where it cannot be written, KD5111 where the experiment has errors
 */
export async function ablate(
  { directory, record }: RunEntry,
  pairs: readonly LayerPairNames[],
  queue: boolean,
): Promise<string> {
  const file = record.config;
  // A run record may name any file; files are written beside experiments of this workspace alone.
  if (!file.endsWith('.kd.yaml') || vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file)) === undefined)
    throw refused('the experiment file of this run is not part of this workspace', 'open its folder', file);
  if (queue) requireTrust('Experiments are queued');
  const meeting = meetingWith(new RunDirectory(directory).layers()?.meetings ?? [], pairs);
  if (meeting === null)
    throw refused('the run does not tell of these layers', 'run the experiment again', file);
  const { readyExperiment } = await import('../runs/ready-experiment.ts');
  const { writeAblation } = await import('../../runs/ablation-files.ts');
  const effective = readyExperiment(file, workspaceFolderPaths()).run.configText;
  const paths = writeAblation({ file, effective, meeting, pairs });
  if (queue)
    for (const path of paths) await vscode.commands.executeCommand(COMMANDS.queue, vscode.Uri.file(path));
  const names = paths.map((path) => basename(path)).join(', ');
  return queue ? vscode.l10n.t('in the queue: {0}', names) : vscode.l10n.t('written: {0}', names);
}

function meetingWith(
  meetings: readonly LayerMeeting[],
  pairs: readonly LayerPairNames[],
): LayerMeeting | null {
  const has = ({ layers }: LayerMeeting['teacher'], name: string) =>
    layers.some((layer) => layer.name === name);
  const knows = ({ teacher, student }: LayerMeeting) =>
    pairs.every((pair) => has(teacher, pair.teacher) && has(student, pair.student));
  return meetings.find(knows) ?? null;
}

function refused(message: string, help: string, file: string): UserError {
  return new UserError({ code: 'KD5125', message, help, file });
}
