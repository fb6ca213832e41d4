import type * as tf from '@tensorflow/tfjs-core';
import { boolean, object } from '../../schema/field.ts';
import { resizeBilinear } from '../feature/adaptive-pooling.ts';
import { detached } from '../math.ts';
import { defineMethod, type Ops } from '../method.ts';

/**
 * Self attention distillation: each layer attends to where the next deeper layer of the same network attends.
 *
 *     Ψ(F) = softmax over space of up(Σ_c F_c²)                 F: [batch, height, width, channels], Ψ: [batch, height·width]
 *     L    = Σ_m mean (Ψ(F_m) − Ψ(F_{m+1}))²
 *
 * `up` brings the deeper sum to the earlier layer's size, bilinearly, before the softmax. The deeper attention is a constant,
 * as the paper's target (equation 2); the third-party port that the golden cases come from lets the gradient through.
 * Source: Hou et al. 2019, section 3.
 */
export const sad = defineMethod({
  name: 'sad',
  title: 'Self attention distillation',
  knowledge: 'feature',
  summary: 'Each layer attends to where the next deeper layer attends (Hou 2019).',
  formula: ['Ψ(F) = softmax over space of up(Σ_c F_c²)', 'L = Σ_m mean (Ψ(F_m) − Ψ(F_{m+1}))²'].join('\n'),
  papers: [
    {
      title: 'Learning Lightweight Lane Detection CNNs by Self Attention Distillation',
      authors: 'Hou, Ma, Liu, Loy',
      where: 'ICCV 2019',
      arxiv: '1908.00821',
    },
  ],
  parameters: object(
    {
      detachDeeper: boolean({
        doc: 'Whether the deeper attention is a constant, which the earlier layer alone moves towards.',
        default: true,
        source: 'Hou et al. 2019, section 3.2: the deeper map is the target',
      }),
    },
    { doc: 'Settings of the attention.' },
  ),
  defaultWeight: { value: 0.1, source: 'Hou et al. 2019, section 4 (begun after 40,000 steps)' },
  hardLabelWeight: { value: 1, source: 'Hou et al. 2019, equation 4' },
  needs: { layers: { minimum: 2, maximum: 16, rank: 'map' } },
  mismatch: 'Channels are summed away; the deeper map is enlarged bilinearly to the earlier one.',
  notes: [
    'The layers stand in the network’s order; each learns from the one after it.',
    'The paper begins when the network has learned something: see `start`.',
  ],
  fixtures: [
    {
      method: 'sad',
      student: { maps: ['feat_shallow', 'feat_deep'] },
      teacher: {},
      parameters: { detachDeeper: 'detach_deeper' },
    },
  ],
  loss(ops, { student, parameters: { detachDeeper } }) {
    const maps = student.maps as readonly tf.Tensor4D[];
    const losses = maps.slice(1).map((deeper, m) => {
      const map = maps[m] as tf.Tensor4D;
      const [, height, width] = map.shape;
      const target = attention(ops, deeper, height, width);
      const held = detachDeeper ? detached(ops, [target], (x) => ops.clone(x)) : target;
      return ops.mean<tf.Scalar>(ops.squaredDifference(attention(ops, map, height, width), held));
    });
    return ops.addN(losses);
  },
});

/** Where the map is strong, at the given size: `[batch, height·width]`, rows that sum to 1. */
function attention(ops: Ops, map: tf.Tensor4D, height: number, width: number): tf.Tensor2D {
  const strength = ops.sum<tf.Tensor4D>(ops.square(map), 3, true);
  const enlarged = resizeBilinear(ops, strength, height, width);
  return ops.softmax(ops.reshape(enlarged, [map.shape[0], height * width]));
}
