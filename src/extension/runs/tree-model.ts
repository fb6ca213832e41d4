import { percentText, runText } from '../../protocol/run-text.ts';
import type { RunStatus, VerdictWord } from '../../protocol/records.ts';
import { labelsText } from '../../protocol/labels.ts';
import { isResumable } from '../../runs/index.ts';
import { RUN_ITEMS } from '../ids.ts';
import { isQueued, isWaiting, isWorking, labelsOfEntry, type RunEntry } from './run-entry.ts';

/** One row of the Runs view, as plain data. */
export interface RunRow {
  readonly directory: string;
  readonly label: string;
  readonly description: string;
  /** Lines of text; the view escapes them. */
  readonly tooltip: readonly string[];
  /** Name of a codicon and the theme colour it has. */
  readonly icon: { readonly name: string; readonly color?: string };
  /** `viewItem` of the menus in package.json. */
  readonly item: string;
  /** What a screen reader says. */
  readonly spoken: string;
}

const STATUS_ICONS: Readonly<Record<Exclude<RunStatus, 'completed'>, RunRow['icon']>> = {
  queued: { name: 'watch' },
  running: { name: 'sync~spin', color: 'charts.blue' },
  pausing: { name: 'sync~spin', color: 'charts.yellow' },
  paused: { name: 'debug-pause', color: 'charts.yellow' },
  stopping: { name: 'sync~spin', color: 'charts.yellow' },
  stopped: { name: 'debug-stop', color: 'charts.yellow' },
  failed: { name: 'error', color: 'charts.red' },
  interrupted: { name: 'warning', color: 'charts.yellow' },
};

const VERDICT_ICONS: Readonly<Record<VerdictWord, RunRow['icon']>> = {
  BEATS: { name: 'pass', color: 'charts.green' },
  'NO BEATS': { name: 'circle-slash', color: 'charts.orange' },
  INCONCLUSIVE: { name: 'question', color: 'charts.foreground' },
};

export function runRow(entry: RunEntry): RunRow {
  const { directory, record, status } = entry;
  const text = runText(record, status);
  const labels = labelsText(labelsOfEntry(entry));
  return {
    directory,
    label: record.id,
    description: [shortText(entry), shortLabels(entry)].filter((part) => part !== '').join(' · '),
    tooltip: [
      record.name,
      text,
      ...(labels === '' ? [] : [labels]),
      `config: ${record.config}`,
      `started: ${record.startedAt ?? 'not yet'}`,
      directory,
    ],
    icon: iconOf(entry),
    item: itemOf(entry),
    spoken: [`Run ${record.id}`, text, ...spokenLabels(entry)].join(', '),
  };
}

/** Mark and tags; a note is too long for a row. */
function shortLabels(entry: RunEntry): string {
  const { starred, tags, archived } = labelsOfEntry(entry);
  return [starred ? '★' : '', ...tags, archived ? 'archived' : ''].filter((part) => part !== '').join(' ');
}

function spokenLabels(entry: RunEntry): readonly string[] {
  const { starred, tags, archived } = labelsOfEntry(entry);
  return [
    ...(starred ? ['starred'] : []),
    ...(tags.length === 0 ? [] : [`tags ${tags.join(' ')}`]),
    ...(archived ? ['archived'] : []),
  ];
}

function itemOf(entry: RunEntry): RunRow['item'] {
  const { status } = entry;
  if (isQueued(entry)) return RUN_ITEMS.waiting;
  if (isWaiting(status)) return RUN_ITEMS.paused;
  if (isWorking({ status })) return RUN_ITEMS.active;
  return isResumable(status) ? RUN_ITEMS.resumable : RUN_ITEMS.done;
}

/** The view is narrow: share of the work while it runs, the verdict's word when it is done. */
function shortText({ record, status, silent = false }: RunEntry): string {
  if (silent) return `${status}, no sign of life`;
  if (status === 'running' && record.progress !== undefined) {
    return `${record.progress.phase} ${percentText(record.progress.done)}`;
  }
  if (isQueued({ status, record })) return 'in the queue';
  return status === 'completed' ? (record.results?.verdict?.verdict ?? status) : status;
}

function iconOf({ record, status }: RunEntry): RunRow['icon'] {
  if (status !== 'completed') return STATUS_ICONS[status];
  const verdict = record.results?.verdict?.verdict;
  return verdict === undefined ? { name: 'pass' } : VERDICT_ICONS[verdict];
}
