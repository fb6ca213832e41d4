import type * as tf from '@tensorflow/tfjs-core';
import { choice, integer, object } from '../../schema/field.ts';
import { ANY_PAIRS, SURVEY, UNIT_WEIGHT } from '../building-block.ts';
import { detached, flatten, squaredDistances } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';
import { cheapestPlan, smoothing } from './cheapest-plan.ts';
import { checkMatched, MATCHED, matchedVariables, overMatched } from './matched.ts';

/**
 * Earth mover's distance: how far mass must be carried to turn one distribution into another.
 *
 *     bins     a = softmax(s), b = softmax(t) over the features in their order, neighbours one apart
 *              L = 1/N · Σₙ Σ_k |Σ_{i ≤ k} (aᵢ − bᵢ)|
 *     samples  Cᵢⱼ = mean (sᵢ − tⱼ)²,  F = argmin Σ F C − ε · entropy(F) with rows and columns 1/N,  L = Σᵢⱼ Fᵢⱼ Cᵢⱼ
 *
 * F comes from Sinkhorn's iteration on logarithms and is a constant; ε is a share of the mean cost. Mean over pairs.
 * Source: Gou et al. 2021, section 2.3; Cuturi 2013, algorithm 1.
 */
export const earthMover = defineMethod({
  name: 'earthMover',
  title: 'Earth mover’s distance',
  knowledge: 'feature',
  summary: 'Match layers by how far mass must be carried from one to the other.',
  formula: [
    'bins: L = 1/N · Σₙ Σ_k |CDF_student − CDF_teacher|, of softmax over the features',
    'samples: L = Σᵢⱼ Fᵢⱼ · mean (sᵢ − tⱼ)², F the cheapest plan with rows and columns 1/N',
  ].join('\n'),
  papers: SURVEY,
  parameters: object(
    {
      between: choice(
        {
          samples: 'the batch of the student and that of the teacher, as clouds of points',
          bins: 'the features of each sample, in their order: for ordered classes or histograms',
        },
        { doc: 'What is carried.', default: 'samples', source: 'inferred: features seldom have an order' },
      ),
      smoothing,
      iterations: integer({
        doc: 'Rounds of Sinkhorn’s iteration.',
        default: 30,
        minimum: 1,
        maximum: 1000,
        source: 'inferred: marginals agree to 1 % at the default smoothing',
      }),
    },
    { doc: 'Settings of the earth mover’s distance.' },
  ),
  defaultWeight: UNIT_WEIGHT,
  needs: { pairs: ANY_PAIRS },
  mismatch: MATCHED,
  checkPair: checkMatched,
  adapters: true,
  variables: matchedVariables,
  fixtures: [],
  loss(ops, context) {
    const { between, smoothing, iterations } = context.parameters;
    return overMatched(ops, context, (student, teacher) => {
      const [s, t] = [flatten(ops, student), flatten(ops, teacher)];
      if (between === 'bins') return betweenBins(ops, s, t);
      const costs = ops.relu(ops.div(squaredDistances(ops, s, t), s.shape[1]));
      const plan = detached(ops, [costs], (held) =>
        cheapestPlan(ops, held as tf.Tensor2D, smoothing, iterations),
      );
      return ops.sum(ops.mul(plan, costs));
    });
  },
});

function betweenBins(ops: Ops, s: tf.Tensor2D, t: tf.Tensor2D): tf.Scalar {
  const carried = ops.cumsum(ops.sub(ops.softmax(s), ops.softmax(t)), 1);
  return ops.mean(ops.sum(ops.abs(carried), 1));
}
