import * as vscode from 'vscode';
import type { LabelChange } from '../protocol/labels.ts';
import { changeLabels } from '../runs/index.ts';
import { runsOf, type Wanted } from './run-argument.ts';
import type { RunServices } from './run-commands.ts';
import { labelsOfEntry, type RunEntry } from './runs/run-entry.ts';

const ANY: Wanted = {
  accepts: () => true,
  question: 'Which run?',
  none: 'there is no run yet',
  help: 'start one with the command "KD: Run Experiment"',
};

/** Stars runs, or takes the star from them where all have one. */
export async function starRuns(argument: unknown, selection: unknown, services: RunServices): Promise<void> {
  await toggle(argument, selection, services, 'starred');
}

/** Leaves runs out of lists, or brings them back where all are archived. */
export async function archiveRuns(
  argument: unknown,
  selection: unknown,
  services: RunServices,
): Promise<void> {
  await toggle(argument, selection, services, 'archived');
}

async function toggle(
  argument: unknown,
  selection: unknown,
  services: RunServices,
  key: 'starred' | 'archived',
): Promise<void> {
  const entries = await runsOf(argument, selection, services.runs.entries, ANY);
  const isOn = entries.every((entry) => labelsOfEntry(entry)[key]);
  change(entries, () => ({ [key]: !isOn }), services);
}

/** Asks for the tags of runs; of several, those that all have are shown, and others that some have stay. */
export async function tagRuns(argument: unknown, selection: unknown, services: RunServices): Promise<void> {
  const entries = await runsOf(argument, selection, services.runs.entries, ANY);
  const common = labelsOfEntry(entries[0] ?? {}).tags.filter((tag) =>
    entries.every((entry) => labelsOfEntry(entry).tags.includes(tag)),
  );
  const text = await vscode.window.showInputBox({
    title: `Tags of ${subject(entries)}`,
    prompt: 'Short words with commas between them',
    value: common.join(', '),
  });
  if (text === undefined) return;
  const wanted = text.split(',').filter((tag) => tag.trim() !== '');
  const removeTags = common.filter((tag) => !wanted.some((one) => one.trim() === tag));
  change(entries, () => ({ addTags: wanted, removeTags }), services);
}

/** Asks for a note, in place of the one before. */
export async function noteRuns(argument: unknown, selection: unknown, services: RunServices): Promise<void> {
  const entries = await runsOf(argument, selection, services.runs.entries, ANY);
  const [first] = entries;
  const note = await vscode.window.showInputBox({
    title: `Note on ${subject(entries)}`,
    prompt: 'Empty: none',
    value: entries.length === 1 && first !== undefined ? labelsOfEntry(first).note : '',
  });
  if (note !== undefined) change(entries, () => ({ note }), services);
}

function subject(entries: readonly RunEntry[]): string {
  return entries.length === 1 ? (entries[0]?.record.id ?? '') : `${entries.length} runs`;
}

function change(
  entries: readonly RunEntry[],
  of: (entry: RunEntry) => LabelChange,
  { runs }: Pick<RunServices, 'runs'>,
): void {
  try {
    for (const entry of entries) changeLabels(entry.directory, of(entry));
  } finally {
    runs.refresh();
  }
}
