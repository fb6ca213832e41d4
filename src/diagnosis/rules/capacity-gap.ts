import { meanOf } from '../../protocol/mean.ts';
import { fromJsonNumber } from '../../protocol/panel-content.ts';
import { percent, type Rule } from '../rule.ts';

const RATIO = 10;
const DISTANCE = 0.03;
const AGREEMENT = 0.85;

export const capacityGap: Rule = {
  name: 'capacityGap',
  title: 'The teacher may be too strong for this student',
  criterion: `The run is over without a gain (no BEATS), the teacher has more than ${RATIO} times the parameters, is better by more than ${DISTANCE * 100} points on the test split, and the student names the same class in less than ${AGREEMENT * 100} % of the validation samples.`,
  source:
    'Cho and Hariharan 2019 (arXiv:1910.01348): students of larger teachers may be worse; Mirzadeh et al. 2020 (arXiv:1902.03393): an assistant between them helps',
  look: ({ results, gap, settings }, say) => {
    const verdict = results?.verdict ?? null;
    const phases = results?.phases ?? [];
    const of = (name: string) => phases.filter(({ phase }) => phase === name);
    const [teacher, students] = [of('teacher'), of('student')];
    if (verdict === null) return { unable: say`there is no verdict` };
    if (verdict.verdict === 'BEATS') return null;
    const last = gap.filter(({ phase }) => phase === 'student');
    const accuracy =
      teacher.length > 0
        ? meanOf(teacher.map(({ test }) => fromJsonNumber(test['accuracy'] ?? 'NaN')))
        : null;
    const size = teacher[0]?.parameters ?? null;
    if (accuracy === null || size === null || last.length === 0) {
      return { unable: say`the run neither trained a teacher nor recorded the gap to it` };
    }
    const student = meanOf(students.map(({ test }) => fromJsonNumber(test['accuracy'] ?? 'NaN')));
    const ratio = size / (students[0]?.parameters ?? Infinity);
    const agreement = meanOf(last.map((one) => one.agreement));
    if (ratio <= RATIO || accuracy - student <= DISTANCE || agreement >= AGREEMENT) return null;
    return {
      symptom: say`A far larger teacher did not help its student.`,
      evidence: [
        { what: say`parameters, teacher over student`, value: ratio.toFixed(0) },
        { what: say`test accuracy, teacher and student`, value: `${percent(accuracy)}, ${percent(student)}` },
        { what: say`same class named on the validation split`, value: percent(agreement) },
      ],
      cause: say`What the teacher says is finer than the student can follow.`,
      changes:
        settings.scheme === 'offline'
          ? [
              {
                title: say`Put an assistant between them (declare it under ${'`models`'} first)`,
                path: ['distill', 'scheme'],
                value: '{ chain: { through: [teacher, assistant, student] } }',
              },
            ]
          : [],
    };
  },
};
