import { meanOf } from '../../protocol/mean.ts';
import { mostly, seriesOf, taught } from '../evidence.ts';
import { short, type Rule } from '../rule.ts';
import { quarterOf, SWING, swingOf } from './learning-rate.ts';

const ENOUGH_EPOCHS = 6;
const RISE = 1.15;
const BEFORE = 0.75;

export const overfitting: Rule = {
  name: 'overfitting',
  title: 'The student learns its training samples by heart',
  criterion: `From ${ENOUGH_EPOCHS} epochs on: the cross-entropy of the validation split is in the last quarter more than ${Math.round((RISE - 1) * 100)} % above its lowest value, which lies in the first ${BEFORE * 100} % of the training, while that of the training split fell further, in most seeds, and the learning rate is not too high.`,
  source:
    'Prechelt 1998 (Early Stopping - But When?), generalisation loss GL; Goodfellow et al. 2016, section 7.8',
  look: (evidence, say) => {
    const students = taught(evidence).filter(({ epochs }) => epochs.length >= ENOUGH_EPOCHS);
    if (students.length === 0) return { unable: say`it takes ${ENOUGH_EPOCHS} epochs` };
    const signs = students.flatMap((student) => {
      const validation = seriesOf(student, 'validation', 'loss/ce');
      const [start] = validation;
      if (start === undefined) return [];
      const lowest = validation.reduce((least, one) => (one.value < least.value ? one : least), start);
      const last = endOf(validation);
      const train = seriesOf(student, 'train', 'loss/ce');
      const then = train.find(({ epoch }) => epoch === lowest.epoch)?.value ?? NaN;
      const now = endOf(train);
      const isEarly = lowest.epoch < BEFORE * student.epochs.length;
      return isEarly && last > RISE * lowest.value && now < then && swingOf(student) <= SWING
        ? [
            {
              what: say`cross-entropy, seed ${student.seed}`,
              value: say`validation ${short(lowest.value)} after epoch ${lowest.epoch + 1}, ${short(last)} in the last quarter; training ${short(then)}, then ${short(now)}`,
            },
          ]
        : [];
    });
    if (!mostly(students, signs)) return null;
    const { hasAugmentation, labelSmoothing, hardLabelWeight } = evidence.settings;
    return {
      symptom: say`Validation gets worse while training gets better.`,
      evidence: signs,
      cause: say`The student has room to remember its training samples, and nothing keeps it from that.`,
      changes: [
        ...(hasAugmentation
          ? []
          : [
              {
                title: say`Show every image shifted a little each time`,
                path: ['data', 'augment'],
                value: '[ { randomCrop: { padding: 2 } } ]',
              },
            ]),
        ...(labelSmoothing === 0
          ? [{ title: say`Smooth the labels by ${'0.1'}`, path: ['train', 'labelSmoothing'], value: '0.1' }]
          : []),
        ...(hardLabelWeight !== null && hardLabelWeight > 0.5
          ? [
              {
                title: say`Listen more to the teacher: hard labels at half of their weight`,
                path: ['distill', 'hardLabelWeight'],
                value: String(hardLabelWeight / 2),
              },
            ]
          : []),
      ],
    };
  },
};

function endOf(series: readonly { readonly value: number }[]): number {
  return meanOf(series.slice(-quarterOf(series.length)).map(({ value }) => value));
}
