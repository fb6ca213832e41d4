import { fromJsonNumber } from '../../protocol/panel-content.ts';
import { meanOf } from '../../protocol/mean.ts';
import { percent, plain, type Rule } from '../rule.ts';

/** Of the largest entropy there is. */
const ENTROPY = 0.99;
/** What is proposed instead. */
const PROPOSED = 0.9;

export const overSoftened: Rule = {
  name: 'overSoftened',
  title: 'The targets are softened until they say nothing',
  criterion: `A term softens the answers of the teacher by one fixed temperature, and at this temperature their entropy on the validation split is above ${ENTROPY * 100} % of log K for K classes, so that all classes are as good as alike.`,
  source:
    'Hinton, Vinyals and Dean 2015 (arXiv:1503.02531): where temperatures are high, all logits are matched, also those that say nothing (section 2.1), and a small student does best at 2.5 to 4 (section 3); measured: with the data and networks of the results, plain kd gains 1.8 points at temperature 4 (entropy 67 %, BEATS), and at 16 and 256 (98.5 and 99.995 %) about 1.0, which three seeds no longer prove',
  look: ({ gap, settings }, say) => {
    const softening = settings.terms.filter(({ temperature }) => temperature !== null);
    if (softening.length === 0) return null;
    const last = gap.flatMap(({ phase, softened }) => (phase === 'student' && softened ? [softened] : []));
    const measured = last.filter(({ targetEntropy }) => targetEntropy !== undefined);
    if (measured.length === 0) return { unable: say`how soft the targets are was not recorded` };
    if (settings.hasRefiners) return { unable: say`a refiner changes the answers before they are softened` };
    const term = softening.find((one) =>
      measured.every(({ temperature }) => temperature === one.temperature),
    );
    const temperature = term?.temperature ?? null;
    if (term === undefined || temperature === null)
      return { unable: say`the gap was measured at another temperature than that of a term` };
    const mean = (of: 'targetEntropy' | 'targetOthers') =>
      meanOf(measured.map((one) => fromJsonNumber(one[of] ?? 'NaN')));
    const entropy = mean('targetEntropy');
    if (!(entropy > ENTROPY)) return null;
    const lower = plain(Math.max(1, proposedTemperature(temperature, entropy)));
    return {
      symptom: say`At its temperature the teacher says nearly the same of every class.`,
      evidence: [
        { what: say`temperature of "${term.id}"`, value: String(temperature) },
        { what: say`entropy of the targets, of the largest there is`, value: percent(entropy, 3) },
        { what: say`probability of the targets beside the true class`, value: percent(mean('targetOthers')) },
      ],
      cause: say`The temperature is high for logits of this size: what the teacher holds likely and unlikely drowns among what it says of all classes alike.`,
      changes: [
        {
          title: say`Soften "${term.id}" less: temperature ${lower}`,
          path: ['distill', 'match', term.index, term.method, 'temperature'],
          value: lower,
        },
      ],
    };
  },
};

/**
 * The temperature at which the entropy would be 90 % of its largest. For hot answers, with the variance of the logits over the K
 * classes, by the second order of the exponential:
 *
 *     1 − H / log K ≈ Var(z) / (2 T² log K)      so that 1 − H / log K falls with T²
 */
function proposedTemperature(temperature: number, entropy: number): number {
  return temperature * Math.sqrt(Math.max(0, 1 - entropy) / (1 - PROPOSED));
}
