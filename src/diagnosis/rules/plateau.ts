import { mostly, seriesOf, taught } from '../evidence.ts';
import { percent, short, type Rule } from '../rule.ts';
import { otherRate } from './learning-rate.ts';

const ENOUGH_EPOCHS = 8;
const BEST_BEFORE = 0.5;
const FALL = 0.02;

export const plateau: Rule = {
  name: 'plateau',
  title: 'Training stands still',
  criterion: `From ${ENOUGH_EPOCHS} epochs on: the best epoch lies in the first half, and over the second half the training loss fell by less than ${FALL * 100} %, in most seeds.`,
  source:
    'Goodfellow, Bengio and Courville 2016 (Deep Learning), section 8.1.3 and 8.3.1: at a constant rate the noise of the batches keeps the loss from falling further',
  look: (evidence, say) => {
    const students = taught(evidence).filter(({ epochs }) => epochs.length >= ENOUGH_EPOCHS);
    if (students.length === 0) return { unable: say`it takes ${ENOUGH_EPOCHS} epochs` };
    const signs = students.flatMap((student) => {
      const accuracy = seriesOf(student, 'validation', 'accuracy');
      const best = accuracy.reduce((most, one) => (one.value > most.value ? one : most), accuracy[0] ?? NONE);
      const loss = seriesOf(student, 'train', 'loss').map(({ value }) => value);
      const middle = loss[Math.floor(loss.length / 2)] ?? NaN;
      const fall = (middle - (loss.at(-1) ?? NaN)) / Math.abs(middle);
      const learned = (loss.at(-1) ?? Infinity) < 0.95 * (loss[0] ?? -Infinity);
      const isEarly = best.epoch < BEST_BEFORE * student.epochs.length;
      return isEarly && learned && Math.abs(fall) < FALL
        ? [
            {
              what: say`seed ${student.seed}`,
              value: say`best validation accuracy ${percent(best.value)} after epoch ${best.epoch + 1} of ${student.epochs.length}; training loss ${short(middle)} in the middle, ${short(loss.at(-1) ?? NaN)} at the end`,
            },
          ]
        : [];
    });
    if (!mostly(students, signs)) return null;
    const { learningRate, epochs } = evidence.settings;
    const schedule =
      learningRate === null || learningRate.isScheduled
        ? otherRate(learningRate, 1 / 3, say)
        : [
            {
              title: say`Let the learning rate fall to nothing along a cosine`,
              path: learningRate.path,
              value: `{ cosine: { from: ${learningRate.value}, to: 0, over: { epochs: ${epochs ?? students[0]?.epochs.length ?? 1} } } }`,
            },
          ];
    return {
      symptom: say`Half of the training brought nothing.`,
      evidence: signs,
      cause: say`At a learning rate that does not fall any more the student circles around a minimum, or it has learned all that it can hold.`,
      changes: [
        ...schedule,
        {
          title: say`End a phase that no longer improves`,
          path: ['train', 'earlyStopping'],
          value: '{ patience: 5 }',
        },
      ],
    };
  },
};

const NONE = { epoch: Infinity, value: NaN };
