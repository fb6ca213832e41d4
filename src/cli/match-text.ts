import { termOf } from '../config/edits.ts';
import { matchLayers, type MatchedPair, type MatchOptions } from '../protocol/layer-matching/match-layers.ts';
import { reasonText } from '../protocol/layer-matching/reason-text.ts';
import type { MatchReport, SimilarityMeasure } from '../protocol/records.ts';
import { tableText } from './table.ts';

/** What a measure is called. */
export const MEASURE_NAMES: Readonly<Record<SimilarityMeasure, string>> = {
  linearCka: 'linear CKA',
  rbfCka: 'CKA (RBF)',
  distanceCorrelation: 'distance correlation',
};

/** The pairs to match, most alike first. */
export function rankedPairs(
  { meeting, measured }: MatchReport,
  measure: SimilarityMeasure,
  options: MatchOptions,
): readonly MatchedPair[] {
  const table = measured.tables.find((one) => one.measure === measure);
  return table === undefined ? [] : matchLayers(meeting, table, options);
}

/** The YAML of the pairs: an item of `distill.match`. */
export function snippet({ meeting }: MatchReport, pairs: readonly MatchedPair[]): string {
  const names = pairs.map(({ teacher, student }) => ({ teacher: teacher.name, student: student.name }));
  return `- ${termOf(meeting.method, names)}`;
}

/** The report for people. */
export function matchText(
  report: MatchReport,
  pairs: readonly MatchedPair[],
  measure: SimilarityMeasure,
): string {
  const { meeting, measured, weights, milliseconds } = report;
  const { teacher, student } = meeting;
  const head = [
    `${meeting.phase}: ${teacher.model} (${teacher.architecture}, ${weights.teacher}) and ${student.model} (${student.architecture}, ${weights.student})`,
    `${MEASURE_NAMES[measure]} on ${measured.samples} samples in ${measured.batches} batches, ${(milliseconds / 1000).toFixed(1)} s`,
  ];
  if ([weights.teacher, weights.student].includes('untrained'))
    head.push(
      'untrained weights say little about what will be alike after training: look again at a finished run, or give a teacher by --teacher',
    );
  if (pairs.length === 0)
    return [...head, '', `no pair of layers that ${meeting.method} can match is alike`].join('\n');
  const rows = pairs.map((pair, at) => [
    String(at + 1),
    pair.teacher.name,
    pair.teacher.shape.join('x'),
    pair.student.name,
    pair.student.shape.join('x'),
    `${pair.similarity.toFixed(3)}${pair.error === null ? '' : ` ± ${pair.error.toFixed(3)}`}`,
    pair.adapter.kernels.length === 0 ? 'none' : pair.adapter.kernels.join(', '),
    pair.adapter.parameters.toLocaleString('en-US'),
    pair.multiplyAddsPerStep.toLocaleString('en-US'),
  ]);
  const table = tableText(
    [
      '',
      'teacher',
      'shape',
      'student',
      'shape',
      'similarity',
      'adapter',
      'parameters',
      'multiply-adds a step',
    ],
    rows,
    ['right', 'left', 'left', 'left', 'left', 'left', 'left', 'right', 'right'],
  );
  const reasons = pairs.map((pair, at) => `${at + 1}  ${reasonText(pair)}`);
  return [
    ...head,
    '',
    table,
    '',
    ...reasons,
    '',
    'To match them, under distill.match:',
    '',
    `  ${snippet(report, pairs)}`,
  ].join('\n');
}
