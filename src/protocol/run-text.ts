import { isMainMetric, judgedMetricOf, mainText } from './main-metric.ts';
import { signedText } from './number-text.ts';
import type { RunRecord, RunStatus, Verdict } from './records.ts';
import { inEnglish, type Say } from './say.ts';

/** `+0.8 points`; a minus sign is a minus sign. */
export function differenceText({ difference, unit }: Verdict): string {
  return `${signed(difference, unit)} ${unit}`;
}

/** `BEATS the baseline: +0.8 points accuracy [+0.3, +1.3]`. */
export function verdictText(verdict: Verdict, say: Say = inEnglish): string {
  const words = { BEATS: say`BEATS the baseline`, 'NO BEATS': 'NO BEATS', INCONCLUSIVE: 'INCONCLUSIVE' };
  const bounds = verdict.interval?.map((bound) => signed(bound, verdict.unit)).join(', ');
  const range = bounds === undefined ? '' : ` [${bounds}]`;
  return `${words[verdict.verdict]}: ${differenceText(verdict)} ${verdict.metric}${range}`;
}

function signed(value: number, unit: Verdict['unit']): string {
  return signedText(value, unit === 'points' ? 1 : 3);
}

/** `last epoch: +0.7 points accuracy [+0.2, +1.2]`; null where it was not recorded. */
export function lastEpochText({ lastEpoch, unit, metric }: Verdict, say: Say = inEnglish): string | null {
  if (lastEpoch === undefined) return null;
  const { difference, interval } = lastEpoch;
  const bounds = interval === null ? '' : ` [${interval.map((bound) => signed(bound, unit)).join(', ')}]`;
  const text = `${signed(difference, unit)} ${unit} ${metric}${bounds}`;
  return say`last epoch: ${text}`;
}

/** `42 %` of a share. */
export function percentText(share: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, share)) * 100)} %`;
}

/** `2 h 5 min`, `3 min`, `40 s`: what a person needs to decide whether to wait. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return 'unknown time';
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * How a run is, in a few words.
 * @param status what is true now; the record of an engine that is gone still says `running`
 */
export function runText(record: RunRecord, status: RunStatus, say: Say = inEnglish): string {
  const word = statusText(status, say);
  switch (status) {
    case 'queued':
      return record.waiting === true ? say`waits in the queue` : say`starting`;
    case 'running':
    case 'pausing':
    case 'paused':
    case 'stopping':
      return [word, ...progressParts(record, say)].join(' · ');
    case 'stopped':
    case 'interrupted':
      return record.progress === undefined ? word : say`${word} at ${percentText(record.progress.done)}`;
    case 'failed':
      return record.failure === undefined ? word : `${word}: ${record.failure.message}`;
    case 'completed':
      return resultText(record, say);
  }
}

function statusText(status: RunStatus, say: Say): string {
  const words: Readonly<Record<RunStatus, string>> = {
    queued: say`queued`,
    running: say`running`,
    pausing: say`pausing`,
    paused: say`paused`,
    stopping: say`stopping`,
    stopped: say`stopped`,
    interrupted: say`interrupted`,
    failed: say`failed`,
    completed: say`completed`,
  };
  return words[status];
}

function progressParts({ progress }: RunRecord, say: Say): readonly string[] {
  if (progress === undefined) return [];
  return [progress.phase, say`epoch ${progress.epoch + 1}/${progress.epochs}`, percentText(progress.done)];
}

function resultText({ results }: RunRecord, say: Say): string {
  if (results === undefined) return statusText('completed', say);
  if (results.verdict !== null) return verdictText(results.verdict, say);
  const metric = judgedMetricOf(results);
  const last = results.phases.findLast(({ test }) => typeof test[metric] === 'number');
  if (last === undefined) return statusText('completed', say);
  const value = mainText(last.test[metric], metric, 1);
  return isMainMetric(metric) ? `${last.phase} ${value}` : `${last.phase} ${metric} ${value}`;
}
