import type { LayerPairNames, SimilarityMeasure, SimilarityRecord } from '../../src/protocol/records.ts';
import { SOLID, styleOf, type Line } from '../curves/line.ts';
import { LinePoints } from '../curves/points.ts';
import { strings } from '../strings.ts';
import { measuredEpochs, similarityAt } from './pairs.ts';

/** How alike each pair was after each measured epoch, mean over the seeds asked for. */
export function pairLines(
  records: readonly SimilarityRecord[],
  phase: string,
  seed: number | null,
  measure: SimilarityMeasure,
  pairs: readonly LayerPairNames[],
): readonly Line[] {
  const tables = measuredEpochs(records, phase, seed)
    .reverse()
    .flatMap((epoch) => similarityAt(records, phase, seed, epoch, measure) ?? []);
  return pairs.map(({ teacher, student }, index) => {
    const name = strings.pairName(teacher, student);
    return {
      ...{ id: name, group: name, name, label: name, role: 'main', dash: SOLID },
      ...styleOf(index),
      points: LinePoints.of(
        tables.flatMap(({ epoch, teacherLayers, studentLayers, values }) => {
          const y = values[teacherLayers.indexOf(teacher)]?.[studentLayers.indexOf(student)];
          return y === undefined ? [] : [{ x: epoch + 1, y, epoch }];
        }),
      ),
    };
  });
}
