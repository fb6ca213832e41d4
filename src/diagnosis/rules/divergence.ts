import { mostly, seriesOf, taught } from '../evidence.ts';
import { short, type Rule } from '../rule.ts';
import { otherRate, rateEvidence } from './learning-rate.ts';

const RISE = 1.5;

export const divergence: Rule = {
  name: 'divergence',
  title: 'Training diverges',
  criterion: `The run stopped at a number that is not finite, or the training loss of the last epoch is above ${RISE} times that of the first.`,
  source:
    'Bengio 2012 (arXiv:1206.5533), section 3.1.1: a learning rate above about twice the best one makes the training loss grow',
  look: (evidence, say) => {
    const students = taught(evidence);
    const risen = students.flatMap(({ seed, ...rest }) => {
      const loss = seriesOf({ seed, ...rest }, 'train', 'loss');
      const [first, last] = [loss[0]?.value, loss.at(-1)?.value];
      const rises = first !== undefined && last !== undefined && loss.length > 1 && last > RISE * first;
      return rises
        ? [{ what: say`training loss, seed ${seed}`, value: say`${short(first)} to ${short(last)}` }]
        : [];
    });
    const stopped = evidence.failure === 'KD4004';
    if (!stopped && !mostly(students, risen)) return null;
    const rate = evidence.settings.learningRate;
    return {
      symptom: stopped
        ? say`Training left the finite numbers and was stopped.`
        : say`The training loss grows instead of falling.`,
      evidence: [...risen, ...rateEvidence(rate, say)],
      cause: say`The learning rate is too high for this network, batch size and these loss weights.`,
      changes: otherRate(rate, 1 / 10, say),
    };
  },
};
