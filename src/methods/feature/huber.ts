import { number, object } from '../../schema/field.ts';
import { ANY_PAIRS, SURVEY, UNIT_WEIGHT } from '../building-block.ts';
import { defineMethod } from '../method.ts';
import { checkMatched, MATCHED, matchedVariables, overMatched } from './matched.ts';

/**
 * Huber loss: squared for small differences, linear for large ones.
 *
 *     ℓ(d) = ½d² where |d| ≤ δ, else δ(|d| − ½δ)
 *     L    = mean ℓ(F_s − F_t), mean over pairs
 *
 * Source: Gou et al. 2021, section 2.3.
 */
export const huber = defineMethod({
  name: 'huber',
  title: 'Huber loss',
  knowledge: 'feature',
  summary: 'Match layers, small differences squared, large ones linear.',
  formula: 'ℓ(d) = ½d² where |d| ≤ δ, else δ(|d| − ½δ),  L = mean ℓ(F_student − F_teacher)',
  papers: SURVEY,
  parameters: object(
    {
      delta: number({
        doc: 'Difference δ from which on the loss is linear.',
        default: 1,
        exclusiveMinimum: 0,
        maximum: 1e6,
        source: 'Park et al. 2019 use 1 for their relational losses',
      }),
    },
    { doc: 'Settings of the Huber loss.' },
  ),
  defaultWeight: UNIT_WEIGHT,
  needs: { pairs: ANY_PAIRS },
  mismatch: MATCHED,
  checkPair: checkMatched,
  adapters: true,
  variables: matchedVariables,
  fixtures: [],
  loss: (ops, context) =>
    overMatched(ops, context, (s, t) => {
      const size = ops.abs(ops.sub(s, t));
      const inside = ops.minimum(size, context.parameters.delta);
      const outside = ops.mul(ops.sub(size, inside), context.parameters.delta);
      return ops.mean(ops.add(ops.mul(0.5, ops.square(inside)), outside));
    }),
});
