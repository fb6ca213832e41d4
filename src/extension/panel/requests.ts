import * as vscode from 'vscode';
import type { ComparisonReport } from '../../protocol/comparison.ts';
import type { ExportFormat, HostMessage, NumberedRequest, PanelRequest } from '../../protocol/panel.ts';
import { UserError } from '../../protocol/errors.ts';
import { metricsCsv } from '../../runs/csv.ts';
import { RunDirectory } from '../../runs/directory.ts';
import { COMMANDS, type CommandId } from '../ids.ts';
import type { RunEntry } from '../runs/run-entry.ts';
import { fileNameOf, saveAs, savedAs } from '../save-as.ts';
import { ablate } from './ablation.ts';
import { gapMessage } from './gap-message.ts';
import { performCompare } from './compare-requests.ts';
import { insertPairsInto } from './insert-pair.ts';

export interface Reply {
  readonly ok: boolean;
  /** For the person: what happened, or why not. Empty: nothing to say. */
  readonly message: string;
}

export interface RequestContext {
  readonly entries: readonly RunEntry[];
  /** Config file that the panel stands beside. */
  readonly config: string | null;
  readonly select: (run: string) => void;
  /** Says something to the page before the reply. */
  readonly tell: (message: HostMessage) => void;
  /** Measures the gap of a run in a process of its own. */
  readonly measureGap: (run: string, student: string | null) => Promise<void>;
  readonly overlay: (runs: readonly string[], metrics: readonly string[]) => void;
  readonly showComparison: (report: ComparisonReport) => void;
  readonly refresh: () => void;
}

/** Does what the panel asks for. Runs are looked up among those that the window knows; no path from the page is used. */
export async function answerRequest(request: NumberedRequest, context: RequestContext): Promise<Reply> {
  try {
    return { ok: true, message: await perform(request, context) };
  } catch (error) {
    if (error instanceof vscode.CancellationError) return { ok: true, message: '' };
    if (error instanceof UserError)
      return { ok: false, message: `${error.problem.message}; ${error.problem.help}` };
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

async function perform(request: PanelRequest, context: RequestContext): Promise<string> {
  switch (request.type) {
    case 'selectRun':
      context.select(entryOf(request.run, context).directory);
      return '';
    case 'start':
      return command(COMMANDS.run, context.config === null ? undefined : vscode.Uri.file(context.config));
    case 'stop':
      return command(COMMANDS.stop, entryOf(request.run, context));
    case 'pause':
      return command(COMMANDS.pause, entryOf(request.run, context));
    case 'resume':
      return command(COMMANDS.resume, entryOf(request.run, context));
    case 'showLog':
      return command(COMMANDS.showLog, entryOf(request.run, context));
    case 'openConfig':
      return command(COMMANDS.openRunConfig, entryOf(request.run, context));
    case 'insertPair':
      return insertPairsInto(entryOf(request.run, context).record.config, [
        { teacher: request.teacher, student: request.student },
      ]);
    case 'insertPairs':
      return insertPairsInto(entryOf(request.run, context).record.config, request.pairs);
    case 'writeAblation':
      return ablate(entryOf(request.run, context), request.pairs, request.queue);
    case 'gap':
      return tellGap(entryOf(request.run, context), request, context);
    case 'measureGap': {
      const entry = entryOf(request.run, context);
      await context.measureGap(entry.directory, request.student);
      return tellGap(entry, { student: request.student, seed: null }, context);
    }
    case 'overlay':
      context.overlay(
        request.runs.filter((run) => context.entries.some(({ directory }) => directory === run)),
        request.metrics,
      );
      return '';
    case 'diagnose': {
      const { diagnosisMessage } = await import('./diagnosis-message.ts');
      context.tell(diagnosisMessage(new RunDirectory(entryOf(request.run, context).directory)));
      return '';
    }
    case 'applyChange': {
      const { applyProposed } = await import('./diagnosis-message.ts');
      const run = new RunDirectory(entryOf(request.run, context).directory);
      return applyProposed(run, request.rule, request.change);
    }
    case 'exportCsv':
      return exportCsv(entryOf(request.run, context));
    case 'exportFile':
      return save(
        `${fileNameOf(request.name)}.${request.format}`,
        { [nameOfFormat(request.format)]: [request.format] },
        Buffer.from(request.content, request.format === 'png' ? 'base64' : 'utf8'),
      );
    default:
      return performCompare(request, {
        entryOf: (run) => entryOf(run, context),
        show: context.showComparison,
        refresh: context.refresh,
      });
  }
}

function nameOfFormat(format: ExportFormat): string {
  switch (format) {
    case 'png':
      return vscode.l10n.t('PNG picture');
    case 'svg':
      return vscode.l10n.t('SVG picture');
    case 'csv':
      return vscode.l10n.t('CSV table');
  }
}

function entryOf(run: string, { entries }: RequestContext): RunEntry {
  const entry = entries.find(({ directory }) => directory === run);
  if (entry) return entry;
  throw new UserError({
    code: 'KD5001',
    message: vscode.l10n.t('this run is no longer there'),
    help: vscode.l10n.t('choose another one'),
  });
}

async function command(id: CommandId, argument: unknown): Promise<string> {
  await vscode.commands.executeCommand(id, argument);
  return '';
}

function tellGap(
  { directory }: RunEntry,
  { student, seed }: { readonly student: string | null; readonly seed: number | null },
  { tell }: RequestContext,
): string {
  tell(gapMessage(new RunDirectory(directory), student, seed));
  return '';
}

async function exportCsv({ directory, record }: RunEntry): Promise<string> {
  const run = new RunDirectory(directory);
  const pieces = [...metricsCsv(() => run.metricsInBlocks())].map((piece) => Buffer.from(piece, 'utf8'));
  return save(`${fileNameOf(record.id)}.csv`, { [nameOfFormat('csv')]: ['csv'] }, Buffer.concat(pieces));
}

async function save(name: string, filters: Record<string, string[]>, content: Uint8Array): Promise<string> {
  const target = await saveAs(name, filters);
  await vscode.workspace.fs.writeFile(target, content);
  return savedAs(target);
}
