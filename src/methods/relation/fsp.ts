import type * as tf from '@tensorflow/tfjs-core';
import { object } from '../../schema/field.ts';
import { adaptiveAveragePool } from '../feature/adaptive-pooling.ts';
import { defineMethod, type Ops } from '../method.ts';

/**
 * Flow of solution: how one layer's channels turn into the next layer's.
 *
 *     G = 1/(H·W) · Σ_{h,w} F⁽²⁾_{hw,i} · F⁽¹⁾_{hw,j}              F: [batch, height, width, channels], G: [batch, C₂, C₁]
 *     L = Σ_{consecutive pairs} mean (G_s − G_t)²
 *
 * `pairs` lists the layers in order; every two neighbours make one matrix, so channels of teacher and student must be equal. The
 * larger map is average-pooled. Source: Yim et al. 2017, equations 1 and 2, in the form of RepDistiller (the paper
 * max-pools and sums).
 */
export const fsp = defineMethod({
  name: 'fsp',
  title: 'Flow of solution procedure',
  knowledge: 'relation',
  summary: 'Match how channels of one layer turn into those of the next (Yim 2017).',
  formula: [
    'G = 1/(H·W) · Σ_hw F⁽²⁾ · F⁽¹⁾',
    'L = Σ over consecutive layers of mean (G_student − G_teacher)²',
  ].join('\n'),
  papers: [
    {
      title:
        'A Gift from Knowledge Distillation: Fast Optimization, Network Minimization and Transfer Learning',
      authors: 'Yim, Joo, Bae, Kim',
      where: 'CVPR 2017',
    },
  ],
  parameters: object({}, { doc: 'The flow matrices have no settings of their own.' }),
  defaultWeight: {
    value: 50,
    source: 'RepDistiller (its first stage of 30 epochs uses 1 and no hard labels)',
  },
  needs: { pairs: { minimum: 2, maximum: 16, rank: 'map' } },
  mismatch:
    'Channels of teacher and student must be equal; of two sizes the larger map is average-pooled to the smaller.',
  checkPair: ({ teacher, student }) =>
    teacher[2] === student[2]
      ? null
      : {
          message: `fsp compares channel by channel, and the teacher layer has ${teacher[2] ?? 0} channels, the student layer ${student[2] ?? 0}.`,
          help: 'Choose layers with equal channels, or a method that adapts them (fitnet, at, sp).',
        },
  notes: ['The paper learns the flow first and the task after; here one loss does both.'],
  fixtures: [{ method: 'fsp', student: { maps: 'feats_student' }, teacher: { maps: 'feats_teacher' } }],
  loss(ops, { student, teacher }) {
    const s = flows(ops, student.maps);
    const t = flows(ops, teacher.maps);
    return ops.addN(s.map((flow, i) => ops.mean<tf.Scalar>(ops.squaredDifference(flow, t[i] as tf.Tensor))));
  },
});

function flows(ops: Ops, maps: readonly tf.Tensor[]): readonly tf.Tensor3D[] {
  return maps.slice(1).map((map, i) => {
    const bottom = maps[i] as tf.Tensor4D;
    const top = map as tf.Tensor4D;
    const height = Math.min(bottom.shape[1], top.shape[1]);
    const width = Math.min(bottom.shape[2], top.shape[2]);
    const rows = (x: tf.Tensor4D): tf.Tensor3D =>
      ops.reshape(adaptiveAveragePool(ops, x, height, width), [x.shape[0], height * width, x.shape[3]]);
    return ops.div(ops.matMul(rows(top), rows(bottom), true, false), height * width);
  });
}
