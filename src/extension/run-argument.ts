import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { runText } from '../protocol/run-text.ts';
import type { RunEntry } from './runs/run-entry.ts';

/** What a command wants of the runs it offers. */
export interface Wanted {
  readonly accepts: (entry: RunEntry) => boolean;
  /** Asked when there are several: `Which run is to be stopped?` */
  readonly question: string;
  /** Said when there is none: `No run is working.` */
  readonly none: string;
  /** What to do then. */
  readonly help: string;
}

/** The run a command is about: a row of the view, a run directory or id, else the only fitting one, else the one picked. */
export async function runOf(
  argument: unknown,
  entries: readonly RunEntry[],
  wanted: Wanted,
): Promise<RunEntry> {
  const named = nameIn(argument);
  if (named !== null) {
    const entry = entries.find(({ directory, record }) => directory === named || record.id === named);
    if (entry !== undefined) return entry;
    throw new UserError({
      code: 'KD5001',
      message: `there is no run ${named}`,
      help: 'refresh the Runs view',
    });
  }
  const fitting = entries.filter(wanted.accepts);
  const [only, second] = fitting;
  if (only === undefined) throw new UserError({ code: 'KD5105', message: wanted.none, help: wanted.help });
  if (second === undefined) return only;
  const items = fitting.map((entry) => ({
    label: entry.record.id,
    description: runText(entry.record, entry.status),
    entry,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: wanted.question });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.entry;
}

/**
 * The runs a command is about: all that are selected in the view or the explorer, or a list of directories; else the one that
 * `runOf` finds.
 */
export async function runsOf(
  argument: unknown,
  selection: unknown,
  entries: readonly RunEntry[],
  wanted: Wanted,
): Promise<readonly RunEntry[]> {
  const named = Array.isArray(argument) ? argument : Array.isArray(selection) ? selection : [];
  if (named.length === 0) return [await runOf(argument, entries, wanted)];
  return Promise.all(named.map((one: unknown) => runOf(one, entries, wanted)));
}

/** A row of the Runs view carries its directory; the explorer gives a run's folder or the record in it. */
function nameIn(argument: unknown): string | null {
  if (argument instanceof vscode.Uri) {
    const { fsPath } = argument;
    return basename(fsPath) === 'run.json' ? dirname(fsPath) : fsPath;
  }
  if (typeof argument === 'string') return argument;
  if (typeof argument !== 'object' || argument === null || !('directory' in argument)) return null;
  return typeof argument.directory === 'string' ? argument.directory : null;
}
