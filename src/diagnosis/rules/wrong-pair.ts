import type { SimilarityRecord } from '../../protocol/records.ts';
import { fromJsonNumber } from '../../protocol/panel-content.ts';
import { short, type Rule } from '../rule.ts';

const BETTER = 0.2;

export const wrongPair: Rule = {
  name: 'wrongPair',
  title: 'Other layers are far more alike than a chosen pair',
  criterion: `For a pair of a term, another layer of the teacher is more alike to the student's layer by more than ${BETTER} (linear CKA, last record).`,
  source:
    'Kornblith et al. 2019 (arXiv:1905.00414): CKA finds layers that correspond between networks; whether such a pair teaches better is what the ablation of the layer view tests',
  look: ({ similarity, settings }, say) => {
    const last = similarity.filter(({ phase }) => phase === 'student').at(-1);
    if (last === undefined) return { unable: say`the similarity of layers was not recorded` };
    const found = settings.terms.flatMap((term) =>
      term.pairs.flatMap((pair, index) => {
        const column = last.studentLayers.indexOf(pair.student);
        const own = valueAt(last, pair.teacher, column);
        const [best] = last.teacherLayers
          .map((teacher) => ({ teacher, value: valueAt(last, teacher, column) }))
          .filter(({ value }) => Number.isFinite(value))
          .sort((one, other) => other.value - one.value);
        if (best === undefined || !(best.value > own + BETTER)) return [];
        return [{ term, pair, index, own, best }];
      }),
    );
    if (found.length === 0) return null;
    return {
      symptom: say`A term compares layers that have little in common.`,
      evidence: found.map(({ pair, own, best }) => ({
        what: say`similarity of ${pair.student} with ${pair.teacher}`,
        value: say`${short(own)}; with ${best.teacher} ${short(best.value)}`,
      })),
      cause: say`The layers stand at different depths of what the networks have learned.`,
      changes: found.map(({ term, pair, index, best }) => ({
        title: say`Match ${best.teacher} with ${pair.student}`,
        path: ['distill', 'match', term.index, term.method, 'pairs', index],
        value: `[${best.teacher}, ${pair.student}]`,
      })),
    };
  },
};

function valueAt({ teacherLayers, values }: SimilarityRecord, teacher: string, column: number): number {
  return fromJsonNumber(values[teacherLayers.indexOf(teacher)]?.[column] ?? 'NaN');
}
