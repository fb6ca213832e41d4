import { join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../protocol/errors.ts';
import { findNode, RunDirectory, RunStore } from '../runs/index.ts';
import { plainText } from './plain-text.ts';
import { runOf, runsOf, type Wanted } from './run-argument.ts';
import type { RunServices } from './run-commands.ts';
import { runTool } from './run-tool.ts';
import { isWorking, type RunEntry } from './runs/run-entry.ts';
import { saveAs } from './save-as.ts';
import { setting } from './settings.ts';
import { requireTrust } from './trust.ts';

const MOVE_TO_TRASH = 'Move to Trash';
const OPEN = 'Open';

const FINISHED: Wanted = {
  accepts: ({ record }) => record.results !== undefined,
  question: 'Which run?',
  none: 'no run has results yet',
  help: 'start one with the command "KD: Run Experiment"',
};

/** Shows the run whose folder or record was chosen in the explorer. */
export async function showRun(argument: unknown, { runs, panels }: RunServices): Promise<void> {
  const entry = await runOf(argument, runs.entries, { ...FINISHED, accepts: () => true });
  panels.open({ config: vscode.Uri.file(entry.record.config), run: entry.directory });
}

/** Opens the panel with a comparison of the chosen runs; without any, where they can be chosen. */
export async function compareRunsInPanel(
  argument: unknown,
  selection: unknown,
  { runs, panels }: RunServices,
): Promise<void> {
  const several = Array.isArray(argument) || Array.isArray(selection);
  const entries =
    several || argument !== undefined ? await runsOf(argument, selection, runs.entries, FINISHED) : [];
  const [first] = entries.length > 0 ? entries : runs.entries;
  if (first === undefined)
    throw new UserError({ code: 'KD5105', message: FINISHED.none, help: FINISHED.help });
  panels.compare(
    first.directory,
    entries.map(({ directory }) => directory),
  );
}

/** Two effective configs side by side. */
export async function compareConfigs(
  argument: unknown,
  selection: unknown,
  { runs }: Pick<RunServices, 'runs'>,
): Promise<void> {
  const [first, second, third] = await runsOf(argument, selection, runs.entries, FINISHED);
  if (first === undefined || second === undefined || third !== undefined) {
    throw new UserError({
      code: 'KD5122',
      message: 'the configs of two runs are compared, no fewer and no more',
      help: 'select two runs in the Runs view (Ctrl+click), then choose "Compare Configs"',
    });
  }
  await openConfigDiff(first.directory, second.directory);
}

/** The older run to the left, as a change is read. */
export async function openConfigDiff(one: string, other: string): Promise<void> {
  const [left, right] = [one, other].map((directory) => new RunDirectory(directory));
  if (left === undefined || right === undefined) return;
  const isInOrder = left.record().createdAt <= right.record().createdAt;
  const [before, after] = isInOrder ? [left, right] : [right, left];
  const uri = (run: RunDirectory) => vscode.Uri.file(join(run.path, 'config.yaml'));
  await vscode.commands.executeCommand('vscode.diff', uri(before), uri(after), `${before.id} ↔ ${after.id}`);
}

/** Moves runs to the trash of their root, after a question. */
export async function deleteRuns(
  argument: unknown,
  selection: unknown,
  { runs }: RunServices,
): Promise<void> {
  const entries = await runsOf(argument, selection, runs.entries, {
    ...FINISHED,
    accepts: (entry) => !isWorking(entry),
    question: 'Which run is to be moved to the trash?',
    none: 'there is no run that could be deleted',
    help: 'a run that works is stopped first',
  });
  const what = entries.length === 1 ? (entries[0]?.record.id ?? '') : `${entries.length} runs`;
  const choice = await vscode.window.showWarningMessage(
    plainText(`Move ${what} to .kd/trash?`),
    { modal: true, detail: 'A folder that is moved back from there to .kd/runs is a run again.' },
    MOVE_TO_TRASH,
  );
  if (choice !== MOVE_TO_TRASH) return;
  try {
    for (const { record, directory } of entries)
      new RunStore(record.root).remove(new RunDirectory(directory));
  } finally {
    runs.refresh();
  }
}

const EXPORTS = [
  { label: 'ONNX', description: 'the student alone, for any runtime, with model card', format: 'onnx' },
  { label: 'safetensors', description: 'the weights of the student, with model card', format: 'safetensors' },
  { label: 'CSV', description: 'every metrics record', format: 'csv' },
  { label: 'JSON', description: 'all records of the run', format: 'json' },
] as const;

/** Exports the student or the records of a run by the command line. */
export async function exportRun(
  argument: unknown,
  { runs, log }: RunServices,
  extensionPath: string,
): Promise<void> {
  const { record, directory } = await runOf(argument, runs.entries, FINISHED);
  const chosen = await vscode.window.showQuickPick([...EXPORTS], { placeHolder: `What of ${record.id}?` });
  if (chosen === undefined) return;
  const { format } = chosen;
  const target = await saveAs(`${record.id}.${format}`, { [chosen.label]: [format] });
  const node = await findNode({ configured: setting('nodePath') });
  requireTrust('A model is exported');
  const said: string[] = [];
  const progress = { location: vscode.ProgressLocation.Window, title: `KD: exporting ${record.id}` };
  const parameters = ['export', directory, '--format', format, '--out', target.fsPath, '--json'];
  const { code } = await vscode.window.withProgress(progress, () =>
    runTool(node, join(extensionPath, 'dist', 'kd.cjs'), parameters, (line) => {
      said.push(line);
      log.info(line);
    }),
  );
  if (code !== 0) throw exportFailed(said);
  void vscode.window.showInformationMessage(plainText(`Exported to ${target.fsPath}`));
}

function exportFailed(said: readonly string[]): UserError {
  const at = said.findLastIndex((line) => /KD\d{4}/u.test(line));
  const [, code = 'KD5123', message = 'the export ended without an answer'] =
    /(KD\d{4}) (.*)/u.exec(said[at] ?? '') ?? [];
  const help = said[at + 1]?.replace(/^\s*next: /u, '') ?? 'see the log';
  return new UserError({ code, message, help });
}

const REPORTS = [
  { label: 'HTML', description: 'one page that needs nothing else', format: 'html' },
  { label: 'Markdown', description: 'for a repository or a chat', format: 'md' },
] as const;

/** Writes a report of a run, or of a comparison of several. */
export async function reportRuns(
  argument: unknown,
  selection: unknown,
  { runs }: Pick<RunServices, 'runs'>,
): Promise<void> {
  const entries = await runsOf(argument, selection, runs.entries, FINISHED);
  const chosen = await vscode.window.showQuickPick([...REPORTS], { placeHolder: 'As what?' });
  if (chosen === undefined) return;
  const target = await writeReport(entries, chosen.format);
  const choice = await vscode.window.showInformationMessage(plainText(`Wrote ${target.fsPath}`), OPEN);
  if (choice !== OPEN) return;
  if (chosen.format === 'html') await vscode.env.openExternal(target);
  else await vscode.commands.executeCommand('markdown.showPreview', target);
}

/** Asks where, and writes it there. */
export async function writeReport(
  entries: readonly RunEntry[],
  format: 'html' | 'md',
  options: { readonly metric?: string; readonly toBaseline?: boolean } = {},
): Promise<vscode.Uri> {
  const { reportOf } = await import('../reports/report.ts');
  const text = reportOf(
    entries.map(({ directory }) => new RunDirectory(directory)),
    format,
    options,
    { language: { name: vscode.env.language, translations: vscode.l10n.bundle ?? {} } },
  );
  const name = entries.length === 1 ? (entries[0]?.record.id ?? 'run') : 'comparison';
  const target = await saveAs(`${name}.${format}`, { Report: [format] });
  await vscode.workspace.fs.writeFile(target, Buffer.from(text, 'utf8'));
  return target;
}
