import type { RunChanges } from '../../protocol/panel.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { fromJsonNumber } from '../../protocol/panel-content.ts';
import { eventRecord, gapRecord, similarityRecord } from '../../protocol/panel-shapes.ts';
import { pictureRecord } from '../../protocol/picture-shapes.ts';
import type { JsonNumber } from '../../protocol/records.ts';
import type { Shape } from '../../protocol/shape.ts';
import {
  count,
  dictionary,
  finite,
  jsonNumber,
  literal,
  object,
  optional,
  read,
  text,
} from '../../protocol/shape.ts';
import { GatheredSeries } from './gathered-series.ts';

/**
 * Lines of the run directory to changes of what the panel shows. A run directory may be damaged, hostile, or written
 * by a later version: a record that does not fit is left out and counted, never passed on.
 */
export interface ReadRecords {
  readonly changes: RunChanges;
  readonly ignored: number;
}

const metricsRecord = object<{
  seq: number;
  time?: number;
  phase: string;
  seed: number;
  epoch: number;
  step: number;
  split: 'train' | 'validation' | 'test';
  values: Readonly<Record<string, JsonNumber>>;
}>({
  seq: count,
  time: optional(finite),
  phase: text(LIMITS.nameLength),
  seed: finite,
  epoch: count,
  step: count,
  split: literal('train', 'validation', 'test'),
  values: dictionary(jsonNumber, LIMITS.metrics),
});

/**
 * Metrics to points of their curves, in order, and the last `seq` read (-1: none).
 * @param isWanted which metrics are taken
 */
export function readMetrics(
  records: readonly unknown[],
  isWanted: (metric: string) => boolean = () => true,
): ReadRecords & { readonly through: number } {
  // By what a record is of, and then by metric: a name for each value of each record would take longer than to read it.
  const series = new Map<string, Map<string, GatheredSeries>>();
  let ignored = 0;
  let through = -1;
  for (const record of records) {
    const found = read(metricsRecord, record, 'metrics');
    if (!found.ok) {
      ignored += 1;
      continue;
    }
    const { phase, seed, split, step, epoch, time, values } = found.value;
    through = Math.max(through, found.value.seq);
    const name = JSON.stringify([phase, seed, split]);
    const own = series.get(name) ?? new Map<string, GatheredSeries>();
    series.set(name, own);
    for (const [metric, value] of Object.entries(values)) {
      if (!isWanted(metric)) continue;
      let points = own.get(metric);
      if (points === undefined) {
        points = new GatheredSeries({ phase, seed, split, metric });
        own.set(metric, points);
      }
      points.add(step, epoch, time ?? 0, fromJsonNumber(value));
    }
  }
  const all = [...series.values()].flatMap((own) => [...own.values()].map((points) => points.points()));
  return { changes: { series: all }, ignored, through };
}

export function readGap(records: readonly unknown[]): ReadRecords {
  const { kept, ignored } = keepReadable(records, gapRecord);
  return { changes: { gap: kept }, ignored };
}

export function readSimilarity(records: readonly unknown[]): ReadRecords {
  const { kept, ignored } = keepReadable(records, similarityRecord);
  return { changes: { similarity: kept }, ignored };
}

export function readPictures(records: readonly unknown[]): ReadRecords {
  const { kept, ignored } = keepReadable(records, pictureRecord);
  return { changes: { pictures: kept }, ignored };
}

/** Events; a message that is too long is cut, since its beginning still tells. */
export function readEvents(records: readonly unknown[]): ReadRecords {
  const { kept, ignored } = keepReadable(records.map(shortenMessage), eventRecord);
  return { changes: { events: kept }, ignored };
}

function shortenMessage(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || !('message' in record)) return record;
  const { message } = record;
  return typeof message === 'string'
    ? { ...record, message: message.slice(0, LIMITS.messageLength) }
    : record;
}

function keepReadable<T>(records: readonly unknown[], shape: Shape<T>): { kept: T[]; ignored: number } {
  const kept: T[] = [];
  for (const record of records) {
    const found = read(shape, record, 'record');
    if (found.ok) kept.push(found.value);
  }
  return { kept, ignored: records.length - kept.length };
}
