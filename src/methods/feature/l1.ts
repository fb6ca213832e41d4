import { object } from '../../schema/field.ts';
import { ANY_PAIRS, SURVEY, UNIT_WEIGHT } from '../building-block.ts';
import { defineMethod } from '../method.ts';
import { checkMatched, MATCHED, matchedVariables, overMatched } from './matched.ts';

/** Mean absolute difference, `L = mean |F_s − F_t|`, mean over pairs. Source: Gou et al. 2021, section 2.2 (L1 norm). */
export const l1 = defineMethod({
  name: 'l1',
  title: 'Absolute difference',
  knowledge: 'feature',
  summary: 'Match layers by their mean absolute difference.',
  formula: 'L = mean |F_student − F_teacher|',
  papers: SURVEY,
  parameters: object({}, { doc: 'The absolute difference has no settings of its own.' }),
  defaultWeight: UNIT_WEIGHT,
  needs: { pairs: ANY_PAIRS },
  mismatch: MATCHED,
  checkPair: checkMatched,
  adapters: true,
  variables: matchedVariables,
  fixtures: [],
  loss: (ops, context) => overMatched(ops, context, (s, t) => ops.mean(ops.abs(ops.sub(s, t)))),
});
