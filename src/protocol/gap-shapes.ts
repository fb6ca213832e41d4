import type {
  AttentionMap,
  AttentionPair,
  AttentionRecord,
  ClassGapNumbers,
  GapAttention,
  GapNumbers,
  GapReport,
  GapSample,
  ReliabilityBin,
  SoftenedNumbers,
} from './gap-report.ts';
import { LIMITS } from './limits.ts';
import type { Shape } from './shape.ts';
import {
  base64,
  count,
  finite,
  jsonNumber,
  list,
  literal,
  Mismatch,
  nullable,
  object,
  optional,
  text,
} from './shape.ts';

/** How a report of the gap, which a run directory may hold in any state, is read. */
const name = text(LIMITS.nameLength);

export const softened = object<SoftenedNumbers>({
  temperature: finite,
  kl: jsonNumber,
  js: jsonNumber,
  targetEntropy: optional(jsonNumber),
  targetOthers: optional(jsonNumber),
});

export const classGap = object<ClassGapNumbers>({
  name,
  count,
  teacherAccuracy: finite,
  studentAccuracy: finite,
  kl: jsonNumber,
  js: optional(jsonNumber),
  agreement: optional(finite),
});

const numbers = object<GapNumbers>({
  kl: jsonNumber,
  js: jsonNumber,
  softened,
  agreement: finite,
  teacherAccuracy: finite,
  studentAccuracy: finite,
  teacherCalibrationError: jsonNumber,
  studentCalibrationError: jsonNumber,
});

const bins = list(
  object<ReliabilityBin>({ count, confidence: nullable(finite), accuracy: nullable(finite) }),
  LIMITS.reliabilityBins,
);

const side = bounded(1, LIMITS.attentionSide);
const mapFields = object<AttentionMap>({
  height: side,
  width: side,
  energy: base64(2 * LIMITS.attentionSide ** 2),
  crucial: list(count, LIMITS.attentionSide ** 2),
});
const attentionMap: Shape<AttentionMap> = (value, place) => {
  const map = mapFields(value, place);
  const places = map.height * map.width;
  if (bytesIn(map.energy) !== places) throw new Mismatch(`${place}.energy`, 'a byte for each place');
  if (map.crucial.some((one) => one >= places)) throw new Mismatch(`${place}.crucial`, 'places of its map');
  return map;
};
const pairs = list(object<AttentionPair>({ teacher: name, student: name }), LIMITS.attentionPairs);
const maps = list(list(attentionMap, LIMITS.attentionSamples), LIMITS.attentionPairs);
const overlap = list(finite, LIMITS.attentionPairs);

const recordFields = object<AttentionRecord>({
  phase: name,
  seed: finite,
  epoch: count,
  samples: list(count, LIMITS.attentionSamples),
  pairs,
  student: maps,
  overlap,
});
export const attentionRecord: Shape<AttentionRecord> = (value, place) => {
  const record = recordFields(value, place);
  requireTable(record.student, record.pairs.length, record.samples.length, `${place}.student`);
  if (record.overlap.length !== record.pairs.length)
    throw new Mismatch(`${place}.overlap`, 'one for each pair');
  return record;
};

const sampleFields = object<GapSample>({
  index: count,
  label: count,
  js: jsonNumber,
  teacher: list(jsonNumber, LIMITS.classes),
  student: list(jsonNumber, LIMITS.classes),
  pixels: nullable(base64(6 * LIMITS.pictureSide ** 2)),
});
const samples = list(sampleFields, LIMITS.gapSamples);
const attention = object<GapAttention>({
  pairs,
  samples: list(
    object({ index: count, label: count, pixels: base64(6 * LIMITS.pictureSide ** 2) }),
    LIMITS.attentionSamples,
  ),
  teacher: maps,
  student: maps,
  overlap,
});
const matrix = <T>(cell: Shape<T>) => list(list(cell, LIMITS.confusionClasses), LIMITS.confusionClasses);

const fields = object<GapReport>({
  formatVersion: literal(1),
  run: name,
  phase: name,
  seed: finite,
  student: name,
  teachers: list(name, LIMITS.phases),
  state: literal('kept', 'training'),
  split: literal('train', 'validation', 'test'),
  samples: count,
  of: count,
  classes: list(name, LIMITS.classes),
  picture: object({
    height: bounded(1, LIMITS.pictureSide),
    width: bounded(1, LIMITS.pictureSide),
    channels: literal(1, 3),
  }),
  numbers,
  reliability: object({ teacher: bins, student: bins }),
  perClass: list(classGap, LIMITS.classes),
  confusion: nullable(object({ teacher: matrix(count), student: matrix(count) })),
  outputDifference: nullable(matrix(jsonNumber)),
  shown: samples,
  disagreed: samples,
  attention: nullable(attention),
  cost: object({ milliseconds: finite, share: nullable(finite) }),
});

/** A report whose parts fit one another: logits and matrices to the classes, bytes to the size of the pictures. */
export const gapReport: Shape<GapReport> = (value, place) => {
  const report = fields(value, place);
  const classes = report.classes.length;
  const { height, width, channels } = report.picture;
  const requirePicture = (pixels: string | null, at: string) => {
    if (pixels !== null && bytesIn(pixels) !== height * width * channels)
      throw new Mismatch(at, 'a picture of the size told');
  };
  for (const part of ['shown', 'disagreed'] as const) {
    report[part].forEach((sample, n) => {
      const at = `${place}.${part}[${n}]`;
      if (sample.teacher.length !== classes || sample.student.length !== classes || sample.label >= classes)
        throw new Mismatch(at, 'a sample of these classes');
      requirePicture(sample.pixels, at);
    });
  }
  for (const cells of [report.confusion?.teacher, report.confusion?.student, report.outputDifference])
    if (cells !== null && cells !== undefined) requireTable(cells, classes, classes, place);
  const seen = report.attention;
  if (seen !== null) {
    seen.samples.forEach(({ pixels }, n) => requirePicture(pixels, `${place}.attention.samples[${n}]`));
    for (const cells of [seen.teacher, seen.student])
      requireTable(cells, seen.pairs.length, seen.samples.length, `${place}.attention`);
    if (seen.overlap.length !== seen.pairs.length)
      throw new Mismatch(`${place}.attention.overlap`, 'one for each pair');
  }
  return report;
};

function requireTable(
  cells: readonly (readonly unknown[])[],
  rows: number,
  columns: number,
  place: string,
): void {
  if (cells.length !== rows || cells.some((row) => row.length !== columns))
    throw new Mismatch(place, `a table of ${rows} by ${columns}`);
}

function bounded(least: number, most: number): Shape<number> {
  return (value, place) => {
    const found = count(value, place);
    if (found < least || found > most) throw new Mismatch(place, `from ${least} to ${most}`);
    return found;
  };
}

/** Bytes that base64 holds. */
function bytesIn(text_: string): number {
  return Math.floor((text_.replace(/=+$/u, '').length * 3) / 4);
}
