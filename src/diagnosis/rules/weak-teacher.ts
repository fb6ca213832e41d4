import { meanOf } from '../../protocol/mean.ts';
import { percent, type Rule } from '../rule.ts';

export const weakTeacher: Rule = {
  name: 'weakTeacher',
  title: 'The teacher knows no more than its student',
  criterion:
    'On the validation split the teacher is no better than the student at the end, in the mean over the seeds.',
  source:
    'Yuan et al. 2020 (arXiv:1909.11723), section 3: a weak teacher acts as smoothing of the labels; it has no knowledge of its own to give',
  look: ({ gap, settings }, say) => {
    const last = gap.filter(({ phase }) => phase === 'student');
    if (last.length === 0) return { unable: say`the gap to the teacher was not recorded` };
    const teacher = meanOf(last.map((one) => one.teacherAccuracy));
    const student = meanOf(last.map((one) => one.studentAccuracy));
    if (teacher > student) return null;
    return {
      symptom: say`The student has overtaken its teacher.`,
      evidence: [
        {
          what: say`validation accuracy, teacher and student`,
          value: `${percent(teacher)}, ${percent(student)}`,
        },
      ],
      cause: say`The teacher is too small or was trained too little. What helps here is the softness of its answers, not what it knows.`,
      changes:
        settings.epochs === null
          ? []
          : [
              {
                title: say`Train the teacher for ${settings.epochs * 2} epochs`,
                path: ['models', 'teacher', 'train', 'epochs'],
                value: String(settings.epochs * 2),
              },
            ],
    };
  },
};
