import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { ANY_PAIRS, SURVEY, UNIT_WEIGHT } from '../building-block.ts';
import { flatten, smoothL1, unit } from '../math.ts';
import { defineMethod } from '../method.ts';

/**
 * Angles between samples, as seen from the origin: `L = 1/N² · Σᵢⱼ ℓ(cos(sᵢ, sⱼ) − cos(tᵢ, tⱼ))`, ℓ the Huber loss with δ = 1; mean
 * over pairs. Source: Gou et al. 2021, section 2.3 (angle-wise). `rkdAngle` measures angles at a third sample instead.
 */
export const angleWise = defineMethod({
  name: 'angleWise',
  title: 'Angles between samples',
  knowledge: 'relation',
  summary: 'Keep the angles between the samples of a batch, seen from the origin.',
  formula: 'L = 1/N² · Σᵢⱼ Huber(cos(sᵢ, sⱼ) − cos(tᵢ, tⱼ))',
  papers: SURVEY,
  parameters: object({}, { doc: 'The angles have no settings of their own.' }),
  defaultWeight: UNIT_WEIGHT,
  needs: { pairs: ANY_PAIRS },
  mismatch: 'Shapes may differ: only angles between samples are compared.',
  notes: ['The cost grows with the square of the batch, that of rkdAngle with its cube.'],
  fixtures: [],
  loss(ops, { student, teacher }) {
    const cosines = (map: tf.Tensor) => {
      const rows = unit(ops, flatten(ops, map), 1);
      return ops.matMul(rows, rows, false, true);
    };
    const losses = student.maps.map((map, pair) => {
      const difference = ops.sub(cosines(map), cosines(teacher.maps[pair] as tf.Tensor));
      return ops.mean<tf.Scalar>(smoothL1(ops, difference));
    });
    return ops.div(ops.addN(losses), losses.length);
  },
});
