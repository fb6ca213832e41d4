import { durationText, percentText } from '../../protocol/run-text.ts';
import { withoutIcons } from '../plain-text.ts';
import { currentRun, isQueued, isWorking, type RunEntry } from './run-entry.ts';

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  /** Directory of the run that a click opens. */
  readonly directory: string;
}

/** `$(sync~spin) KD student 3/30 · 42 %`; null while nothing works. */
export function statusText(entries: readonly RunEntry[]): StatusText | null {
  const run = currentRun(entries);
  if (run === null) return null;
  const { record, status, directory } = run;
  const others = entries.filter(isWorking).length - 1;
  const more = others > 0 ? ` +${others}` : '';
  const queued = entries.filter(isQueued).length;
  const rest = others > 0 ? `\n${others} more${queued > 0 ? `, ${queued} of them in the queue` : ''}` : '';
  const { progress } = record;
  if (progress === undefined || status === 'queued') {
    return { text: `$(sync~spin) KD starting${more}`, tooltip: `${record.id} is starting${rest}`, directory };
  }
  const icon = status === 'paused' ? '$(debug-pause)' : '$(sync~spin)';
  const word = status === 'running' ? withoutIcons(progress.phase) : status;
  const place = `${word} ${progress.epoch + 1}/${progress.epochs} · ${percentText(progress.done)}`;
  return {
    text: `${icon} KD ${place}${more}`,
    tooltip: `${record.name} (${record.id})\n${place}, seed ${progress.seed}, ${durationText(progress.secondsLeft)} left${rest}\nClick to open the panel.`,
    directory,
  };
}
