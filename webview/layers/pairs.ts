import { fromJsonNumber, toJsonNumber } from '../../src/protocol/panel-content.ts';
import type {
  LayerMeeting,
  LayerTable,
  SimilarityMeasure,
  SimilarityRecord,
} from '../../src/protocol/records.ts';

/** Similarity of every teacher layer (row) with every student layer (column). */
export interface SimilarityTable {
  readonly measure: SimilarityMeasure;
  readonly epoch: number;
  readonly samples: number;
  /** Null: one batch, by an estimate with bias (an older run). */
  readonly batches: number | null;
  readonly teacherLayers: readonly string[];
  readonly studentLayers: readonly string[];
  readonly values: LayerTable<number>;
  /** Standard errors; NaN where they are not known. */
  readonly errors: LayerTable<number>;
}

export interface RankedPair {
  readonly teacher: string;
  readonly student: string;
  readonly value: number;
}

/** Epochs at which a phase was measured, newest first. */
export function measuredEpochs(
  records: readonly SimilarityRecord[],
  phase: string,
  seed: number | null,
): number[] {
  const of = records.filter((record) => record.phase === phase && (seed === null || record.seed === seed));
  return [...new Set(of.map(({ epoch }) => epoch))].sort((a, b) => b - a);
}

/** The table at an epoch: mean over the seeds asked for that compared the same layers. Null: not measured. */
export function similarityAt(
  records: readonly SimilarityRecord[],
  phase: string,
  seed: number | null,
  epoch: number,
  measure: SimilarityMeasure = 'linearCka',
): SimilarityTable | null {
  const at = records.filter(
    (record) =>
      record.phase === phase &&
      record.epoch === epoch &&
      record.measure === measure &&
      (seed === null || record.seed === seed),
  );
  const newest = at.at(-1);
  if (newest === undefined) return null;
  const layersOf = ({ teacherLayers, studentLayers }: SimilarityRecord) =>
    JSON.stringify([teacherLayers, studentLayers]);
  const same = at.filter((record) => layersOf(record) === layersOf(newest));
  const cells = (of: (i: number, j: number) => number) =>
    newest.values.map((row, i) => row.map((_, j) => of(i, j)));
  const sum = (of: (record: SimilarityRecord) => number) =>
    same.reduce((total, record) => total + of(record), 0);
  const errorAt = ({ errors }: SimilarityRecord, i: number, j: number) =>
    fromJsonNumber(errors?.[i]?.[j] ?? 'NaN');
  return {
    ...{ measure, epoch, samples: newest.samples, batches: newest.batches ?? null },
    ...{ teacherLayers: newest.teacherLayers, studentLayers: newest.studentLayers },
    values: cells((i, j) => sum(({ values }) => fromJsonNumber(values[i]?.[j] ?? 'NaN')) / same.length),
    // Of the mean of independent estimates.
    errors: cells((i, j) => Math.sqrt(sum((record) => errorAt(record, i, j) ** 2)) / same.length),
  };
}

/** What `kd match` measured by the weights that were kept. Null: it did not. */
export function keptTable(
  { kept, teacher, student }: LayerMeeting,
  measure: SimilarityMeasure,
): SimilarityTable | null {
  const table = kept?.tables.find((one) => one.measure === measure);
  if (kept === undefined || table === undefined) return null;
  return {
    ...{ measure, epoch: -1, samples: kept.samples, batches: kept.batches },
    teacherLayers: teacher.layers.map(({ name }) => name),
    studentLayers: student.layers.map(({ name }) => name),
    values: table.values.map((row) => row.map(fromJsonNumber)),
    errors: table.values.map((row, i) => row.map((_, j) => fromJsonNumber(table.errors?.[i]?.[j] ?? 'NaN'))),
  };
}

/** The table in the order of a meeting's layers; what it does not hold is NaN. */
export function alignedTo({ teacher, student }: LayerMeeting, table: SimilarityTable): SimilarityTable {
  const [teacherLayers, studentLayers] = [teacher, student].map(({ layers }) =>
    layers.map(({ name }) => name),
  );
  const rows = (teacherLayers ?? []).map((name) => table.teacherLayers.indexOf(name));
  const columns = (studentLayers ?? []).map((name) => table.studentLayers.indexOf(name));
  const reordered = (cells: LayerTable<number>) =>
    rows.map((row) => columns.map((column) => cells[row]?.[column] ?? Number.NaN));
  return {
    ...table,
    teacherLayers: teacherLayers ?? [],
    studentLayers: studentLayers ?? [],
    values: reordered(table.values),
    errors: reordered(table.errors),
  };
}

/** A table as `matchLayers` takes it. */
export function forMatching({ values, errors }: SimilarityTable) {
  const numbers = (cells: LayerTable<number>) => cells.map((row) => row.map(toJsonNumber));
  return { values: numbers(values), errors: numbers(errors) };
}

/** All pairs, most similar first; what could not be measured is left out. */
export function rankPairs(table: SimilarityTable): RankedPair[] {
  return table.values
    .flatMap((row, i) =>
      row.map((value, j) => ({
        teacher: table.teacherLayers[i] ?? '',
        student: table.studentLayers[j] ?? '',
        value,
      })),
    )
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => b.value - a.value);
}

/** For each student layer the teacher layer most like it, most similar first. */
export function bestForEachStudentLayer(table: SimilarityTable): RankedPair[] {
  const seen = new Set<string>();
  return rankPairs(table).filter(({ student }) => !seen.has(student) && seen.add(student));
}
