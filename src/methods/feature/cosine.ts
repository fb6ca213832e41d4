import { object } from '../../schema/field.ts';
import { ANY_PAIRS, SURVEY, UNIT_WEIGHT } from '../building-block.ts';
import { flatten, unit } from '../math.ts';
import { defineMethod } from '../method.ts';
import { checkMatched, MATCHED, matchedVariables, overMatched } from './matched.ts';

/**
 * Directions: `L = 1/N · Σₙ (1 − ⟨f_s, f_t⟩ / (‖f_s‖ · ‖f_t‖))`, f: a sample's layer as one vector; mean over pairs.
 * Source: Gou et al. 2021, section 2.2.
 */
export const cosine = defineMethod({
  name: 'cosine',
  title: 'Cosine distance',
  knowledge: 'feature',
  summary: 'Match the direction of each sample’s layer, whatever its length.',
  formula: 'L = 1/N · Σₙ (1 − cos(f_student, f_teacher))',
  papers: SURVEY,
  parameters: object({}, { doc: 'The cosine distance has no settings of its own.' }),
  defaultWeight: UNIT_WEIGHT,
  needs: { pairs: ANY_PAIRS },
  mismatch: MATCHED,
  checkPair: checkMatched,
  adapters: true,
  variables: matchedVariables,
  fixtures: [],
  loss: (ops, context) =>
    overMatched(ops, context, (s, t) => {
      const cosines = ops.sum(ops.mul(unit(ops, flatten(ops, s), 1), unit(ops, flatten(ops, t), 1)), 1);
      return ops.sub(1, ops.mean(cosines));
    }),
});
