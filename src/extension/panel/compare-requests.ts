import * as vscode from 'vscode';
import { COMPARE_LIMITS } from '../../protocol/compare-shapes.ts';
import type { ComparisonReport } from '../../protocol/comparison.ts';
import { UserError } from '../../protocol/errors.ts';
import type { CompareRequest } from '../../protocol/panel-compare.ts';
import { sayIn } from '../../protocol/say.ts';
import { changeLabels, isResumable, RunDirectory } from '../../runs/index.ts';
import { COMMANDS, type CommandId } from '../ids.ts';
import { writeReport } from '../record-commands.ts';
import { saveAs, savedAs } from '../save-as.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { artefactsOf } from './run-files.ts';

interface CompareContext {
  readonly entryOf: (run: string) => RunEntry;
  /** Hands a comparison to the page. */
  readonly show: (report: ComparisonReport) => void;
  /** Labels have changed. */
  readonly refresh: () => void;
}

/** Does what the comparison and the view of a run's files ask for. Returns what is told to the person; empty: nothing. */
export async function performCompare(request: CompareRequest, context: CompareContext): Promise<string> {
  const entries = (runs: readonly string[]) => runs.map(context.entryOf);
  const directories = (runs: readonly string[]) => entries(runs).map(({ directory }) => directory);
  switch (request.type) {
    case 'compare': {
      const { compareRuns } = await import('../../reports/compare-runs.ts');
      const runs = directories(request.runs).map((directory) => new RunDirectory(directory));
      const say = sayIn(vscode.l10n.bundle ?? {});
      context.show(withinLimits(compareRuns(runs, { ...request, say })));
      return '';
    }
    case 'label':
      try {
        for (const directory of directories(request.runs)) changeLabels(directory, request.change);
      } finally {
        context.refresh();
      }
      return '';
    case 'deleteRuns':
      return command(COMMANDS.deleteRun, directories(request.runs));
    case 'diffConfigs':
      return command(COMMANDS.compareConfigs, directories(request.runs));
    case 'report':
      return report(entries(request.runs), request);
    case 'queue': {
      const entry = context.entryOf(request.run);
      if (isResumable(entry.status)) return command(COMMANDS.queueRetry, entry);
      return command(COMMANDS.queue, vscode.Uri.file(entry.record.config));
    }
    case 'exportRun':
      return command(COMMANDS.exportRun, context.entryOf(request.run));
    case 'reveal':
      return command(COMMANDS.revealRun, context.entryOf(request.run));
    case 'openArtefact':
      return openArtefact(context.entryOf(request.run), request.name);
  }
}

async function command(id: CommandId, argument: unknown): Promise<string> {
  await vscode.commands.executeCommand(id, argument);
  return '';
}

async function report(
  entries: readonly RunEntry[],
  { metric, toBaseline, format }: Extract<CompareRequest, { type: 'report' }>,
): Promise<string> {
  const options = { metric, toBaseline };
  if (format !== 'csv') return savedAs(await writeReport(entries, format, options));
  const { compareRuns } = await import('../../reports/compare-runs.ts');
  const { comparisonCsv } = await import('../../reports/comparison-csv.ts');
  const runs = entries.map(({ directory }) => new RunDirectory(directory));
  const text = comparisonCsv(compareRuns(runs, options));
  const target = await saveAs('comparison.csv', { 'CSV table': ['csv'] });
  await vscode.workspace.fs.writeFile(target, Buffer.from(text, 'utf8'));
  return savedAs(target);
}

/** By its name among what the run directory holds now: no path from the page is used. */
async function openArtefact({ directory, record }: RunEntry, name: string): Promise<string> {
  const found = artefactsOf(directory, record).find((one) => one.name === name);
  if (found === undefined) {
    throw new UserError({
      code: 'KD5124',
      message: `${name} is no longer there`,
      help: 'older checkpoints are removed while a run goes on',
      file: directory,
    });
  }
  const uri = vscode.Uri.file(found.path);
  const { type } = await vscode.workspace.fs.stat(uri);
  if (type === vscode.FileType.Directory) await vscode.commands.executeCommand('revealFileInOS', uri);
  else await vscode.window.showTextDocument(uri, { preview: true });
  return '';
}

/** Configs and names of runs are files' own; what is too long for a message is cut. */
function withinLimits(found: ComparisonReport): ComparisonReport {
  const name = (text: string) => text.slice(0, COMPARE_LIMITS.nameLength);
  return {
    ...found,
    runs: found.runs.map(name),
    contenders: found.contenders.slice(0, COMPARE_LIMITS.contenders).map((one) => ({
      ...one,
      run: name(one.run),
      experiment: name(one.experiment),
      student: name(one.student),
      machine: one.machine.slice(0, COMPARE_LIMITS.lineLength),
      seeds: one.seeds.slice(0, COMPARE_LIMITS.seeds),
    })),
    settings: found.settings
      .filter(({ key }) => key.length <= COMPARE_LIMITS.lineLength)
      .slice(0, COMPARE_LIMITS.settings),
  };
}
