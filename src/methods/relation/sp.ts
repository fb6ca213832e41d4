import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { flatten, unit } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';

/**
 * Similarity preservation: samples that look alike to the teacher shall look alike to the student.
 *
 *     G = Q · Qᵀ, each row divided by its norm            Q: [batch, height·width·channels], G: [batch, batch]
 *     L = Σ_pairs 1/N² · ‖G_s − G_t‖²_F
 *
 * Source: Tung and Mori 2019, equations 2 to 4.
 */
export const sp = defineMethod({
  name: 'sp',
  title: 'Similarity-preserving distillation',
  knowledge: 'relation',
  summary: 'Keep which samples of the batch look alike (Tung and Mori 2019).',
  formula: ['G = Q · Qᵀ, rows divided by their norm', 'L = Σ_pairs 1/N² · ‖G_student − G_teacher‖²'].join(
    '\n',
  ),
  papers: [
    {
      title: 'Similarity-Preserving Knowledge Distillation',
      authors: 'Tung, Mori',
      where: 'ICCV 2019',
      arxiv: '1907.09682',
    },
  ],
  parameters: object({}, { doc: 'Similarity preservation has no settings of its own.' }),
  defaultWeight: { value: 3000, source: 'Tung and Mori 2019; RepDistiller and mdistiller' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'any' } },
  mismatch: 'Shapes may differ: only similarities between samples are compared.',
  notes: ['The reference recipes use the last map alone.'],
  fixtures: [{ method: 'sp', student: { maps: 'feats_student' }, teacher: { maps: 'feats_teacher' } }],
  loss(ops, { student, teacher }) {
    const losses = student.maps.map((map, pair) => {
      const s = similarities(ops, map);
      const t = similarities(ops, teacher.maps[pair] as tf.Tensor);
      return ops.mean<tf.Scalar>(ops.squaredDifference(s, t));
    });
    return ops.addN(losses);
  },
});

function similarities(ops: Ops, map: tf.Tensor): tf.Tensor2D {
  const rows = flatten(ops, map);
  return unit(ops, ops.matMul(rows, rows, false, true), 1);
}
