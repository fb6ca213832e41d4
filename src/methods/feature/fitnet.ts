import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { defineMethod } from '../method.ts';
import { checkRegressor, regress, regressorVariables } from './regressor.ts';

/**
 * Hints: a regressor r on the student's layer predicts the teacher's layer.
 *
 *     L = Σ_pairs 1/(N·H_t·W_t·C_t) · ‖r(F_s) − F_t‖²      F: [batch, height, width, channels]
 *     r = ReLU(batchNorm(conv(F_s)))
 *
 * Source: Romero et al. 2015, equation 3, with the regressor of mdistiller and RepDistiller (`ConvReg`).
 */
export const fitnet = defineMethod({
  name: 'fitnet',
  title: 'FitNets hints',
  knowledge: 'feature',
  summary: 'Predict a layer of the teacher from a layer of the student (Romero 2015).',
  formula: ['r(F) = ReLU(batchNorm(conv(F)))', 'L = Σ_pairs 1/(N·H·W·C) · ‖r(F_student) − F_teacher‖²'].join(
    '\n',
  ),
  papers: [
    {
      title: 'FitNets: Hints for Thin Deep Nets',
      authors: 'Romero, Ballas, Kahou, Chassang, Gatta, Bengio',
      where: 'ICLR 2015',
      arxiv: '1412.6550',
    },
  ],
  parameters: object({}, { doc: 'The hint loss has no settings of its own.' }),
  defaultWeight: { value: 100, source: 'RepDistiller and mdistiller, CIFAR-100 recipes' },
  needs: { pairs: { minimum: 1, maximum: 16, rank: 'map' } },
  mismatch:
    'A trainable regressor (convolution, batch norm, ReLU) brings the student’s map to the teacher’s channels and size: ' +
    '3×3 with stride 2 from twice the size, transposed 4×4 from half of it, else without padding.',
  checkPair: checkRegressor,
  adapters: true,
  variables: ({ pairs }) => pairs.flatMap((shapes, pair) => regressorVariables(pair, shapes)),
  notes: [
    'The paper trains hints first and the task after; as in the reference code, one loss does both here.',
    'The regressor ends in a ReLU, so the teacher layer should be one after its activation.',
    'Several pairs are summed (inferred: the paper and the code use one).',
  ],
  fixtures: [
    {
      method: 'fitnet',
      student: { maps: 'feat_student' },
      teacher: { maps: 'feat_teacher' },
      variables: {
        'pair0/kernel': 'regressor.conv.weight',
        'pair0/bias': 'regressor.conv.bias',
        'pair0/scale': 'regressor.bn.weight',
        'pair0/offset': 'regressor.bn.bias',
      },
    },
  ],
  loss(ops, context) {
    const losses = context.student.maps.map((map, pair) => {
      const target = context.teacher.maps[pair] as tf.Tensor4D;
      const predicted = ops.relu(regress(ops, context, pair, map as tf.Tensor4D, target));
      return ops.mean<tf.Scalar>(ops.squaredDifference(predicted, target));
    });
    return ops.addN(losses);
  },
});
