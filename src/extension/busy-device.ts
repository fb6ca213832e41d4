import * as vscode from 'vscode';
import type { Hardware } from '../protocol/hardware.ts';
import { elsewhereText, RunStore, runsElsewhere } from '../runs/index.ts';
import { plainText } from './plain-text.ts';
import { currentRun, type RunEntry } from './runs/run-entry.ts';

const ADD_TO_QUEUE = 'Add to Queue';

/** A run that is about to start. */
interface Starting {
  readonly root: string;
  /** What it will compute on; null: its engine finds out. */
  readonly hardware: Hardware | null;
  /** Of a run that goes on, its directory. */
  readonly directory?: string;
}

/**
 * When a run is to start: asked where another one works on the device, since two of them slow each other down more than one after
 * the other, and may together take more memory than there is.
 *
 * @param entries the runs of this window
 * @param beside the button that starts it all the same
 * @throws vscode.CancellationError where nothing is chosen
 */
export async function whenToStart(
  starting: Starting,
  entries: readonly RunEntry[],
  beside: string,
): Promise<'now' | 'queued'> {
  const busy = whatWorks(starting, entries);
  if (busy === null) return 'now';
  const question = plainText(
    `${busy} is working on this machine already. Two at a time slow each other down.`,
  );
  const choice = await vscode.window.showWarningMessage(question, ADD_TO_QUEUE, beside);
  if (choice === undefined) throw new vscode.CancellationError();
  return choice === ADD_TO_QUEUE ? 'queued' : 'now';
}

/** A run of the same folder, or one of any other that may share its device; null where there is none. */
function whatWorks({ root, hardware, directory }: Starting, entries: readonly RunEntry[]): string | null {
  const own = currentRun(entries.filter((one) => one.record.root === root && one.directory !== directory));
  if (own !== null) return own.record.id;
  const [elsewhere] = runsElsewhere(new RunStore(root), hardware);
  return elsewhere === undefined ? null : elsewhereText(elsewhere);
}
