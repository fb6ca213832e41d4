import { fromJsonNumber } from '../../src/protocol/panel-content.ts';
import type { SimilarityRecord } from '../../src/protocol/records.ts';

/** Similarity of every teacher layer (row) with every student layer (column). */
export interface SimilarityTable {
  readonly epoch: number;
  readonly samples: number;
  readonly teacherLayers: readonly string[];
  readonly studentLayers: readonly string[];
  readonly values: readonly (readonly number[])[];
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
): SimilarityTable | null {
  const at = records.filter(
    (record) => record.phase === phase && record.epoch === epoch && (seed === null || record.seed === seed),
  );
  const newest = at.at(-1);
  if (newest === undefined) return null;
  const layersOf = ({ teacherLayers, studentLayers }: SimilarityRecord) =>
    JSON.stringify([teacherLayers, studentLayers]);
  const same = at.filter((record) => layersOf(record) === layersOf(newest));
  return {
    epoch,
    samples: newest.samples,
    teacherLayers: newest.teacherLayers,
    studentLayers: newest.studentLayers,
    values: newest.values.map((row, i) =>
      row.map(
        (_, j) =>
          same.reduce((sum, { values }) => sum + fromJsonNumber(values[i]?.[j] ?? 'NaN'), 0) / same.length,
      ),
    ),
  };
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
