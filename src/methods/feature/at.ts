import type * as tf from '@tensorflow/tfjs-core';
import { integer, object } from '../../schema/field.ts';
import { power } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';
import { adaptiveAveragePool } from './adaptive-pooling.ts';

/** Keeps the norm of an all-zero map away from a division by zero: PyTorch's `normalize`. */
const SMALLEST_NORM = 1e-12;

/**
 * Attention transfer: where the activations of a layer are strong, over space.
 *
 *     Q(F) = vec(1/C · Σ_c F_cᵖ)                F: [batch, height, width, channels], Q: [batch, height·width]
 *     A    = Q / max(‖Q‖₂, 10⁻¹²)
 *     L    = Σ_pairs 1/(N·H·W) · Σ (A_s − A_t)²
 *
 * The larger map is average-pooled (adaptive windows) to the smaller before the power. Source: Zagoruyko and Komodakis
 * 2017, section 3.1, in the form of the authors' code: mean of squares, where the paper writes β/2 · Σ ‖A_s − A_t‖₂.
 */
export const at = defineMethod({
  name: 'at',
  title: 'Attention transfer',
  knowledge: 'feature',
  summary: 'Match where layers of teacher and student are active (Zagoruyko and Komodakis 2017).',
  formula: [
    'Q(F) = vec(1/C · Σ_c F_cᵖ)',
    'A = Q / ‖Q‖₂',
    'L = Σ_pairs 1/(N·H·W) · Σ (A_student − A_teacher)²',
  ].join('\n'),
  papers: [
    {
      title:
        'Paying More Attention to Attention: Improving the Performance of Convolutional Neural Networks via Attention Transfer',
      authors: 'Zagoruyko, Komodakis',
      where: 'ICLR 2017',
      arxiv: '1612.03928',
    },
  ],
  parameters: object(
    {
      power: integer({
        doc: 'Exponent p of the activations. Higher values look at the strongest places only.',
        default: 2,
        minimum: 1,
        maximum: 8,
        source: "Zagoruyko and Komodakis 2017, section 4; the authors' code",
      }),
    },
    { doc: 'Settings of the attention maps.' },
  ),
  defaultWeight: { value: 1000, source: "the authors' code (beta 1e3); RepDistiller and mdistiller" },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch:
    'Channels may differ: they are averaged away. Of two sizes the larger map is average-pooled to the smaller.',
  notes: [
    'The mean of squares follows the reference code; the paper takes norms, so weights of the two are not interchangeable.',
    'Powers are taken without an absolute value, as in the reference code: an odd power suits maps after a ReLU only.',
  ],
  fixtures: [
    {
      method: 'at',
      student: { maps: 'feats_student' },
      teacher: { maps: 'feats_teacher' },
      parameters: { power: 'p' },
    },
  ],
  loss(ops, { student, teacher, parameters }) {
    const losses = student.maps.map((map, pair) => {
      const s = map as tf.Tensor4D;
      const t = teacher.maps[pair] as tf.Tensor4D;
      const height = Math.min(s.shape[1], t.shape[1]);
      const width = Math.min(s.shape[2], t.shape[2]);
      const attentionOf = (x: tf.Tensor4D) =>
        attention(ops, adaptiveAveragePool(ops, x, height, width), parameters.power);
      return ops.mean<tf.Scalar>(ops.squaredDifference(attentionOf(s), attentionOf(t)));
    });
    return ops.addN(losses);
  },
});

/** `[batch, height, width, channels]` to `[batch, height·width]`, each row of length 1. */
function attention(ops: Ops, map: tf.Tensor4D, exponent: number): tf.Tensor2D {
  const [batch, height, width] = map.shape;
  const strength = ops.reshape(ops.mean(power(ops, map, exponent), 3), [batch, height * width]);
  // The clamp stands under the root, where it also makes the gradient at an all-zero map 0 instead of NaN.
  const norm = ops.sqrt(ops.maximum(ops.sum(ops.square(strength), 1, true), SMALLEST_NORM ** 2));
  return ops.div(strength, norm);
}
