import { object } from '../../schema/field.ts';
import { ANY_PAIRS, SURVEY, UNIT_WEIGHT } from '../building-block.ts';
import { defineMethod } from '../method.ts';
import { checkMatched, MATCHED, matchedVariables, overMatched } from './matched.ts';

/** Mean squared difference, `L = mean (F_s − F_t)²`, mean over pairs. Source: Gou et al. 2021, section 2.2 (L2 norm). */
export const l2 = defineMethod({
  name: 'l2',
  title: 'Squared difference',
  knowledge: 'feature',
  summary: 'Match layers by their mean squared difference.',
  formula: 'L = mean (F_student − F_teacher)²',
  papers: SURVEY,
  parameters: object({}, { doc: 'The squared difference has no settings of its own.' }),
  defaultWeight: UNIT_WEIGHT,
  needs: { pairs: ANY_PAIRS },
  mismatch: MATCHED,
  checkPair: checkMatched,
  adapters: true,
  variables: matchedVariables,
  notes: ['fitnet is this with a ReLU after its adapter.'],
  fixtures: [],
  loss: (ops, context) => overMatched(ops, context, (s, t) => ops.mean(ops.squaredDifference(s, t))),
});
