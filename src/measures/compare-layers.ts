import { SIMILARITY_MEASURES, type JsonNumber, type SimilarityTableRecord } from '../protocol/records.ts';
import { similarityOf, type LayerKernels, type Similarity } from './layer-similarity.ts';
import { jsonNumber } from './rows.ts';

/** Six digits behind the point: beyond lies the noise of single precision. */
const PRECISION = 1e6;

/** Every layer of the teacher with every layer of the student, by every measure. */
export function compareAll(
  teacher: readonly LayerKernels[],
  student: readonly LayerKernels[],
): readonly SimilarityTableRecord[] {
  return SIMILARITY_MEASURES.map((measure) => {
    const table = teacher.map((t) => student.map((s) => similarityOf(t[measure], s[measure])));
    const numbers = (part: (one: Similarity) => number | null) =>
      table.map((row) => row.map((one) => rounded(part(one) ?? NaN)));
    const hasErrors = table.some((row) => row.some(({ error }) => error !== null));
    return {
      measure,
      values: numbers(({ value }) => value),
      ...(hasErrors && { errors: numbers(({ error }) => error) }),
    };
  });
}

function rounded(value: number): JsonNumber {
  return jsonNumber(Math.round(value * PRECISION) / PRECISION);
}
