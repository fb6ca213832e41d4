import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { ANY_PAIRS, SURVEY, UNIT_WEIGHT } from '../building-block.ts';
import { flatten } from '../math.ts';
import { defineMethod } from '../method.ts';

/**
 * Gram matrices of the batch: `L = 1/N² · ‖G_s − G_t‖²_F`, `G = F Fᵀ / d`, F: `[batch, d]`; mean over pairs. Source: Gou et al.
 * 2021, section 2.3 (Frobenius norm); the division by d is inferred, so that layers of different size can be compared.
 */
export const frobenius = defineMethod({
  name: 'frobenius',
  title: 'Gram matrices',
  knowledge: 'relation',
  summary: 'Keep the products of all samples of a batch with one another.',
  formula: 'L = 1/N² · ‖G_student − G_teacher‖²,  G = F Fᵀ / d',
  papers: SURVEY,
  parameters: object({}, { doc: 'The Gram matrices have no settings of their own.' }),
  defaultWeight: UNIT_WEIGHT,
  needs: { pairs: ANY_PAIRS },
  mismatch: 'Shapes may differ: only products between samples are compared.',
  notes: ['sp is this with rows of length one.'],
  fixtures: [],
  loss(ops, { student, teacher }) {
    const gram = (map: tf.Tensor) => {
      const rows = flatten(ops, map);
      return ops.div(ops.matMul(rows, rows, false, true), rows.shape[1]);
    };
    const losses = student.maps.map((map, pair) =>
      ops.mean<tf.Scalar>(ops.squaredDifference(gram(map), gram(teacher.maps[pair] as tf.Tensor))),
    );
    return ops.div(ops.addN(losses), losses.length);
  },
});
