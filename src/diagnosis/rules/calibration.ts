import { meanOf } from '../../protocol/mean.ts';
import { fromJsonNumber } from '../../protocol/panel-content.ts';
import { percent, type Rule } from '../rule.ts';

const WORSE = 0.03;

export const calibrationLost: Rule = {
  name: 'calibrationLost',
  title: 'The student is less honest about its doubts than without a teacher',
  criterion: `The calibration error (ECE, 15 bins, test split) of the student is above that of the baseline by more than ${WORSE * 100} points, in the mean over the seeds.`,
  source:
    'Guo et al. 2017 (arXiv:1706.04599) for the measure; Müller et al. 2019 (arXiv:1906.02629): soft targets change the confidence of what learns from them',
  look: ({ results, settings }, say) => {
    const of = (name: string) =>
      (results?.phases ?? [])
        .filter(({ phase }) => phase === name)
        .map(({ test }) => fromJsonNumber(test['calibrationError'] ?? 'NaN'))
        .filter((value) => Number.isFinite(value));
    const [student, baseline] = [of('student'), of('baseline')];
    if (student.length === 0 || baseline.length === 0)
      return { unable: say`there is no student with a baseline` };
    const [ours, theirs] = [meanOf(student), meanOf(baseline)];
    if (ours <= theirs + WORSE) return null;
    const term = settings.terms.find(({ temperature }) => temperature !== null && temperature > 1);
    return {
      symptom: say`What the student says of its own certainty is further from the truth than the baseline’s.`,
      evidence: [
        { what: say`calibration error, student and baseline`, value: `${percent(ours)}, ${percent(theirs)}` },
      ],
      cause: say`It was trained to repeat softened answers, so at temperature 1 it is too unsure or too sure.`,
      changes:
        term === undefined || term.temperature === null
          ? []
          : [
              {
                title: say`Soften "${term.id}" less: temperature ${plainHalf(term.temperature)}`,
                path: ['distill', 'match', term.index, term.method, 'temperature'],
                value: plainHalf(term.temperature),
              },
            ],
    };
  },
};

function plainHalf(temperature: number): string {
  return String(Math.max(1, temperature / 2));
}
