import { mainMetricOf, mainValueText } from '../../protocol/main-metric.ts';
import { durationText, percentText } from '../../protocol/run-text.ts';
import type { RunChange } from '../../runs/index.ts';
import type { Output, Sink } from '../output.ts';
import { barText, curveText, valueText } from './numbers.ts';
import { Standing } from './standing.ts';

const REPAINT_MILLISECONDS = 200;
const DEFAULT_COLUMNS = 80;
const BAR_COLUMNS = 24;
const CURVE_COLUMNS = 40;

/** Shows how a run goes on. */
export interface Display {
  take(change: RunChange): void;
  /** A line that stays. */
  note(line: string): void;
  end(): void;
}

/** A repainted block on a terminal, plain lines elsewhere. */
export function createDisplay(output: Output): Display {
  return output.isTerminal ? new LiveDisplay(output.words) : new PlainDisplay(output);
}

/** A few lines at the bottom of the terminal, painted again at most five times a second. */
export class LiveDisplay implements Display {
  readonly #sink: Sink;
  readonly #standing = new Standing();
  #painted = 0;
  #paintedAt = -Infinity;
  readonly #silence = new Silence();

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  take(change: RunChange): void {
    for (const line of [...lastingLines(change), ...this.#silence.lines(change)]) this.note(line);
    if (!this.#standing.take(change)) return;
    if (performance.now() - this.#paintedAt < REPAINT_MILLISECONDS) return;
    this.#paint();
  }

  note(line: string): void {
    this.#erase();
    this.#sink.write(`${line}\n`);
    this.#paint();
  }

  end(): void {
    this.#erase();
  }

  #paint(): void {
    this.#erase();
    const { columns = 0 } = this.#sink;
    // Some terminals do not tell their width, or say 0.
    const width = columns > 0 ? columns : DEFAULT_COLUMNS;
    const lines = liveLines(this.#standing).map((line) => line.slice(0, width - 1));
    this.#sink.write(lines.map((line) => `${line}\n`).join(''));
    this.#painted = lines.length;
    this.#paintedAt = performance.now();
  }

  #erase(): void {
    if (this.#painted > 0) this.#sink.write(`\u001b[${this.#painted}A\u001b[J`);
    this.#painted = 0;
  }
}

/** One line an epoch and for what happens: for logs and pipes. */
export class PlainDisplay implements Display {
  readonly #output: Output;
  readonly #standing = new Standing();
  #said = '';
  readonly #silence = new Silence();

  constructor(output: Output) {
    this.#output = output;
  }

  take(change: RunChange): void {
    for (const line of [...lastingLines(change), ...this.#silence.lines(change)]) this.note(line);
    if (change.type !== 'metrics') {
      this.#standing.take(change);
      return;
    }
    for (const record of change.records) {
      this.#standing.take({ type: 'metrics', records: [record] });
      if (record.split !== 'validation') continue;
      const epoch = `${this.#standing.job} ${record.epoch}`;
      if (epoch !== this.#said) this.note(epochLine(this.#standing));
      this.#said = epoch;
    }
  }

  note(line: string): void {
    this.#output.say(line);
  }

  end(): void {
    // Nothing is painted, nothing to take back.
  }
}

/** Says once when an engine gives no sign of life, and when it is back. */
class Silence {
  #silent = false;

  lines(change: RunChange): readonly string[] {
    if (change.type !== 'record' || change.silent === this.#silent) return [];
    this.#silent = change.silent;
    return [change.silent ? 'warning: the engine gives no sign of life' : 'the engine is back'];
  }
}

/** What stays on the screen: what happened, but not every checkpoint. */
function lastingLines(change: RunChange): readonly string[] {
  if (change.type !== 'events') return [];
  return change.records
    .filter(({ kind }) => kind !== 'checkpoint')
    .map(({ kind, message }) => (kind === 'warning' || kind === 'guard' ? `${kind}: ${message}` : message));
}

/** The block of the live display. */
export function liveLines(standing: Standing): readonly string[] {
  const { record, status, train, validation, losses } = standing;
  const progress = record?.progress;
  if (progress === undefined || train === null)
    return [`${record?.name ?? 'run'}: ${status === 'queued' ? 'starting' : status}`];
  const place = `${train.phase} · seed ${train.seed} · epoch ${train.epoch + 1}/${progress.epochs} · step ${train.step}`;
  const speed = train.values['imagesPerSecond'];
  const parts = [
    `loss ${valueText(train.values['loss'])}`,
    `${mainMetricOf(validation?.values)} ${mainValueText(validation?.values)}`,
    speed === undefined
      ? ''
      : `${typeof speed === 'number' ? Math.round(speed).toLocaleString('en-US') : speed} images/s`,
  ];
  return [
    status === 'running' ? place : `${place} · ${status}`,
    `${barText(progress.done, BAR_COLUMNS)} ${percentText(progress.done)} · ${durationText(progress.secondsLeft)} left`,
    parts.filter((part) => part !== '').join(' · '),
    `loss ${curveText(losses, CURVE_COLUMNS)}`,
  ];
}

function epochLine(standing: Standing): string {
  const { record, train, validation } = standing;
  const progress = record?.progress;
  const shown = validation ?? train;
  if (shown === null) return '';
  const epochs = progress === undefined ? '' : `/${progress.epochs}`;
  const parts = [
    `${shown.phase} seed ${shown.seed} epoch ${shown.epoch + 1}${epochs} step ${shown.step}`,
    `loss ${valueText(train?.values['loss'])}`,
    `validation ${mainMetricOf(validation?.values)} ${mainValueText(validation?.values)}`,
    // The progress is written now and then; what it said of an earlier epoch would mislead here.
    progress?.phase === shown.phase && progress.seed === shown.seed && progress.step >= shown.step
      ? `${percentText(progress.done)}, ${durationText(progress.secondsLeft)} left`
      : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
