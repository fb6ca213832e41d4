import type * as tf from '@tensorflow/tfjs-core';
import { number, object } from '../../schema/field.ts';
import { defineMethod } from '../method.ts';
import { checkRegressor, needsAdapter, regress, regressorVariables, shapesOf } from './regressor.ts';

/** The reference code's factor for the sum over elements. */
const SCALE = 3 / 1000;

/**
 * Activation boundaries: which side of zero each unit of the teacher is on, with a margin.
 *
 *     L = 3/1000 · Σ_l 2^(l−L+1) · 1/N · Σ (s + m)² where s > −m and t ≤ 0, (s − m)² where s ≤ m and t > 0
 *
 * s, t: maps before the activation, `[batch, height, width, channels]`; a sum over elements, so it grows with the map. Source: Heo
 * et al. 2019a, equation 3, in the form of RepDistiller; deeper layers weigh more.
 */
export const ab = defineMethod({
  name: 'ab',
  title: 'Activation boundaries',
  knowledge: 'feature',
  summary: 'Match on which side of zero units are, with a margin (Heo 2019).',
  formula: 'L = 3/1000 · Σ_l 2^(l−L+1) · 1/N · Σ (s + m)² where s > −m, t ≤ 0;  (s − m)² where s ≤ m, t > 0',
  papers: [
    {
      title: 'Knowledge Transfer via Distillation of Activation Boundaries Formed by Hidden Neurons',
      authors: 'Heo, Lee, Yun, Choi',
      where: 'AAAI 2019',
      arxiv: '1811.03233',
    },
  ],
  parameters: object(
    {
      margin: number({
        doc: 'Margin m that a unit shall keep from zero.',
        default: 1,
        minimum: 0,
        maximum: 100,
        source: 'Heo et al. 2019; RepDistiller',
      }),
    },
    { doc: 'Settings of the activation boundaries.' },
  ),
  defaultWeight: { value: 1, source: 'RepDistiller, first stage' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch:
    'Where shapes differ, a trainable regressor (convolution and batch norm, no activation) brings the student’s map to the teacher’s.',
  checkPair: (pair) => (needsAdapter(pair) ? checkRegressor(pair) : null),
  adapters: true,
  variables: ({ pairs }) =>
    pairs.flatMap((shapes, pair) => (needsAdapter(shapes) ? regressorVariables(pair, shapes) : [])),
  notes: [
    'Layers should be before their activation (a batch norm’s output).',
    'The paper learns the boundaries first and the task after: give the term an `end` and the hard labels a later start.',
  ],
  fixtures: [
    {
      method: 'ab',
      student: { maps: 'feats_student' },
      teacher: { maps: 'feats_teacher' },
      parameters: { margin: 'margin' },
      variables: {
        'pair1/kernel': 'connectors.connectors.1.conv.weight',
        'pair1/bias': 'connectors.connectors.1.conv.bias',
        'pair1/scale': 'connectors.connectors.1.bn.weight',
        'pair1/offset': 'connectors.connectors.1.bn.bias',
      },
    },
  ],
  loss(ops, context) {
    const { margin } = context.parameters;
    const layers = context.student.maps.length;
    const losses = context.student.maps.map((map, layer) => {
      const t = context.teacher.maps[layer] as tf.Tensor4D;
      const adapted = needsAdapter(shapesOf(context, layer, map, t));
      const s = adapted ? regress(ops, context, layer, map as tf.Tensor4D, t) : map;
      // (s + m)² and (s − m)² are those of m ± s, where it is above zero.
      const side = ops.sub(1, ops.mul(2, ops.step(t)));
      const errors = ops.square(ops.relu(ops.add(margin, ops.mul(side, s))));
      return ops.mul<tf.Scalar>(ops.sum(errors), (SCALE * 2 ** (layer - layers + 1)) / t.shape[0]);
    });
    return ops.addN(losses);
  },
});
