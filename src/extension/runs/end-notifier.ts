import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { nextDevice } from '../../protocol/next-device.ts';
import { isResumable, RunDirectory } from '../../runs/index.ts';
import { Disposable } from '../disposable.ts';
import { COMMANDS } from '../ids.ts';
import { plainText } from '../plain-text.ts';
import { resumeOn } from '../resume-device.ts';
import { setting } from '../settings.ts';
import { claimAnnouncement, forgetOldClaims } from './announcements.ts';
import { endingText } from './ending-text.ts';
import { expected, type RunEntry } from './run-entry.ts';
import type { RunsWatcher } from './runs-watcher.ts';

/** Runs that worked when this window last looked; survives a reload in whose middle a run ends. */
const EXPECTED_KEY = 'kd.expectedRuns';

const OPEN_PANEL = 'Open Panel';
const RESUME = 'Resume';
const SHOW_LOG = 'Show Log';

/** One notification at the end of each run, in one of the windows that saw it work. */
export class EndNotifier extends Disposable {
  private readonly claims: string;

  constructor(
    private readonly runs: RunsWatcher,
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    super();
    this.claims = join(context.globalStorageUri.fsPath, 'announced');
    this.register(runs.onDidChange(() => this.look()));
    void forgetOldClaims(this.claims, Date.now());
    this.look();
  }

  private look(): void {
    const before = this.context.workspaceState.get<readonly string[]>(EXPECTED_KEY, []);
    const { ended, waiting } = expected(before, this.runs.entries, existsSync);
    if (JSON.stringify(waiting) !== JSON.stringify(before)) {
      void this.context.workspaceState.update(EXPECTED_KEY, waiting);
    }
    for (const run of ended) {
      this.announce(run).catch((error: unknown) =>
        this.log.warn(`end of ${run.directory}: ${String(error)}`),
      );
    }
  }

  private async announce(run: RunEntry): Promise<void> {
    const { directory, status } = run;
    const record = withFailure(run);
    // Taken out of the queue before it began: there is no end to tell, nothing to go on from, and no log.
    if (status === 'stopped' && record.startedAt === undefined) return;
    if (!(await claimAnnouncement(this.claims, directory, record.finishedAt ?? record.createdAt))) return;
    const { severity, message } = endingText({ record, status, directory });
    this.log.info(message);
    if (!setting('notifyAtEnd')) return;
    // Somebody has just asked for it: a message with buttons would stay, also when the run has long gone on.
    if (status === 'stopped') {
      void show(severity, plainText(message), []);
      return;
    }
    const next = nextDevice(record);
    const elsewhere = next === null ? null : resumeOn(next);
    const resumes = isResumable(status) ? [...(elsewhere === null ? [] : [elsewhere]), RESUME] : [];
    const buttons = [OPEN_PANEL, ...resumes, SHOW_LOG];
    const choice = await show(severity, plainText(message), buttons);
    if (choice === OPEN_PANEL) await vscode.commands.executeCommand(COMMANDS.openPanel, directory);
    if (choice === RESUME) await vscode.commands.executeCommand(COMMANDS.resume, { directory, device: null });
    if (elsewhere !== null && choice === elsewhere)
      await vscode.commands.executeCommand(COMMANDS.resume, { directory, device: next });
    if (choice === SHOW_LOG) await vscode.commands.executeCommand(COMMANDS.showLog, directory);
  }
}

/** The engine of an interrupted run could not write why. */
function withFailure({ directory, record, status }: RunEntry): RunEntry['record'] {
  if (status !== 'interrupted' || record.failure !== undefined) return record;
  const failure = new RunDirectory(directory).failure();
  return failure === null ? record : { ...record, failure };
}

function show(
  severity: 'information' | 'warning' | 'error',
  message: string,
  buttons: readonly string[],
): Thenable<string | undefined> {
  switch (severity) {
    case 'information':
      return vscode.window.showInformationMessage(message, ...buttons);
    case 'warning':
      return vscode.window.showWarningMessage(message, ...buttons);
    case 'error':
      return vscode.window.showErrorMessage(message, ...buttons);
  }
}
