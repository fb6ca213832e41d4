import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import type { TrainTeacherArgument } from '../protocol/lsp.ts';
import { hardwareOf } from '../protocol/hardware.ts';
import { elsewhereText, isResumable, RunStore, runsElsewhere } from '../runs/index.ts';
import { configOf, saved } from './config-argument.ts';
import type { PanelController } from './panel/panel-controller.ts';
import { plainText } from './plain-text.ts';
import { resumeDevice } from './resume-device.ts';
import { runOf } from './run-argument.ts';
import type { ReadyExperiment } from './runs/ready-experiment.ts';
import type { RunControl } from './runs/run-control.ts';
import { currentRun, isQueued, isWaiting, isWorking, newestRunOf, type RunEntry } from './runs/run-entry.ts';
import type { RunsWatcher } from './runs/runs-watcher.ts';
import { setting } from './settings.ts';
import { requireTrust } from './trust.ts';
import { workspaceFolderPaths } from './workspace-folders.ts';

const START_ANOTHER = 'Start Another';
const OPEN_PANEL = 'Open Panel';
const ADD_TO_QUEUE = 'Add to Queue';
const START_BESIDE = 'Start Beside';
const END_NOW = 'End Now';

/** What the commands about runs act on. */
export interface RunServices {
  readonly runs: RunsWatcher;
  readonly control: RunControl;
  readonly panels: PanelController;
  readonly log: vscode.LogOutputChannel;
}

/** Runs a config: checked, recorded, started, and shown beside the file. */
export async function startRun(argument: unknown, { runs, control, panels }: RunServices): Promise<void> {
  requireTrust('An experiment is run');
  const uri = await saved(await configOf(argument));
  const other = newestRunOf(runs.entries, uri.fsPath);
  const isOwn = other !== null && isWorking(other) && !isQueued(other);
  if (isOwn && !(await mayStartAnother(other, panels))) return;
  const { readyExperiment } = await import('./runs/ready-experiment.ts');
  const ready = readyExperiment(uri.fsPath, workspaceFolderPaths());
  const busy = isOwn ? null : whatWorks(ready, runs);
  const way = busy === null ? START_BESIDE : await askWhen(busy);
  if (way === ADD_TO_QUEUE) await control.enqueue(ready);
  if (way !== START_BESIDE) return;
  const run = await control.start(ready);
  if (setting('panel.openOnRun')) panels.open({ config: uri, run });
}

/** Trains one teacher of a config and nothing else; a config may take it from that run later. */
export async function trainTeacher(argument: unknown, services: RunServices): Promise<void> {
  requireTrust('A teacher is trained');
  const named = teacherIn(argument);
  const uri = await saved(await configOf(named?.uri ?? argument));
  const { readyExperiment } = await import('./runs/ready-experiment.ts');
  const { onlyTeacher } = await import('./runs/only-teacher.ts');
  const folders = workspaceFolderPaths();
  const overrides = onlyTeacher(uri.fsPath, named?.model ?? null, folders);
  const run = await services.control.start(readyExperiment(uri.fsPath, folders, overrides));
  if (setting('panel.openOnRun')) services.panels.open({ config: uri, run });
}

function teacherIn(argument: unknown): TrainTeacherArgument | null {
  if (typeof argument !== 'object' || argument === null) return null;
  const { uri, model } = argument as { uri?: unknown; model?: unknown };
  return typeof uri === 'string' && typeof model === 'string' ? { uri, model } : null;
}

/** A run of the same folder, or one of any other that may share its device; null where there is none. */
function whatWorks({ root, run }: ReadyExperiment, { entries }: RunsWatcher): string | null {
  const own = currentRun(entries.filter(({ record }) => record.root === root));
  if (own !== null) return own.record.id;
  const [elsewhere] = runsElsewhere(new RunStore(root), hardwareOf(run));
  return elsewhere === undefined ? null : elsewhereText(elsewhere);
}

/** Two runs on one device slow each other down. */
async function askWhen(other: string): Promise<string | undefined> {
  return vscode.window.showWarningMessage(
    plainText(`${other} is working on this machine already.`),
    ADD_TO_QUEUE,
    START_BESIDE,
  );
}

/** Two runs of one config at once is rarely meant, and slows both. */
async function mayStartAnother({ record, directory }: RunEntry, panels: PanelController): Promise<boolean> {
  const choice = await vscode.window.showWarningMessage(
    plainText(`${record.id} of this experiment is still working.`),
    OPEN_PANEL,
    START_ANOTHER,
  );
  if (choice === OPEN_PANEL) panels.open({ config: vscode.Uri.file(record.config), run: directory });
  return choice === START_ANOTHER;
}

export async function stopRun(argument: unknown, { runs, control }: RunServices): Promise<void> {
  const { directory, record, status } = await runOf(argument, runs.entries, {
    accepts: isWorking,
    question: 'Which run is to be stopped?',
    none: 'no run is working',
    help: 'start one with the command "KD: Run Experiment"',
  });
  if (!isWorking({ status })) throw notNow('KD5108', `${record.id} is not working; it is ${status}`);
  if (status === 'stopping') await endEarly(record.id, directory, control);
  else await control.stop(directory);
}

/** Asked twice: the step may take long, or hang. */
async function endEarly(id: string, directory: string, control: RunControl): Promise<void> {
  const choice = await vscode.window.showWarningMessage(
    plainText(
      `${id} finishes its step and writes a checkpoint. Ended now, it goes on from the checkpoint before.`,
    ),
    END_NOW,
  );
  if (choice === END_NOW) await control.stopNow(directory);
}

export async function pauseRun(argument: unknown, { runs, control }: RunServices): Promise<void> {
  const accepts = ({ status }: RunEntry) => status === 'running';
  const entry = await runOf(argument, runs.entries, {
    accepts,
    question: 'Which run is to be paused?',
    none: 'no run is training',
    help: 'start one with the command "KD: Run Experiment"',
  });
  const { directory, record, status } = entry;
  if (!accepts(entry)) throw notNow('KD5108', `${record.id} is not training; it is ${status}`);
  await control.pause(directory);
}

export async function resumeRun(argument: unknown, { runs, control, panels }: RunServices): Promise<void> {
  requireTrust('A run is resumed');
  const { directory, record, status } = await runOf(argument, runs.entries, {
    accepts: ({ status: own }) => isResumable(own) || isWaiting(own),
    question: 'Which run is to go on?',
    none: 'no run was stopped, paused or interrupted',
    help: 'start one with the command "KD: Run Experiment"',
  });
  if (isWorking({ status }) && !isWaiting(status)) throw notNow('KD5109', `${record.id} is working already`);
  await control.resume(directory, isWaiting(status) ? null : await resumeDevice(argument, record));
  if (setting('panel.openOnRun')) panels.open({ config: vscode.Uri.file(record.config), run: directory });
}

function notNow(code: string, message: string): UserError {
  return new UserError({ code, message, help: 'the Runs view shows how it stands' });
}

/** Opens the panel with a run (a row, a directory) or beside a config (a lens, the active editor). */
export async function openPanel(argument: unknown, { runs, panels }: RunServices): Promise<void> {
  const entry = runs.entries.find(({ directory }) => directory === directoryIn(argument));
  if (entry !== undefined) {
    panels.open({ config: vscode.Uri.file(entry.record.config), run: entry.directory });
    return;
  }
  const nothingChosen = argument === undefined && vscode.window.activeTextEditor === undefined;
  if (nothingChosen && runs.entries.length > 0) panels.open();
  else panels.open({ config: await configOf(argument) });
}

function directoryIn(argument: unknown): unknown {
  return typeof argument === 'object' && argument !== null && 'directory' in argument
    ? argument.directory
    : argument;
}

/** The log of a run; without any run, that of the workbench. */
export async function showLog(argument: unknown, { runs, log }: RunServices): Promise<void> {
  if (argument === undefined && runs.entries.length === 0) {
    log.show();
    return;
  }
  const path = join((await anyRun(argument, runs)).directory, 'log.txt');
  if (!existsSync(path)) {
    throw new UserError({
      code: 'KD5110',
      message: 'this run has not written a log yet',
      help: 'its engine is starting; try again in a moment',
      file: path,
    });
  }
  await open(path);
}

export async function openRunConfig(argument: unknown, { runs }: RunServices): Promise<void> {
  const { record, directory } = await anyRun(argument, runs);
  // The config may have been moved since; the run keeps a copy of what it ran.
  await open(existsSync(record.config) ? record.config : join(directory, 'config.yaml'));
}

export async function openRunRecord(argument: unknown, { runs }: RunServices): Promise<void> {
  await open(join((await anyRun(argument, runs)).directory, 'run.json'));
}

export async function revealRun(argument: unknown, { runs }: RunServices): Promise<void> {
  const { directory } = await anyRun(argument, runs);
  await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(directory));
}

export async function copyRunId(argument: unknown, { runs }: RunServices): Promise<void> {
  await vscode.env.clipboard.writeText((await anyRun(argument, runs)).record.id);
}

function anyRun(argument: unknown, runs: RunsWatcher): Promise<RunEntry> {
  return runOf(argument, runs.entries, {
    accepts: () => true,
    question: 'Which run?',
    none: 'there is no run yet',
    help: 'start one with the command "KD: Run Experiment"',
  });
}

async function open(path: string): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: true });
}
