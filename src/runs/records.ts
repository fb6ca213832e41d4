import type { AttentionRecord } from '../protocol/gap-report.ts';
import type {
  EventRecord,
  GapRecord,
  MetricsRecord,
  PictureRecord,
  SimilarityRecord,
} from '../protocol/records.ts';

/** The streams of records in a run directory. */
export interface RecordStreams {
  readonly metrics: MetricsRecord;
  readonly events: EventRecord;
  readonly gap: GapRecord;
  readonly similarity: SimilarityRecord;
  readonly attention: AttentionRecord;
  readonly pictures: PictureRecord;
}

type Fields = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isText = (value: unknown): boolean => typeof value === 'string';
const isMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What readers rely on; fields beyond are free. */
const WHOLE: Readonly<Record<keyof RecordStreams, (record: Fields) => boolean>> = {
  metrics: ({ seq, phase, seed, epoch, step, split, values }) =>
    [seq, seed, epoch, step].every(isNumber) && isText(phase) && isText(split) && isMap(values),
  events: ({ kind, message }) => isText(kind) && isText(message),
  gap: ({ phase, seed, epoch, perClass }) =>
    isText(phase) && isNumber(seed) && isNumber(epoch) && Array.isArray(perClass),
  similarity: ({ epoch, teacherLayers, studentLayers, values }) =>
    isNumber(epoch) && [teacherLayers, studentLayers, values].every(Array.isArray),
  attention: ({ epoch, pairs, student }) => isNumber(epoch) && [pairs, student].every(Array.isArray),
  pictures: ({ kind, phase, seed, epoch }) =>
    isText(kind) && isText(phase) && isNumber(seed) && isNumber(epoch),
};

/** The records of JSON lines; a line that is no whole record of the stream is left out. */
export function parseRecords<S extends keyof RecordStreams>(
  stream: S,
  lines: readonly string[],
): RecordStreams[S][] {
  const records: RecordStreams[S][] = [];
  for (const line of lines) {
    const value = parseLine(line);
    if (value !== null && WHOLE[stream](value)) records.push(value as unknown as RecordStreams[S]);
  }
  return records;
}

function parseLine(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}
