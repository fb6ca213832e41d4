import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { unit } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';
import { adaptiveAveragePool } from './adaptive-pooling.ts';

/**
 * Neuron selectivity: the set of places that channels react to, compared as two distributions (squared MMD).
 *
 *     fᵢ = channel i over space, of length 1;  k(u, v) = (u · v)²             F: [batch, height, width, channels]
 *     L  = Σ_pairs 1/C_t² Σ k(f_t, f_t) + 1/C_s² Σ k(f_s, f_s) − 2/(C_s·C_t) Σ k(f_s, f_t), mean over the batch
 *
 * Source: Huang and Wang 2017, equation 7 with the polynomial kernel (d = 2, c = 0). The first sum is a constant, kept for the
 * value.
 */
export const nst = defineMethod({
  name: 'nst',
  title: 'Neuron selectivity transfer',
  knowledge: 'feature',
  summary: 'Match which places the channels select, as distributions (Huang and Wang 2017).',
  formula: [
    'k(u, v) = (u · v)² over channels normalised over space',
    'L = Σ_pairs mean k(t, t) + mean k(s, s) − 2 · mean k(s, t)',
  ].join('\n'),
  papers: [
    {
      title: 'Like What You Like: Knowledge Distill via Neuron Selectivity Transfer',
      authors: 'Huang, Wang',
      where: 'arXiv 2017',
      arxiv: '1707.01219',
    },
  ],
  parameters: object({}, { doc: 'Neuron selectivity has no settings of its own.' }),
  defaultWeight: { value: 50, source: 'RepDistiller and mdistiller' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch: 'Channels may differ; of two sizes the larger map is average-pooled to the smaller.',
  fixtures: [{ method: 'nst', student: { maps: 'feats_student' }, teacher: { maps: 'feats_teacher' } }],
  loss(ops, { student, teacher }) {
    const losses = student.maps.map((map, pair) => {
      const [s, t] = [map as tf.Tensor4D, teacher.maps[pair] as tf.Tensor4D];
      const height = Math.min(s.shape[1], t.shape[1]);
      const width = Math.min(s.shape[2], t.shape[2]);
      const channels = (x: tf.Tensor4D) => selectivity(ops, adaptiveAveragePool(ops, x, height, width));
      const [fs, ft] = [channels(s), channels(t)];
      const kernel = (a: tf.Tensor3D, b: tf.Tensor3D) =>
        ops.mean<tf.Scalar>(ops.square(ops.matMul(a, b, true, false)));
      return ops.sub<tf.Scalar>(ops.add(kernel(ft, ft), kernel(fs, fs)), ops.mul(2, kernel(fs, ft)));
    });
    return ops.addN(losses);
  },
});

/** `[batch, height·width, channels]`, each channel of length 1 over space. */
function selectivity(ops: Ops, map: tf.Tensor4D): tf.Tensor3D {
  const [batch, height, width, channels] = map.shape;
  return unit(ops, ops.reshape(map, [batch, height * width, channels]), 1);
}
