import type * as tf from '@tensorflow/tfjs-core';
import { choice, number, object } from '../../schema/field.ts';
import { ANY_PAIRS, SURVEY, UNIT_WEIGHT } from '../building-block.ts';
import { detached, flatten, squaredDistances } from '../math.ts';
import { defineMethod } from '../method.ts';
import { checkMatched, MATCHED, matchedVariables, overMatched } from './matched.ts';

/**
 * Maximum mean discrepancy: the batch of the student and that of the teacher as two clouds of points.
 *
 *     L = 1/N² · Σᵢⱼ (k(sᵢ, sⱼ) + k(tᵢ, tⱼ) − 2 k(sᵢ, tⱼ)),  mean over pairs
 *     k = xᵀy/d,  (xᵀy/d)²,  or exp(−‖x − y‖² / (2 b σ²)),  σ² = mean ‖tᵢ − tⱼ‖²         d: features, b: bandwidth
 *
 * Only the clouds are compared: samples may change places. Source: Gou et al. 2021, section 2.2; Gretton et al. 2012, equation 5;
 * the division by d is inferred, so that the value does not grow with the layer.
 */
export const mmd = defineMethod({
  name: 'mmd',
  title: 'Maximum mean discrepancy',
  knowledge: 'feature',
  summary: 'Match the distribution of a batch, not its samples one by one.',
  formula: [
    'L = 1/N² · Σᵢⱼ (k(sᵢ, sⱼ) + k(tᵢ, tⱼ) − 2 k(sᵢ, tⱼ))',
    'gaussian: k(x, y) = exp(−‖x − y‖² / (2 b σ²)),  σ² = mean ‖tᵢ − tⱼ‖²',
  ].join('\n'),
  papers: SURVEY,
  parameters: object(
    {
      kernel: choice(
        {
          gaussian: 'exp(−‖x − y‖² / (2 b σ²)): compares the whole distribution',
          linear: 'xᵀy/d: compares means alone',
          polynomial: '(xᵀy/d)²: compares means and covariances',
        },
        { doc: 'The kernel k.', default: 'gaussian', source: 'Gretton et al. 2012' },
      ),
      bandwidth: number({
        doc: 'Width b of the Gaussian, in mean squared distances of the teacher’s samples.',
        default: 1,
        exclusiveMinimum: 0,
        maximum: 1e4,
        source: 'inferred; Gretton et al. 2012 take the median distance',
      }),
    },
    { doc: 'Settings of the discrepancy.' },
  ),
  defaultWeight: UNIT_WEIGHT,
  needs: { pairs: ANY_PAIRS },
  mismatch: MATCHED,
  checkPair: checkMatched,
  adapters: true,
  variables: matchedVariables,
  fixtures: [],
  loss(ops, context) {
    const { kernel, bandwidth } = context.parameters;
    return overMatched(ops, context, (student, teacher) => {
      const [s, t] = [flatten(ops, student), flatten(ops, teacher)];
      const k = (x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor => {
        if (kernel === 'gaussian') {
          const spread = detached(ops, [t], (held) => {
            const mean = ops.mean(squaredDistances(ops, held as tf.Tensor2D, held as tf.Tensor2D));
            return ops.maximum(mean, 1e-12);
          });
          return ops.exp(ops.div(squaredDistances(ops, x, y), ops.mul(-2 * bandwidth, spread)));
        }
        const products = ops.div(ops.matMul(x, y, false, true), x.shape[1]);
        return kernel === 'linear' ? products : ops.square(products);
      };
      const same = ops.add(ops.mean(k(s, s)), ops.mean(k(t, t)));
      return ops.sub(same, ops.mul(2, ops.mean(k(s, t))));
    });
  },
});
