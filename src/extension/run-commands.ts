import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { hardwareOf } from '../protocol/hardware.ts';
import type { TrainTeacherArgument } from '../protocol/lsp.ts';
import { deviceChange } from '../protocol/next-device.ts';
import { isResumable } from '../runs/index.ts';
import { whenToStart } from './busy-device.ts';
import { configOf, saved } from './config-argument.ts';
import type { PanelController } from './panel/panel-controller.ts';
import { plainText } from './plain-text.ts';
import { enqueue } from './queue-commands.ts';
import { resumeDevice } from './resume-device.ts';
import { runOf } from './run-argument.ts';
import type { ReadyExperiment } from './runs/ready-experiment.ts';
import type { RunControl } from './runs/run-control.ts';
import { isQueued, isWaiting, isWorking, newestRunOf, type RunEntry } from './runs/run-entry.ts';
import type { RunsWatcher } from './runs/runs-watcher.ts';
import { setting } from './settings.ts';
import { requireTrust } from './trust.ts';
import { workspaceFolderPaths } from './workspace-folders.ts';

const START_ANOTHER = 'Start Another';
const OPEN_PANEL = 'Open Panel';
const START_BESIDE = 'Start Beside';
const RESUME_BESIDE = 'Resume Beside';
const END_NOW = 'End Now';

/** What the commands about runs act on. */
export interface RunServices {
  readonly runs: RunsWatcher;
  readonly control: RunControl;
  readonly panels: PanelController;
  readonly log: vscode.LogOutputChannel;
}

/** Runs a config: checked, recorded, started, and shown beside the file. */
export async function startRun(argument: unknown, services: RunServices): Promise<void> {
  requireTrust('An experiment is run');
  const { runs, panels } = services;
  const uri = await saved(await configOf(argument));
  const other = newestRunOf(runs.entries, uri.fsPath);
  const isOwn = other !== null && isWorking(other) && !isQueued(other);
  if (isOwn && !(await mayStartAnother(other, panels))) return;
  const { readyExperiment } = await import('./runs/ready-experiment.ts');
  await startOrQueue(readyExperiment(uri.fsPath, workspaceFolderPaths()), uri, services, isOwn);
}

/** @param asked that it works beside others was said already */
async function startOrQueue(
  ready: ReadyExperiment,
  config: vscode.Uri,
  { runs, control, panels }: RunServices,
  asked = false,
): Promise<void> {
  const starting = { root: ready.root, hardware: hardwareOf(ready.run) };
  const when = asked ? 'now' : await whenToStart(starting, runs.entries, START_BESIDE);
  if (when === 'queued') {
    await enqueue(ready, control);
    return;
  }
  const run = await control.start(ready);
  if (setting('panel.openOnRun')) panels.open({ config, run });
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
  await startOrQueue(readyExperiment(uri.fsPath, folders, overrides), uri, services);
}

function teacherIn(argument: unknown): TrainTeacherArgument | null {
  if (typeof argument !== 'object' || argument === null) return null;
  const { uri, model } = argument as { uri?: unknown; model?: unknown };
  return typeof uri === 'string' && typeof model === 'string' ? { uri, model } : null;
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
  const entry = await runOf(argument, runs.entries, {
    accepts: ({ status: own }) => isResumable(own) || isWaiting(own),
    question: 'Which run is to go on?',
    none: 'no run was stopped, paused or interrupted',
    help: 'start one with the command "KD: Run Experiment"',
  });
  const { directory, record, status } = entry;
  if (isWorking({ status }) && !isWaiting(status)) throw notNow('KD5109', `${record.id} is working already`);
  // One that waits has its engine, and its place in memory.
  if (isWaiting(status)) await control.resume(directory, null);
  else if (!(await goOn(argument, entry, { runs, control }))) return;
  if (setting('panel.openOnRun')) panels.open({ config: vscode.Uri.file(record.config), run: directory });
}

/** Goes on with a run that has ended. False: it does so when its turn in the queue has come. */
async function goOn(
  argument: unknown,
  { directory, record }: RunEntry,
  { runs, control }: Pick<RunServices, 'runs' | 'control'>,
): Promise<boolean> {
  const device = await resumeDevice(argument, record);
  const changes = device === null ? undefined : [deviceChange(device)];
  const starting = { root: record.root, directory, hardware: hardwareOf(record, changes) };
  if ((await whenToStart(starting, runs.entries, RESUME_BESIDE)) === 'queued') {
    await control.queueOf(record.root, (queue) => queue.add(queue.store.open(directory), changes));
    return false;
  }
  await control.resume(directory, device);
  return true;
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
