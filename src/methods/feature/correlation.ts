import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { ANY_PAIRS, SURVEY, UNIT_WEIGHT } from '../building-block.ts';
import { flatten, unit } from '../math.ts';
import { defineMethod } from '../method.ts';
import { checkMatched, MATCHED, matchedVariables, overMatched } from './matched.ts';

/**
 * Pearson's correlation: `L = 1/N · Σₙ (1 − ρ(f_s, f_t))`, f: a sample's layer as one vector; mean over pairs. A layer that is
 * the same everywhere correlates with nothing, ρ = 0. Source: Gou et al. 2021, section 2.3.
 */
export const correlation = defineMethod({
  name: 'correlation',
  title: 'Correlation distance',
  knowledge: 'feature',
  summary: 'Match each sample’s layer up to scale and offset.',
  formula: 'L = 1/N · Σₙ (1 − ρ(f_student, f_teacher)),  ρ: Pearson’s correlation',
  papers: SURVEY,
  parameters: object({}, { doc: 'The correlation distance has no settings of its own.' }),
  defaultWeight: UNIT_WEIGHT,
  needs: { pairs: ANY_PAIRS },
  mismatch: MATCHED,
  checkPair: checkMatched,
  adapters: true,
  variables: matchedVariables,
  fixtures: [],
  loss: (ops, context) => {
    const standard = (x: tf.Tensor) => {
      const rows = flatten(ops, x);
      return unit(ops, ops.sub<tf.Tensor2D>(rows, ops.mean(rows, 1, true)), 1);
    };
    return overMatched(ops, context, (s, t) =>
      ops.sub(1, ops.mean(ops.sum(ops.mul(standard(s), standard(t)), 1))),
    );
  },
});
