import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { flatten } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';

/** Added to norms and probabilities, as in the authors' code. */
const EPSILON = 1e-7;

/**
 * Probabilistic transfer: the chance that one sample picks another as its neighbour, by cosine similarity.
 *
 *     pᵢⱼ = ½(1 + cos(fᵢ, fⱼ)) / Σₖ ½(1 + cos(fᵢ, fₖ))                         f: [batch, features], p: [batch, batch]
 *     L   = Σ_pairs 1/N² · Σᵢⱼ pᵗᵢⱼ · log((pᵗᵢⱼ + 10⁻⁷) / (pˢᵢⱼ + 10⁻⁷))
 *
 * Source: Passalis and Tefas 2018, equations 5 and 8, in the form of the authors' code: the mean over all entries, the
 * diagonal included.
 */
export const pkt = defineMethod({
  name: 'pkt',
  title: 'Probabilistic knowledge transfer',
  knowledge: 'relation',
  summary: 'Keep the neighbourhoods of samples as probabilities (Passalis and Tefas 2018).',
  formula: [
    'pᵢⱼ = ½(1 + cos(fᵢ, fⱼ)), rows divided by their sum',
    'L = Σ_pairs 1/N² · Σᵢⱼ p_teacher · log(p_teacher / p_student)',
  ].join('\n'),
  papers: [
    {
      title: 'Learning Deep Representations with Probabilistic Knowledge Transfer',
      authors: 'Passalis, Tefas',
      where: 'ECCV 2018',
      arxiv: '1803.10837',
    },
  ],
  parameters: object({}, { doc: 'Probabilistic transfer has no settings of its own.' }),
  defaultWeight: { value: 30_000, source: 'RepDistiller and mdistiller' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'any' } },
  mismatch: 'Shapes may differ: only neighbourhoods of samples are compared.',
  notes: ['The mean over all entries, not rows, explains the large default weight.'],
  fixtures: [{ method: 'pkt', student: { maps: 'feat_student' }, teacher: { maps: 'feat_teacher' } }],
  loss(ops, { student, teacher }) {
    const losses = student.maps.map((map, pair) => {
      const s = neighbourhoods(ops, map);
      const t = neighbourhoods(ops, teacher.maps[pair] as tf.Tensor);
      const ratio = ops.div(ops.add(t, EPSILON), ops.add(s, EPSILON));
      return ops.mean<tf.Scalar>(ops.mul(t, ops.log(ratio)));
    });
    return ops.addN(losses);
  },
});

function neighbourhoods(ops: Ops, map: tf.Tensor): tf.Tensor2D {
  const rows = flatten(ops, map);
  // A tiny square keeps the gradient of the root finite for a row of zeros.
  const norms = ops.sqrt(ops.maximum(ops.sum(ops.square(rows), 1, true), 1e-24));
  const directions: tf.Tensor2D = ops.div(rows, ops.add(norms, EPSILON));
  const cosines = ops.matMul(directions, directions, false, true);
  const closeness: tf.Tensor2D = ops.div(ops.add(cosines, 1), 2);
  return ops.div(closeness, ops.sum(closeness, 1, true));
}
